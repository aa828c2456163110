/** An order of an owner, which wants no reason. It may change what its button is for, or take it away: then the focus goes to the page's heading. */
import { useId, useRef, useState } from 'preact/hooks';
import { ProblemNote } from '../shell/components/problem-note.tsx';
import { announce } from '../shell/frame/announcer.ts';
import { useHeadingAfter } from '../shell/frame/heading.tsx';
import { explainError } from '../shell/services/explain.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { orderWords } from '../words/support-words.ts';

interface PlainOrderProps {
  readonly label: string;
  readonly act: () => Promise<void>;
  readonly onDone: () => void;
  /** Id of the element that names what it acts on: it stands in the name of the button. */
  readonly of: string;
  readonly testId?: string;
}

export function PlainOrder(props: PlainOrderProps) {
  const { label, act, onDone, of, testId } = props;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useHeadingAfter(button);
  const run = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await act();
      announce(orderWords.ordered);
      onDone();
    } catch (error) {
      setProblem(explainError(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button
        ref={button}
        id={id}
        type="button"
        class="button is-small"
        aria-disabled={busy}
        aria-labelledby={`${id} ${of}`}
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
