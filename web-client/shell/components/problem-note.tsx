/** A problem on a page: what went wrong, why, and how to go on. */
import type { ComponentChildren } from 'preact';
import { asSentence, sentenceGap } from '../../words/format/sentences.ts';
import { problemWords } from '../../words/words.ts';
import type { PageProblem } from '../services/page-problem.ts';

interface ProblemNoteProps {
  readonly problem: PageProblem;
  /** Whether the live region announces the problem already. Otherwise the note is an alert of its own. */
  readonly said?: boolean;
  readonly note?: string | null;
  /** Buttons and links that lead on. */
  readonly children?: ComponentChildren;
}

export function ProblemNote({ problem, said = false, note = null, children }: ProblemNoteProps) {
  return (
    <div class="callout is-bad" data-testid="problem">
      {/* Without what leads on: an alert is read again as a whole where anything in it changes. */}
      <div role={said ? undefined : 'alert'}>
        <p>
          <strong>{asSentence(problem.title)}</strong>
          {sentenceGap()}
          <span lang={problem.detailLanguage}>{detailOf(problem)}</span>
          {problem.line !== undefined &&
            !problem.detail.includes(`line ${problem.line}`) &&
            `${sentenceGap()}${problemWords.line(problem.line)}`}
        </p>
        {note !== null && <p>{note}</p>}
      </div>
      {children !== undefined && <div class="actions">{children}</div>}
    </div>
  );
}

/** The detail without the title, where the detail begins with it. */
function detailOf({ title, detail }: PageProblem): string {
  return detail.startsWith(`${title}. `) ? detail.slice(title.length + 2) : detail;
}
