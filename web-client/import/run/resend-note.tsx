/** What the page says while an upload that broke off is sent again by itself. */
import { contactsWritten } from '../../following/import-outcome.ts';
import { type ImportView, isSentAgain } from '../../following/import-view.ts';
import { asSentence, joinSentences, sentenceGap } from '../../words/format/sentences.ts';
import { resendWords, takeBackTitle } from '../../words/words.ts';

export function ResendNote({ view }: { view: ImportView }) {
  const { upload, state } = view;
  const isWaiting = upload?.phase === 'retrying';
  if (!isWaiting && !isSentAgain(view)) return null;
  const hasRows = state !== null && state.undo === null && contactsWritten(state) > 0;
  const reason = state?.undo == null ? resendWords.title : asSentence(takeBackTitle(state));
  return (
    <p class="callout is-warn" data-testid="resend-note">
      <strong>{reason}</strong>
      {sentenceGap()}
      {joinSentences([
        hasRows && resendWords.takenBackFirst,
        isWaiting && upload.retryAt !== null ? resendWords.at(upload.retryAt) : resendWords.now,
      ])}
    </p>
  );
}
