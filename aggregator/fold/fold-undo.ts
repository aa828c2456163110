/** What an undo changes. It runs page by page; the fold names the page that is to be done next. */
import type { UndoProgress } from '@tidings/contracts/imports/import.ts';
import type { ImportCommandData } from '@tidings/contracts/imports/import-commands.ts';
import type { UndoPageWork } from '@tidings/contracts/imports/work.ts';
import { type ImportFold, withState } from '../state/import-fold.ts';
import type { LoggedCommand } from './logged-command.ts';

/** Of a dead page nobody knows how many contacts it has. */
const DEAD_PAGE_CONTACTS = 1;

/** The first undo of the upload; null where one has begun already. */
export function beginUndo(current: ImportFold, logged: LoggedCommand): ImportFold | null {
  if (current.undo !== null) return null;
  return begin(current, logged, 1, { reversed: 0, kept: 0, failed: 0 });
}

/**
 * One more undo. null unless the command names the last one, which has ended and left contacts that it could not take back. What is
 * reversed or kept stays so; what has failed is counted anew.
 */
export function undoAgain(
  current: ImportFold,
  logged: LoggedCommand,
  { again }: ImportCommandData['import.undo'],
): ImportFold | null {
  const { undo } = current;
  const sums = current.state.undo;
  if (undo === null || sums === null || undo.undoId !== again || undo.running || sums.failed === 0)
    return null;
  return begin(current, logged, undo.run + 1, { ...sums, failed: 0 });
}

function begin(
  current: ImportFold,
  logged: LoggedCommand,
  run: number,
  sums: Omit<UndoProgress, 'endedAt'>,
): ImportFold {
  const { eventId: undoId } = logged.cause;
  const undo = { undoId, run, page: 0, after: null, retry: null, running: true, dead: false };
  return { ...withState(current, { undo: { ...sums, endedAt: null } }), undo };
}

/** null for a page that was not asked for, or is done. A success counts after a failure, because the contact store has done the page. */
export function completePage(
  current: ImportFold,
  logged: LoggedCommand,
  data: ImportCommandData['undo.page_completed'],
): ImportFold | null {
  const asked = current.undo?.dead ? requeuePage(current, data) : current;
  if (asked === null || !isAsked(asked, data.page)) return null;
  const { undo, state } = asked;
  const sums = { ...state.undo, ...data.earlier };
  const isLast = data.next === null;
  const done = withState(asked, {
    undo: {
      reversed: sums.reversed + data.reversed,
      kept: sums.kept + data.kept,
      failed: sums.failed + data.failed,
      endedAt: isLast ? endedAt(logged) : null,
    },
  });
  const next = isLast ? { running: false } : { page: undo.page + 1, after: data.next };
  return { ...done, undo: { ...undo, ...next, retry: null } };
}

/** null for a page that is not the one that the undo waits for, and for an attempt that is known. */
export function retryPage(
  current: ImportFold,
  { page, attempt, attempts, dueAt }: ImportCommandData['undo.page_retrying'],
): ImportFold | null {
  const { undo } = current;
  if (!undo?.running || page !== undo.page || attempt <= (undo.retry?.attempt ?? 0)) return null;
  return { ...current, undo: { ...undo, retry: { attempt, attempts, dueAt } } };
}

/** The page that the undo waits for is gone, and asked for again. null where no undo runs. */
export function losePage(current: ImportFold): ImportFold | null {
  const { undo } = current;
  return undo?.running ? { ...current, undo: { ...undo, retry: null } } : null;
}

/** The undo ends at a page that is a dead letter. null for a page that was not asked for, or is done. */
export function failPage(
  current: ImportFold,
  logged: LoggedCommand,
  { page }: ImportCommandData['undo.page_failed'],
): ImportFold | null {
  if (!isAsked(current, page)) return null;
  const { undo, state } = current;
  const failed = state.undo.failed + DEAD_PAGE_CONTACTS;
  const ended = withState(current, { undo: { ...state.undo, failed, endedAt: endedAt(logged) } });
  return { ...ended, undo: { ...undo, retry: null, running: false, dead: true } };
}

/** The undo goes on with the dead page. null for any other page. */
export function requeuePage(
  current: ImportFold,
  { page }: Pick<ImportCommandData['undo.page_requeued'], 'page'>,
): ImportFold | null {
  const { undo } = current;
  const sums = current.state.undo;
  if (undo === null || sums === null || !undo.dead || undo.page !== page) return null;
  const failed = sums.failed - DEAD_PAGE_CONTACTS;
  const goingOn = withState(current, { undo: { ...sums, failed, endedAt: null } });
  return { ...goingOn, undo: { ...undo, running: true, dead: false } };
}

type Undoing = ImportFold & {
  readonly undo: NonNullable<ImportFold['undo']>;
  readonly state: { readonly undo: UndoProgress };
};

/** Whether an undo runs, and waits for this page. */
function isAsked(current: ImportFold, page: number): current is Undoing {
  const { undo, state } = current;
  return undo?.running === true && undo.page === page && state.undo !== null;
}

function endedAt({ timestamp }: LoggedCommand): string {
  return new Date(timestamp).toISOString();
}

/** The page that the undo waits for; null where no undo runs. */
export function undoPage({ state, uploadId, owner, undo }: ImportFold): UndoPageWork | null {
  if (!undo?.running) return null;
  const { undoId, run, page, after } = undo;
  return { importId: state.importId, uploadId, undoId, run, owner, page, after };
}
