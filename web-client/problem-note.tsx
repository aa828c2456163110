/** Something that went wrong: what, why, and the way on. */
import type { PageProblem } from './import-view.ts';

interface ProblemNoteProps {
  readonly problem: PageProblem;
  readonly retryHref?: string;
  /** Whether the live region says it already; else a screen reader is told at once. */
  readonly said?: boolean;
}

export function ProblemNote({ problem, retryHref, said = false }: ProblemNoteProps) {
  return (
    <div class="callout is-bad" role={said ? undefined : 'alert'} data-testid="problem">
      <p>
        <strong>{problem.title}.</strong> {problem.detail}
        {problem.line !== undefined &&
          !problem.detail.includes(`line ${problem.line}`) &&
          ` Line ${problem.line}.`}
      </p>
      {retryHref !== undefined && (
        <p>
          <a class="button" href={retryHref}>
            Choose a file again
          </a>
        </p>
      )}
    </div>
  );
}
