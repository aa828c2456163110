/** One place for what a reader should know while an import runs. It keeps its height, so that nothing moves when that changes. */
import { useState } from 'preact/hooks';
import { type ImportView, isSentAgain, isStale } from '../../following/view/import-view.ts';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { cancelWords, runWords } from '../../words/words.ts';
import type { ImportActions } from '../place/import-actions.ts';
import { CancelNote } from './cancel.tsx';
import { ResendNote } from './resend-note.tsx';
import { StaleNote } from './stale-note.tsx';

interface RunNoteProps extends Pick<ImportActions, 'tellWhenDone'> {
  readonly view: ImportView;
}

export function RunNote({ view, tellWhenDone }: RunNoteProps) {
  const { upload, state, problem, cancelWaits } = view;
  const isResent = upload?.phase === 'retrying' || isSentAgain(view);
  const isCancelling = state?.status === 'cancelling';
  const isQuiet =
    problem === null &&
    cancelWaits === null &&
    !isStale(view) &&
    !isResent &&
    !isCancelling &&
    upload?.phase !== 'opening';
  return (
    <div class="run-note">
      {cancelWaits !== null && <CancelNote view={view} />}
      {problem === null && cancelWaits === null && <StaleNote view={view} />}
      <ResendNote view={view} />
      {isCancelling && <p class="callout">{cancelWords.cancelling}</p>}
      {isQuiet && <MayClose isSending={upload?.phase === 'sending'} tellWhenDone={tellWhenDone} />}
    </div>
  );
}

interface MayCloseProps extends Pick<ImportActions, 'tellWhenDone'> {
  readonly isSending: boolean;
}

function MayClose({ isSending, tellWhenDone }: MayCloseProps) {
  const [tells, setTells] = useState<boolean | null>(null);
  const ask = async (): Promise<void> => setTells((await tellWhenDone?.()) ?? false);
  return (
    <>
      <p data-testid="may-close">{isSending ? runWords.keepOpen : runWords.mayClose}</p>
      {tells !== null && <p role="status">{tells ? runWords.willTell : runWords.willNotTell}</p>}
      {tells === null && tellWhenDone !== null && (
        <ActionButton onClick={() => void ask()} testId="tell-when-done">
          {runWords.tellWhenDone}
        </ActionButton>
      )}
    </>
  );
}
