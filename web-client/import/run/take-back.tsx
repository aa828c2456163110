/** An import that is taken back, or was: the question before it, how far it is, and what was kept. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { contactsWritten, isTakenBackNow } from '../../following/view/import-outcome.ts';
import { Confirm } from '../../shell/components/confirm.tsx';
import { takeBackWords } from '../../words/words.ts';
import { takeBackPhase } from './phases.ts';
import { PhaseItem } from './progress-phases.tsx';

/** Asks, and then takes the import back, or what is left of it. */
export function TakeBack({ state, takeBack }: { state: ImportState; takeBack: () => Promise<void> }) {
  const { rows, undo } = state;
  const { label, question, yes, no } = undo === null ? takeBackWords : takeBackWords.again;
  const meaning =
    undo === null
      ? takeBackWords.meaning(rows.created, rows.updated)
      : takeBackWords.again.meaning(undo.failed, undo.kept);
  return (
    <Confirm label={label} question={question} yes={yes} no={no} act={takeBack} testId="take-back">
      {meaning}
    </Confirm>
  );
}

/** How far the undo is; after it, whether all is as it was. */
export function TakeBackProgress({ state }: { state: ImportState }) {
  const { undo } = state;
  if (contactsWritten(state) === 0) return null;
  if (undo === null || isTakenBackNow(state))
    return <PhaseItem name={takeBackWords.phase} testId="take-back-progress" phase={takeBackPhase(state)} />;
  return undo.kept + undo.failed > 0 ? null : <p class="fineprint">{takeBackWords.asBefore}</p>;
}
