/**
 * The fold: an import's state and a command give the next state, the notifications about it, and the next page of its undo. The
 * fold is pure: it reads no clock but the log's, so any instance that folds the same commands gets the same state.
 *
 * `states.ts` lists which commands count in which status. The fold also ignores a command that repeats or is late: a report of a
 * chunk that has reported, a command of another upload, a command about an older version of the state.
 */
import { hasEnded, type ImportStatus, isAtRest, sumRows } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import type { ImportNotificationType, LostChunks } from '@tidings/contracts/imports/import-notification.ts';
import type { UndoPageWork } from '@tidings/contracts/imports/work.ts';
import { type ImportFold, unpackImport, withState } from '../state/import-fold.ts';
import { recentSamples, rowsPerSecond } from '../state/rate.ts';
import { lose, lostChunksOf, report, requeue, retry, stopWork } from './fold-chunks.ts';
import {
  beginUndo,
  completePage,
  failPage,
  losePage,
  requeuePage,
  retryPage,
  undoAgain,
  undoPage,
} from './fold-undo.ts';
import { abort, accept, acceptNext, expire, heartbeat, seal } from './fold-uploads.ts';
import type { ForgottenImports } from './forgotten-imports.ts';
import type { LoggedCommand } from './logged-command.ts';
import { hasMoved } from './moved.ts';
import { endStatus, nextStatus } from './states.ts';
import { waitingFor } from './waiting.ts';

/** A durable notification that a command leads to; its data is the state. */
export interface StateNotification {
  readonly type: ImportNotificationType;
  /** Only where the notification is about a chunk. */
  readonly chunk?: number;
  /** Only where it is about chunks that were lost. */
  readonly lost?: LostChunks;
  /** Nothing more happens to the import, as far as is known now. A requeue or an undo goes on behind it. */
  readonly final: boolean;
}

export interface FoldResult {
  /** undefined: the import is not known. null: the log may forget the import. */
  readonly next: ImportFold | null | undefined;
  readonly notifications: readonly StateNotification[];
  /** A page of an undo that is to be done now. */
  readonly undoPage: UndoPageWork | null;
  /** The command changed nothing. */
  readonly ignored: boolean;
  /**
   * The command came to nothing because the import, as it knows it, may have gone on and is forgotten. Then the contact store has what it
   * is now: an order is to be obeyed once more, and a report of a chunk to be made once more.
   */
  readonly cameTooLate?: boolean;
}

/** Commands behind which a page of an undo is asked for, while it runs. */
const pageAskers: ReadonlySet<ImportCommand['type']> = new Set([
  'import.undo',
  'undo.page_completed',
  'work.lost',
]);

/** Orders about dead letters, and reports of late chunks: they are lost to nobody where they come too late. */
const repeatable: ReadonlySet<ImportCommand['type']> = new Set([
  'chunk.requeued',
  'undo.page_requeued',
  'chunk.completed',
]);

const toForget: FoldResult = { next: null, notifications: [], undoPage: null, ignored: false };

/** @param forgotten what was forgotten lately of the command's partition; without it, what a command carries is taken as it is */
export function fold(
  current: ImportFold | undefined,
  logged: LoggedCommand,
  forgotten?: Pick<ForgottenImports, 'hasOvertaken'>,
): FoldResult {
  const { command } = logged;
  if (current === undefined && isOvertaken(command, forgotten))
    return { ...ignored(current), cameTooLate: repeatable.has(command.type) };
  const known = current ?? carriedBy(logged);
  const status = nextStatus[known?.state.status ?? 'unknown'][command.type];
  if (status === null || status === 'carried') return ignored(current);
  if (known === undefined) {
    if (command.type !== 'import.accepted') return ignored(current);
    return folded(accept(logged, command.data), [{ type: 'import.accepted', final: false }]);
  }
  if (!isAbout(known, command)) return ignored(current);
  if (status === 'unknown') return isAtRest(known.state) ? toForget : ignored(current);
  const changed = change(known, logged);
  if (changed === null) return ignored(current);
  return goOn(known, withCommand(known, changed, status, logged), logged);
}

/** Whether a command about an import that the log has not was made without its last state: with an older one, or with none. */
function isOvertaken({ data }: ImportCommand, forgotten?: Pick<ForgottenImports, 'hasOvertaken'>): boolean {
  if (!('folded' in data) || data.folded === undefined) return false;
  const { folded, asOf } = data;
  if (folded === null) return true;
  return asOf !== undefined && (forgotten?.hasOvertaken(folded, asOf) ?? false);
}

/** The import that the command brings back; undefined where it brings none, or one that cannot have been forgotten. */
function carriedBy({ importId, command: { data } }: LoggedCommand): ImportFold | undefined {
  const carried = 'folded' in data ? data.folded : undefined;
  return carried?.state.importId === importId && isAtRest(carried.state) ? unpackImport(carried) : undefined;
}

/** Whether the command is about this upload of the import, this undo, or this version of the state. */
function isAbout({ uploadId, undo, state }: ImportFold, { type, data }: ImportCommand): boolean {
  if (type === 'import.accepted') return true;
  if ('uploadId' in data && data.uploadId !== uploadId) return false;
  if ('undoId' in data) return data.undoId === undo?.undoId;
  return 'version' in data ? data.version === state.version : true;
}

