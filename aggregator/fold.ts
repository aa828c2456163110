/**
 * The fold: an import's state and a command give the next state, and the notifications about it. The fold is pure: it reads no
 * clock but the log's, so any instance that folds the same commands gets the same state.
 *
 * `states.ts` lists which commands count in which status. The fold also ignores a command that repeats or is late: a report of a
 * chunk that has reported, a command of another upload, a command about an older version of the state.
 */
import type { Cause } from '@tidings/contracts/event.ts';
import {
  buckets,
  hasEnded,
  type ImportNotificationType,
  type ImportState,
  type ImportStatus,
  noRows,
  sumRows,
} from '@tidings/contracts/import.ts';
import type { ImportCommand, ImportCommandData } from '@tidings/contracts/import-commands.ts';
import { ChunkSet } from './chunk-set.ts';
import type { ImportFold } from './import-fold.ts';
import { publishedRows } from './published-rows.ts';
import { addSample, rowsPerSecond } from './rate.ts';
import { endStatus, nextStatus, nextUpload, type UploadCommandType } from './states.ts';

/** A command as it stands in the log. */
export interface LoggedCommand {
  readonly importId: string;
  readonly command: ImportCommand;
  readonly cause: Cause;
  /** In the partition of the commands; becomes the state's version. */
  readonly offset: number;
  /** Milliseconds since 1970, of the log's clock. */
  readonly timestamp: number;
}

/** A durable notification that a command leads to; its data is the state. */
export interface StateNotification {
  readonly type: ImportNotificationType;
  /** Only where the notification is about a chunk. */
  readonly chunk?: number;
  /** The import has ended. */
  readonly final: boolean;
}

export interface FoldResult {
  /** undefined: the import is not known. null: the log may forget the import. */
  readonly next: ImportFold | null | undefined;
  readonly notifications: readonly StateNotification[];
  /** The command changed nothing. */
  readonly ignored: boolean;
}

export function fold(current: ImportFold | undefined, logged: LoggedCommand): FoldResult {
  const { command } = logged;
  const status = nextStatus[current?.state.status ?? 'unknown'][command.type];
  if (status === null) return ignored(current);
  if (current === undefined) {
    return command.type === 'import.accepted'
      ? folded(accept(logged, command.data), notificationsOf(command))
      : ignored(current);
  }
  if (!isAbout(current, command)) return ignored(current);
  if (status === 'unknown') return { next: null, notifications: [], ignored: false };
  const changed = change(current, logged);
  if (changed === null) return ignored(current);
  const next: ImportFold = {
    ...changed,
    cause: logged.cause,
    state: { ...changed.state, status, version: logged.offset },
  };
  const notifications = notificationsOf(command);
  if (hasEnded(next.state) || !isComplete(next)) return folded(next, notifications);
  const end = endOf(next);
  return folded(endAs(end, next, logged), [...notifications, { type: `import.${end}`, final: true }]);
}

/** Whether the command is about this upload of the import, or this version of its state. */
function isAbout({ uploadId, state }: ImportFold, { data }: ImportCommand): boolean {
  return 'uploadId' in data ? data.uploadId === uploadId : data.version === state.version;
}

function notificationsOf(command: ImportCommand): StateNotification[] {
  switch (command.type) {
    case 'import.accepted':
      return [{ type: 'import.accepted', final: false }];
    case 'upload.sealed':
      return [{ type: 'import.sealed', final: false }];
    case 'chunk.failed':
      return [{ type: 'import.chunk_failed', chunk: command.data.chunk, final: false }];
    case 'import.compared':
      return [{ type: 'import.reconciled', final: true }];
    default:
      return [];
  }
}

/** The import with the command's data, its status, version and cause still the old ones; null for a command that repeats. */
function change(current: ImportFold, logged: LoggedCommand): ImportFold | null {
  const { command } = logged;
  switch (command.type) {
    case 'upload.heartbeat':
      return changeUpload(current, command.type, { bytes: command.data.bytes });
    case 'upload.sealed':
      return seal(current, logged, command.data);
    case 'upload.aborted':
      return abort(current, command.data);
    case 'chunk.completed':
    case 'chunk.failed':
      return report(current, logged, command);
    case 'import.compared':
      return withState(current, { reconciled: command.data.reconciled });
    case 'import.accepted':
    case 'import.projected':
      return null;
  }
}

