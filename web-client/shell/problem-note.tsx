/** Something that went wrong: what, why, and the way on. */
import type { ComponentChildren } from 'preact';
import type { PageProblem } from './page-problem.ts';

interface ProblemNoteProps {
  readonly problem: PageProblem;
  /** Whether the live region says it already; else a screen reader is told at once. */
  readonly said?: boolean;
  readonly note?: string | null;
  /** What can be done. */
  readonly children?: ComponentChildren;
}

export function ProblemNote({ problem, said = false, note = null, children }: ProblemNoteProps) {
  return (
    <div class="callout is-bad" role={said ? undefined : 'alert'} data-testid="problem">
      <p>
        <strong>{problem.title}.</strong> {detailOf(problem)}
        {problem.line !== undefined &&
          !problem.detail.includes(`line ${problem.line}`) &&
          ` Line ${problem.line}.`}
      </p>
      {note !== null && <p>{note}</p>}
      {children !== undefined && <div class="actions">{children}</div>}
    </div>
  );
}

/** Without the title, where it begins by saying that again. */
function detailOf({ title, detail }: PageProblem): string {
  return detail.startsWith(`${title}. `) ? detail.slice(title.length + 2) : detail;
}
