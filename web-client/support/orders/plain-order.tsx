/** An order that wants no reason. */
import { useState } from 'preact/hooks';
import { announce } from '../../shell/announcer.ts';
import type { PageProblem } from '../../shell/page-problem.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { orderWords } from '../../words/support-words.ts';
import { explainSupportError } from '../support-problem.ts';

interface PlainOrderProps {
  readonly label: string;
  readonly act: () => Promise<void>;
  readonly onDone: () => void;
  /** Says in words why it fails. Default: as support is told. */
  readonly explain?: (error: unknown) => PageProblem;
  readonly testId?: string;
}

export function PlainOrder(props: PlainOrderProps) {
  const { label, act, onDone, explain = explainSupportError, testId } = props;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const run = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await act();
      announce(orderWords.ordered);
      onDone();
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button
        type="button"
        class="button is-small"
        aria-disabled={busy}
        data-testid={testId}
        onClick={() => {
          if (!busy) void run();
        }}
      >
        {label}
      </button>
      {problem !== null && <ProblemNote problem={problem} />}
    </>
  );
}
