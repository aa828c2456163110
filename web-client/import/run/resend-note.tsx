/** What the page says while an upload that broke off goes on by itself, or is sent again from its start. */
import { contactsWritten } from '../../following/view/import-outcome.ts';
import { type ImportView, isSentAgain, type UploadView } from '../../following/view/import-view.ts';
import { asSentence, joinSentences, sentenceGap } from '../../words/format/sentences.ts';
import { resendWords, takeBackTitle } from '../../words/words.ts';

export function ResendNote({ view }: { view: ImportView }) {
  const { upload, state } = view;
  const isWaiting = upload?.phase === 'retrying';
  const isAnew = isSentAgain(view);
  if (!isWaiting && !isAnew) return null;
  const hasRows = isAnew && state !== null && state.undo === null && contactsWritten(state) > 0;
  const reason = state?.undo == null ? resendWords.title : asSentence(takeBackTitle(state));
  return (
    <p class="callout is-warn" data-testid="resend-note">
      <strong>{reason}</strong>
      {sentenceGap()}
      {joinSentences([
        hasRows && resendWords.takenBackFirst,
        isWaiting ? howItGoesOn(upload, isAnew) : resendWords.now,
      ])}
    </p>
  );
}

function howItGoesOn({ retryAt }: UploadView, isAnew: boolean): string {
  if (retryAt === null) return resendWords.trying;
  return isAnew ? resendWords.at(retryAt) : resendWords.goesOnAt(retryAt);
}
