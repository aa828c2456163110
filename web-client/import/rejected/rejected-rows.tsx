/** What needs the reader: rejected rows by reason, mended here or in a spreadsheet, and what became of those that were mended. */

import { type RejectedFileKind, rejectedFileName } from '@tidings/contracts/files/rejected-file.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RejectedAccess } from '../../following/access/rejected-access.ts';
import type { ImportView } from '../../following/view/import-view.ts';
import { useReturn } from '../../shell/browser/use-return.ts';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { announce } from '../../shell/frame/announcer.ts';
import { lazyPage } from '../../shell/frame/lazy.tsx';
import { explainError } from '../../shell/services/explain.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { formatRows } from '../../words/format/format.ts';
import { wordsOfCode } from '../../words/format/known.ts';
import { mendWords, rejectedWords, rowFaultWords } from '../../words/words.ts';
import type { ImportActions } from '../place/import-actions.ts';
import { createFixList, type FaultGroup, type FixList } from './fix-list.ts';
import { MendedImports } from './mended-imports.tsx';

interface RejectedRowsProps {
  readonly count: number;
  /** Whether nobody is to mend what is left of them; undefined until that is known. */
  readonly restIgnored: boolean | undefined;
  readonly mending: Mending;
  readonly actions: ImportActions;
}

/** What a page has in hand to mend the rows of one import. */
export interface Mending {
  readonly list: FixList;
  readonly openAccess: () => Promise<RejectedAccess>;
  /** Another tab may have handed rows over. */
  readonly menders: ImportView['menders'];
}

export const loadFixTable = () => import('./fix-table.tsx');
const FixTable = lazyPage(loadFixTable);
const TITLE_ID = 'to-fix-title';

export function RejectedRows({ count, restIgnored, mending, actions }: RejectedRowsProps) {
  const isIgnored = restIgnored === true;
  const { list, openAccess, menders } = mending;
  const [isOpen, setOpen] = useState(false);
  const outcome = useRef<HTMLDivElement>(null);
  const [handed, setHanded] = useState(0);
  const hand = async (): Promise<void> => {
    const answer = await list.hand();
    if (answer === null) return;
    announce(mendWords.handed(answer.rows));
    setHanded(handed + 1);
    await list.reload();
  };
  useEffect(() => {
    if (menders.size > 0) void list.reload();
  }, [menders, list]);
  // Another tab may have mended cells meanwhile.
  useReturn(list.refresh);
  const noteShown = useIgnoredSaid(restIgnored);
  const left = list.left.value ?? count;
  const hasRows = list.rows.value.length > 0;
  return (
    <section class="card to-fix" aria-labelledby={TITLE_ID} data-testid="to-fix">
      <div class="to-fix-head" ref={outcome} tabIndex={-1}>
        <h2 id={TITLE_ID}>{rejectedWords.titles[titleOf(left, isIgnored)]}</h2>
        <span class="soft" data-testid="left-to-fix">
          {isIgnored && left > 0 ? rejectedWords.ignored(left) : rejectedWords.left(left, count)}
        </span>
      </div>
      {!isIgnored && <Reasons list={list} />}
      {list.problem.value !== null && <ProblemNote problem={list.problem.value} />}
      <div class="actions">
        {hasRows && (isOpen || !isIgnored) && (
          <ActionButton primary={!isOpen} onClick={() => setOpen(!isOpen)} testId="fix-here">
            {isOpen ? rejectedWords.closeTable : rejectedWords.fixHere}
          </ActionButton>
        )}
        <Downloads download={actions.downloadRejected} />
        {(left > 0 || isIgnored) && (
          <Ignore {...{ isIgnored, openAccess }} onAsk={noteShown} onIgnored={() => setOpen(false)} />
        )}
      </div>
      {isIgnored && <p class="fineprint">{rejectedWords.ignoredMeaning}</p>}
      {!isOpen && !isIgnored && <p class="fineprint">{rejectedWords.elsewhere}</p>}
      {/* Somebody else may ignore the rows while they are mended here: what is typed stays. */}
      {isOpen && <FixTable list={list} onHand={hand} outcome={outcome} />}
      <MendedImports
        version={`${handed} ${[...menders].join()}`}
        openAccess={openAccess}
        follow={actions.follow}
        onEnd={() => void list.reload()}
      />
    </section>
  );
}