function accept(logged: LoggedCommand, data: ImportCommandData['import.accepted']): ImportFold {
  return {
    owner: data.owner,
    uploadId: data.uploadId,
    cause: logged.cause,
    totals: noRows(),
    reported: ChunkSet.empty,
    expected: null,
    samples: [{ at: logged.timestamp, rows: 0 }],
    state: {
      importId: logged.importId,
      channelId: data.channelId,
      version: logged.offset,
      status: 'accepted',
      upload: 'receiving',
      uploadError: null,
      fileName: data.fileName,
      clientReference: data.clientReference,
      rows: { total: null, ...noRows() },
      chunks: { total: null, completed: 0, failed: 0 },
      bytes: 0,
      rowsPerSecond: 0,
      acceptedAt: new Date(logged.timestamp).toISOString(),
      sealedAt: null,
      endedAt: null,
      reconciled: null,
    },
  };
}

function seal(
  current: ImportFold,
  logged: LoggedCommand,
  data: ImportCommandData['upload.sealed'],
): ImportFold | null {
  const sealed = changeUpload(current, 'upload.sealed', {
    bytes: data.bytes,
    sealedAt: new Date(logged.timestamp).toISOString(),
    rows: { ...current.state.rows, total: data.rows },
    chunks: { ...current.state.chunks, total: data.chunks },
  });
  return sealed && { ...sealed, expected: ChunkSet.below(data.chunks) };
}

function abort(current: ImportFold, data: ImportCommandData['upload.aborted']): ImportFold | null {
  const known = 'count' in data.chunks ? data.chunks : null;
  const expected =
    'count' in data.chunks
      ? ChunkSet.below(data.chunks.count)
      : current.reported.with(...data.chunks.pending);
  const aborted = changeUpload(current, 'upload.aborted', {
    uploadError: data.error,
    bytes: Math.max(data.bytes, current.state.bytes),
    rows: { ...current.state.rows, total: known?.rows ?? null },
    chunks: { ...current.state.chunks, total: known && expected.size },
  });
  return aborted && { ...aborted, expected };
}

function changeUpload(
  current: ImportFold,
  type: UploadCommandType,
  state: Partial<ImportState>,
): ImportFold | null {
  const upload = nextUpload[current.state.upload][type];
  return upload && withState(current, { ...state, upload });
}

function report(
  current: ImportFold,
  logged: LoggedCommand,
  command: Extract<ImportCommand, { type: `chunk.${string}` }>,
): ImportFold | null {
  if (current.reported.has(command.data.chunk)) return null;
  const failed = command.type === 'chunk.failed';
  const delta = failed ? { ...noRows(), failed: command.data.rows } : command.data.delta;
  const totals = noRows();
  for (const bucket of buckets) totals[bucket] = current.totals[bucket] + delta[bucket];
  const { chunks, rows } = current.state;
  const samples = addSample(current.samples, { at: logged.timestamp, rows: sumRows(totals) });
  const reported = withState(current, {
    rows: { total: rows.total, ...publishedRows(totals) },
    chunks: {
      total: chunks.total,
      completed: chunks.completed + (failed ? 0 : 1),
      failed: chunks.failed + (failed ? 1 : 0),
    },
    rowsPerSecond: rowsPerSecond(samples),
  });
  return { ...reported, totals, reported: current.reported.with(command.data.chunk), samples };
}

/** Whether the upload has ended, and every expected chunk has reported. */
function isComplete({ expected, reported }: ImportFold): boolean {
  return expected !== null && reported.covers(expected);
}

function endOf({ state, totals }: ImportFold) {
  const upload = state.upload === 'aborted' ? 'aborted' : 'sealed';
  return endStatus[upload][totals.rejected > 0 || totals.failed > 0 ? 'withErrors' : 'clean'];
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
    endedAt: new Date(logged.timestamp).toISOString(),
    rows: { ...state.rows, total: state.rows.total ?? rows },
    chunks: { ...state.chunks, total: state.chunks.total ?? complete.reported.size },
    rowsPerSecond: rowsPerSecond(whole),
  });
}

function withState(current: ImportFold, state: Partial<ImportState>): ImportFold {
  return { ...current, state: { ...current.state, ...state } };
}

function folded(next: ImportFold, notifications: readonly StateNotification[]): FoldResult {
  return { next, notifications, ignored: false };
}

function ignored(next: ImportFold | undefined): FoldResult {
  return { next, notifications: [], ignored: true };
}
