/** Asks, and then ends an import early; says so where the services do not answer. */
import { rowsReported } from '@tidings/contracts/imports/import.ts';
import type { ImportView } from '../../following/view/import-view.ts';
import { Confirm } from '../../shell/components/confirm.tsx';
import { joinSentences, sentenceGap } from '../../words/format/sentences.ts';
import { cancelWords } from '../../words/words.ts';

export function Cancel({
  view: { state, upload },
  cancel,
}: {
  view: ImportView;
  cancel: () => Promise<void>;
}) {
  if (state === null) return null;
  const { created, updated, total } = state.rows;
  const left = total === null ? null : total - rowsReported(state);
  const isOnItsWay = upload?.phase === 'sending' || upload?.phase === 'retrying';
  const { label, question, yes, no, meaning, restNotSent } = cancelWords;
  return (
    <Confirm label={label} question={question} yes={yes} no={no} act={cancel} testId="cancel">
      {joinSentences([meaning(created, updated, left), isOnItsWay && restNotSent])}
    </Confirm>
  );
}

/** While nobody knows whether the import is cancelled. */
export function CancelNote({ view: { upload, cancelWaits } }: { view: ImportView }) {
  const { notSent, unanswered, asked } = cancelWords;
  const { title, meaning } = cancelWaits === 'asked' ? asked : unanswered;
  return (
    <p class="callout is-warn" data-testid="cancel-note">
      <strong>{title}</strong>
      {sentenceGap()}
      {joinSentences([upload?.phase === 'broken' && notSent, meaning])}
    </p>
  );
}
