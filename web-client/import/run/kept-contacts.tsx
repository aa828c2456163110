/** The contacts that an undo has not taken back: how many, and on demand which, and why. */

import type { UndoProgress } from '@tidings/contracts/imports/import.ts';
import type { UndoItem } from '@tidings/contracts/imports/undo-outcomes.ts';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { announce } from '../../shell/frame/announcer.ts';
import { explainError } from '../../shell/services/explain.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { sentenceGap } from '../../words/format/sentences.ts';
import { announcements, keptWords } from '../../words/words.ts';
import type { ImportActions } from '../place/import-actions.ts';

interface KeptContactsProps {
  readonly undo: UndoProgress;
  readonly fetchKept: ImportActions['fetchKept'];
}

interface Kept {
  readonly items: readonly UndoItem[];
  readonly nextCursor: string | null;
}

export function KeptContacts({ undo, fetchKept }: KeptContactsProps) {
  const [kept, setKept] = useState<Kept | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const load = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const page = await fetchKept(kept?.nextCursor ?? null);
      const items = [...(kept?.items ?? []), ...page.items];
      setKept({ items, nextCursor: page.nextCursor });
      announce(announcements.keptShown(items.length));
    } catch (error) {
      setProblem(explainError(error));
    }
    setBusy(false);
  };
  const showMore = kept === null ? keptWords.show : keptWords.more;
  if (undo.endedAt === null || undo.kept + undo.failed === 0) return null;
  return (
    <div class="callout is-warn">
      {undo.kept > 0 && (
        <p>
          <strong>{keptWords.kept(undo.kept)}</strong>
          {sentenceGap()}
          {keptWords.why}
        </p>
      )}
      {undo.failed > 0 && (
        <p>
          <strong>{keptWords.failed(undo.failed)}</strong>
          {sentenceGap()}
          {keptWords.tryAgain}
        </p>
      )}
      {kept !== null && <KeptList items={kept.items} isWhole={kept.nextCursor === null} />}
      {problem !== null && <ProblemNote problem={problem} />}
      {(kept === null || kept.nextCursor !== null) && (
        <p>
          <ActionButton busy={busy} onClick={() => void load()} testId="show-kept">
            {busy ? keptWords.loading : showMore}
          </ActionButton>
        </p>
      )}
    </div>
  );
}

function KeptList({ items, isWhole }: { items: readonly UndoItem[]; isWhole: boolean }) {
  const list = useRef<HTMLUListElement>(null);
  // The button that had the focus goes away with the last page.
  useLayoutEffect(() => {
    if (isWhole) list.current?.focus({ preventScroll: true });
  }, [isWhole]);
  return (
    <ul ref={list} class="kept" tabIndex={-1} aria-label={keptWords.caption} data-testid="kept-contacts">
      {items.map(({ contactId, email, outcome, reason }) => (
        <li key={contactId}>
          <b>{email}</b> <span class="soft">{keptWords.outcome(outcome, reason)}</span>
        </li>
      ))}
    </ul>
  );
}