export function startMending(
  actions: Pick<ImportActions, 'openRejected'>,
  fileName: string,
): Omit<Mending, 'menders'> {
  let access: Promise<RejectedAccess> | undefined;
  const openAccess = (): Promise<RejectedAccess> => {
    access ??= actions.openRejected(rejectedFileName(fileName));
    // What could not be fetched is fetched again when it is wanted again.
    access.catch(() => {
      access = undefined;
    });
    return access;
  };
  return { list: createFixList(openAccess), openAccess };
}

/** Characters of an example's cell, at most. */
const MAX_EXAMPLE = 60;

function Reasons({ list }: { list: FixList }) {
  const isWhole = !list.hasMore.value;
  return (
    <>
      <ul class="reasons" aria-label={rejectedWords.reasons} data-testid="reasons">
        {list.groups.value.map((group) => (
          <Reason key={group.code} group={group} />
        ))}
        {list.mended.value > 0 && (
          <li data-testid="mended-here">
            <b>{rejectedWords.mendedHere}</b>
            <span class="reason-count">{formatRows(list.mended.value)}</span>
          </li>
        )}
      </ul>
      {!isWhole && <p class="fineprint">{rejectedWords.counted(list.loaded.value)}</p>}
    </>
  );
}

function Reason({ group: { code, reason, count, example } }: { group: FaultGroup }) {
  const cell = [...example.cell].slice(0, MAX_EXAMPLE).join('');
  return (
    <li>
      <b>{wordsOfCode(rowFaultWords, code, reason)}</b>
      <span class="reason-count">{formatRows(count)}</span>
      <span class="soft reason-example">{rejectedWords.example(example.line, cell)}</span>
    </li>
  );
}

function titleOf(left: number, isIgnored: boolean): keyof typeof rejectedWords.titles {
  if (left === 0) return 'mended';
  return isIgnored ? 'ignored' : 'toFix';
}

/**
 * Says that the rows are ignored, or shown again, whoever has done that, in whichever tab. What was not known before has not changed.
 * @returns to be called before the reader changes it: what is shown is what is known then
 */
function useIgnoredSaid(restIgnored: boolean | undefined): () => void {
  const known = useRef(restIgnored);
  useEffect(() => {
    const before = known.current;
    known.current = restIgnored;
    if (before === undefined || restIgnored === undefined || before === restIgnored) return;
    announce(restIgnored ? rejectedWords.ignoredMeaning : rejectedWords.shownAgain);
  }, [restIgnored]);
  return () => {
    known.current ??= false;
  };
}

interface IgnoreProps extends Pick<Mending, 'openAccess'> {
  readonly isIgnored: boolean;
  /** Called before the services are asked. */
  readonly onAsk: () => void;
  /** Called once the services ignore the rows. */
  readonly onIgnored: () => void;
}

/** Takes the import from the list of what needs somebody, and puts it back. */
function Ignore({ isIgnored, openAccess, onAsk, onIgnored }: IgnoreProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const change = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    onAsk();
    try {
      await (await openAccess()).ignore(!isIgnored);
      if (!isIgnored) onIgnored();
    } catch (error) {
      setProblem(explainError(error));
    }
    setBusy(false);
  };
  return (
    <>
      <ActionButton busy={busy} onClick={() => void change()} testId="ignore-rejected">
        {isIgnored ? rejectedWords.showAgain : rejectedWords.ignore}
      </ActionButton>
      {problem !== null && <ProblemNote problem={problem} />}
    </>
  );
}

const downloads = { xlsx: 'download-workbook', csv: 'download-rejected' } as const;

/** The rejected rows as files; a problem with one of them stands below both. */
function Downloads({ download }: { download: ImportActions['downloadRejected'] }) {
  const [busy, setBusy] = useState<RejectedFileKind | null>(null);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const start = (kind: RejectedFileKind): void => {
    setBusy(kind);
    setProblem(null);
    download(kind)
      .catch((error: unknown) => setProblem(explainError(error)))
      .finally(() => setBusy(null));
  };
  return (
    <>
      {(['xlsx', 'csv'] as const).map((kind) => (
        <ActionButton key={kind} busy={busy !== null} onClick={() => start(kind)} testId={downloads[kind]}>
          {busy === kind ? rejectedWords.preparing : rejectedWords.download[kind]}
        </ActionButton>
      ))}
      {problem !== null && <ProblemNote problem={problem} />}
    </>
  );
}
