/** What an undo changes. It runs page by page; the fold names the page that is to be done next. */
import type { ImportCommandData } from '@tidings/contracts/import-commands.ts';
import type { UndoPageWork } from '@tidings/contracts/work.ts';
import { type ImportFold, withState } from './import-fold.ts';
import type { LoggedCommand } from './logged-command.ts';

/** null where an undo has begun already. */
export function beginUndo(current: ImportFold, logged: LoggedCommand): ImportFold | null {
  if (current.undo !== null) return null;
  const begun = withState(current, { undo: { reversed: 0, kept: 0, failed: 0, endedAt: null } });
  return {
    ...begun,
    undo: { undoId: logged.cause.eventId, page: 0, after: null, retry: null, running: true },
  };
}

/** null for a page that was not asked for, or is done. */
export function completePage(
  current: ImportFold,
  logged: LoggedCommand,
  data: ImportCommandData['undo.page_completed'],
): ImportFold | null {
  const { undo } = current;
  const sums = current.state.undo;
  if (undo === null || sums === null || !undo.running || data.page !== undo.page) return null;
  const isLast = data.next === null;
  const done = withState(current, {
    undo: {
      reversed: sums.reversed + data.reversed,
      kept: sums.kept + data.kept,
      failed: sums.failed + data.failed,
      endedAt: isLast ? new Date(logged.timestamp).toISOString() : null,
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

/** The page that the undo waits for; null where no undo runs. */
export function undoPage({ state, uploadId, owner, undo }: ImportFold): UndoPageWork | null {
  if (!undo?.running) return null;
  const { undoId, page, after } = undo;
  return { importId: state.importId, uploadId, undoId, owner, page, after };
}
