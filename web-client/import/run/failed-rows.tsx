/** Rows that could not be worked off, and the button that has them worked off again. */
import { useState } from 'preact/hooks';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { explainError } from '../../shell/services/explain.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { sentenceGap } from '../../words/format/sentences.ts';
import { failedWords, retryWords } from '../../words/words.ts';

export function FailedRows({ count, retry }: { count: number; retry: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const start = (): void => {
    setBusy(true);
    setProblem(null);
    retry()
      .catch((error: unknown) => setProblem(explainError(error)))
      .finally(() => setBusy(false));
  };
  return (
    <div class="callout is-bad">
      <p>
        <strong>{failedWords.title(count)}</strong>
        {sentenceGap()}
        {failedWords.notWritten(count)}
      </p>
      {problem !== null && <ProblemNote problem={problem} />}
      <p>
        <ActionButton busy={busy} onClick={start} testId="retry-failed">
          {busy ? retryWords.busy : retryWords.label}
        </ActionButton>
      </p>
    </div>
  );
}