/** The import with the command's data, its status, version and cause still the old ones; null for a command that repeats. */
function change(current: ImportFold, logged: LoggedCommand): ImportFold | null {
  const { command } = logged;
  switch (command.type) {
    case 'import.accepted':
      return acceptNext(current, logged, command.data);
    case 'upload.heartbeat':
      return heartbeat(current, logged, command.data);
    case 'upload.sealed':
      return seal(current, logged, command.data);
    case 'upload.aborted':
      return abort(current, command.data);
    case 'upload.expired':
      return expire(current, command.data);
    case 'import.cancel':
      return current;
    case 'chunk.retrying':
      return retry(current, command.data);
    case 'chunk.completed':
    case 'chunk.failed':
      return report(current, logged, command);
    case 'work.lost':
      return loseWork(current, logged);
    case 'work.stopped':
      return stopWork(current, logged);
    case 'chunk.requeued':
      return requeue(current, logged, command.data);
    case 'import.undo':
      if (current.state.dryRun) return null;
      return current.undo === null && command.data.again === null
        ? beginUndo(current, logged)
        : undoAgain(current, logged, command.data);
    case 'undo.page_completed':
      return completePage(current, logged, command.data);
    case 'undo.page_retrying':
      return retryPage(current, command.data);
    case 'undo.page_failed':
      return failPage(current, logged, command.data);
    case 'undo.page_requeued':
      return requeuePage(current, command.data);
    case 'import.compared':
      return withState(current, { reconciled: command.data.reconciled });
    case 'import.projected':
      return null;
  }
}

/** null where nothing of the import is missing. An undo whose page is missing asks for it again. */
function loseWork(current: ImportFold, logged: LoggedCommand): ImportFold | null {
  const failed = lose(current, logged);
  return losePage(failed ?? current) ?? failed;
}

function withCommand(
  before: ImportFold,
  changed: ImportFold,
  status: ImportStatus,
  { command, cause, offset, timestamp }: LoggedCommand,
): ImportFold {
  // An import that was carried back may come from a log whose offsets were higher.
  const version = Math.max(offset, before.state.version + 1);
  const moved = hasMoved(before.state, { ...changed.state, status })
    ? { movedAt: new Date(timestamp).toISOString() }
    : {};
  const folded = { ...withState(changed, { status, version, ...moved }), cause };
  const next = withState(folded, { waitingFor: waitingFor(folded, command) });
  if (next.state.endedAt !== null) return next;
  return withState(next, { rowsPerSecond: rowsPerSecond(recentSamples(next.samples, timestamp)) });
}

/** Ends the import if it has come to its end, and then begins the undo that comes by itself. */
function goOn(previous: ImportFold, next: ImportFold, logged: LoggedCommand): FoldResult {
  const { command } = logged;
  const before = notificationsOf(command, previous, next);
  const end = endOf(next);
  const ended = end === null ? next : endAs(end, next, logged);
  const isBrokenOff = end === 'failed' && ended.state.autoUndo;
  const undoing = isBrokenOff ? beginUndo(ended, logged) : null;
  const last = undoing ?? ended;
  const final = isAtRest(last.state);
  const outcome: StateNotification[] = end === null ? [] : [{ type: `import.${end}`, final }];
  const asksForPage = undoing !== null || pageAskers.has(command.type);
  return folded(last, [...before, ...outcome], asksForPage ? undoPage(last) : null);
}

function notificationsOf(
  command: ImportCommand,
  previous: ImportFold,
  { state, undo }: ImportFold,
): StateNotification[] {
  switch (command.type) {
    case 'import.accepted':
      return [{ type: 'import.accepted', final: false }];
    case 'upload.sealed':
      return [{ type: 'import.sealed', final: false }];
    case 'chunk.failed':
      return [{ type: 'import.chunk_failed', chunk: command.data.chunk, final: false }];
    case 'work.lost': {
      const lost = lostChunksOf(previous);
      return lost.lostChunks > 0 ? [{ type: 'import.chunks_lost', lost, final: false }] : [];
    }
    case 'import.compared':
      return [{ type: 'import.reconciled', final: isAtRest(state) }];
    case 'undo.page_completed':
    case 'undo.page_failed':
      // The undo of an import that is `undoing` is told by the import's own end.
      return !undo?.running && state.status !== 'undoing'
        ? [{ type: 'import.undone', final: isAtRest(state) }]
        : [];
    default:
      return [];
  }
}

/** The import's end, where its upload has ended, every expected chunk has reported, and no undo that it waits for runs. */
function endOf({ expected, reported, undo, state, totals }: ImportFold) {
  const { status, upload } = state;
  if (hasEnded(state) || upload === 'receiving' || expected === null || !reported.covers(expected))
    return null;
  if (status === 'undoing' && undo?.running) return null;
  const row = endStatus[status === 'cancelling' || status === 'undoing' ? status : upload];
  return row[totals.rejected > 0 || totals.failed > 0 ? 'withErrors' : 'clean'];
}

function endAs(status: ImportStatus, complete: ImportFold, logged: LoggedCommand): ImportFold {
  const { state } = complete;
  const rows = sumRows(complete.totals);
  const whole = [
    { at: Date.parse(state.acceptedAt), rows: 0 },
    { at: logged.timestamp, rows },
  ];
  return withState(complete, {
    status,
    waitingFor: null,
    rows: { ...state.rows, total: state.rows.total ?? rows },
    chunks: { ...state.chunks, total: state.chunks.total ?? complete.reported.size },
    // The end of an undo is not that of the import: `undo` tells it.
    ...(state.endedAt === null
      ? { endedAt: new Date(logged.timestamp).toISOString(), rowsPerSecond: rowsPerSecond(whole) }
      : {}),
  });
}

function folded(
  next: ImportFold,
  notifications: readonly StateNotification[],
  page: UndoPageWork | null = null,
): FoldResult {
  return { next, notifications, undoPage: page, ignored: false };
}

function ignored(next: ImportFold | undefined): FoldResult {
  return { next, notifications: [], undoPage: null, ignored: true };
}
