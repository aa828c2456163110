/** The earlier imports as a list: what this tab has not sent yet, what the server tells, and before that what this browser remembers. */
import './earlier.css';
import { isAtRest } from '@tidings/contracts/imports/import.ts';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RememberedImport } from '../../following/access/remembered-imports.ts';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { joinSentences } from '../../words/format/sentences.ts';
import { earlierWords, keptWords, problemWords, siteWords, staleWords } from '../../words/words.ts';
import type { ImportActions } from '../place/import-actions.ts';
import type { EarlierView } from './earlier-imports.ts';
import { groupImports } from './import-groups.ts';
import { ImportItem } from './import-item.tsx';
import { RememberedItem, type UnsentImport, UnsentItem } from './unlisted-items.tsx';

export interface EarlierListProps extends Pick<ImportActions, 'follow'> {
  readonly view: EarlierView;
  /** Newest first. */
  readonly remembered: readonly RememberedImport[];
  readonly unsent: readonly UnsentImport[];
  readonly onMore: () => void;
  readonly onAskAgain: () => void;
}

/** Imports that run and are followed by their channels, at most; the others are as the server was asked last. */
const MAX_FOLLOWED = 5;

export function EarlierList({ view, remembered, unsent, follow, onMore, onAskAgain }: EarlierListProps) {
  const { imports, answeredAt, isAsking, isLoadingMore, nextCursor, problem } = view;
  const groups = useMemo(() => groupImports(imports), [imports]);
  const running = imports.filter((state) => !isAtRest(state)).slice(0, MAX_FOLLOWED);
  const item = { follow, followed: new Set(running.map(({ importId }) => importId)) };
  const listed = answeredAt === null ? remembered.length : groups.length;
  const list = useRef<HTMLUListElement>(null);
  /** Where reading goes on after more imports have come: the place of the first one of them. */
  const [next, setNext] = useState<number | null>(null);
  useEffect(() => {
    if (next === null || groups.length <= next) return;
    list.current?.children[unsent.length + next]?.querySelector('a')?.focus();
    setNext(null);
  }, [next, groups.length]);
  return (
    <>
      {problem !== null && <ListProblem view={view} onAskAgain={onAskAgain} />}
      {listed + unsent.length > 0 && (
        <ul ref={list} class={problem === null ? 'earlier' : 'earlier is-stale'} data-testid="recent-imports">
          {unsent.map((entry) => (
            <UnsentItem key={entry.key} entry={entry} />
          ))}
          {answeredAt === null
            ? remembered.map((entry) => <RememberedItem key={entry.importId} entry={entry} />)
            : groups.map((group) => <ImportItem key={group.state.importId} {...group} {...item} />)}
        </ul>
      )}
      {isAsking && remembered.length === 0 && <p class="soft">{siteWords.loading}</p>}
      {answeredAt !== null && listed + unsent.length === 0 && (
        <p class="soft" data-testid="no-imports">
          {earlierWords.none}
        </p>
      )}
      {answeredAt !== null && nextCursor !== null && (
        <p class="earlier-more">
          <ActionButton
            busy={isLoadingMore}
            onClick={() => {
              setNext(groups.length);
              onMore();
            }}
            testId="more-imports"
          >
            {isLoadingMore ? keptWords.loading : keptWords.more}
          </ActionButton>
        </p>
      )}
    </>
  );
}

/** What is shown meanwhile, and as of when. */
function ListProblem({ view, onAskAgain }: Pick<EarlierListProps, 'view' | 'onAskAgain'>) {
  const { problem, answeredAt } = view;
  if (problem === null) return null;
  const notes = [
    problem.retriable === true ? problemWords.asksAgain : null,
    answeredAt === null ? earlierWords.remembered : staleWords.asOf(answeredAt),
  ];
  return (
    <ProblemNote problem={problem} note={joinSentences(notes)}>
      <ActionButton small onClick={onAskAgain}>
        {earlierWords.askAgain}
      </ActionButton>
    </ProblemNote>
  );
}
