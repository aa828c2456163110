/** Something that went wrong: what, why, and the way on. */
import type { PageProblem } from './import-view.ts';

export function ProblemNote({ problem, retryHref }: { problem: PageProblem; retryHref?: string }) {
  return (
    <div class="callout is-bad" role="alert" data-testid="problem">
      <p>
        <strong>{problem.title}.</strong> {problem.detail}
        {problem.line !== undefined && ` (line ${problem.line})`}
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
