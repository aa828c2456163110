/**
 * The fold: one import's state and a command give the next state, and what is to be told. Pure; it reads no clock but
 * the log's, so that any instance that folds the same commands gets the same state.
 *
 * `status` has one setter, `decideStatus`. An import ends when its upload has ended and every chunk that is expected has
 * reported; the first of sealed and aborted in the order of the log is the upload's end.
 */
import type { Cause } from '@tidings/contracts/event.ts';
import {
  type BucketCounts,
  buckets,
  endedStatuses,
  type ImportState,
  type ImportStatus,
  noRows,
  sumRows,
} from '@tidings/contracts/import.ts';
import type { ImportCommand } from '@tidings/contracts/import-commands.ts';
import { ChunkSet } from './chunk-set.ts';
import { addSample, type RateSample, rowsPerSecond } from './rate.ts';

/** What is known of one import while it lives. */
export interface LiveImport {
  readonly owner: string;
  readonly uploadId: string;
  readonly cause: Cause;
  readonly state: ImportState;
  /** Signed sums of all deltas. */
  readonly totals: BucketCounts;
  readonly reported: ChunkSet;
  /** null while the upload runs. */
  readonly expected: ChunkSet | null;
  readonly samples: readonly RateSample[];
}

/** A command as it stands in the log. */
export interface LoggedCommand {
  readonly importId: string;
  readonly command: ImportCommand;
  readonly cause: Cause;
  /** In its partition; becomes the state's version. */
  readonly offset: number;
  /** Milliseconds since 1970, of the log's clock. */
  readonly timestamp: number;
}

/** A durable notification that a command leads to; its data is the state. */
export interface Announcement {
  readonly type: string;
  /** The chunk that it is about, if it is about one. */
  readonly chunk?: number;
  readonly final: boolean;
}

export interface Folded {
  /** undefined: there is none, and never was, as far as is known; null: it may be forgotten now. */
  readonly next: LiveImport | null | undefined;
  readonly announcements: readonly Announcement[];
  /** The command changed nothing: it came twice, too late, or for an import that nobody knows. */
  readonly ignored: boolean;
}

export function fold(current: LiveImport | undefined, logged: LoggedCommand): Folded {
  const { command } = logged;
  if (current === undefined) {
    return command.type === 'import.accepted'
      ? changed(accept(logged, command.data), ['import.accepted'])
      : ignored(current);
  }
  if (command.type === 'import.projected') {
    const forget = endedStatuses.has(current.state.status) && command.data.version === current.state.version;
    return forget ? { next: null, announcements: [], ignored: false } : ignored(current);
  }
  if (command.data.uploadId !== current.uploadId || endedStatuses.has(current.state.status))
    return ignored(current);
  switch (command.type) {
    case 'import.accepted':
      return ignored(current);
    case 'upload.heartbeat':
      return current.state.upload === 'receiving'
        ? changed(advance(current, logged, { bytes: command.data.bytes }))
        : ignored(current);
    case 'upload.sealed':
      return current.state.upload === 'receiving'
        ? settle(seal(current, logged, command.data), logged, ['import.sealed'])
        : ignored(current);
    case 'upload.aborted':
      return current.state.upload === 'receiving'
        ? settle(abort(current, logged, command.data), logged)
        : ignored(current);
    case 'chunk.completed':
    case 'chunk.failed':
      return current.reported.has(command.data.chunk) ? ignored(current) : report(current, logged, command);
  }
}

/** The buckets as they are shown: never negative, with the same sum. A deficit is taken from the largest bucket. */
export function publishedRows(totals: BucketCounts): BucketCounts {
  const rows = { ...totals };
  for (const bucket of buckets) {
    while (rows[bucket] < 0) {
      const largest = buckets.reduce((most, other) => (rows[other] > rows[most] ? other : most));
      const covered = Math.min(-rows[bucket], rows[largest]);
      if (covered <= 0) break;
      rows[largest] -= covered;
      rows[bucket] += covered;
    }
    rows[bucket] = Math.max(0, rows[bucket]);
  }
  return rows;
}

type DataOf<Type extends ImportCommand['type']> = Extract<ImportCommand, { type: Type }>['data'];

function accept(logged: LoggedCommand, data: DataOf<'import.accepted'>): LiveImport {
  const acceptedAt = new Date(logged.timestamp).toISOString();
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
      waitingFor: null,
      acceptedAt,
      sealedAt: null,
      endedAt: null,
      undo: null,
      reconciled: null,
    },
  };
}

function seal(current: LiveImport, logged: LoggedCommand, data: DataOf<'upload.sealed'>): LiveImport {
  const sealed = advance(current, logged, {
    upload: 'sealed',
    bytes: data.bytes,
    sealedAt: new Date(logged.timestamp).toISOString(),
    rows: { ...current.state.rows, total: data.rows },
    chunks: { ...current.state.chunks, total: data.chunks },
  });
  return { ...sealed, expected: ChunkSet.below(data.chunks) };
}

function abort(current: LiveImport, logged: LoggedCommand, data: DataOf<'upload.aborted'>): LiveImport {
  const known = 'count' in data.chunks;
  const expected =
    'count' in data.chunks
      ? ChunkSet.below(data.chunks.count)
      : current.reported.with(...data.chunks.pending);
  const aborted = advance(current, logged, {
    upload: 'aborted',
    uploadError: data.error,
    bytes: Math.max(data.bytes, current.state.bytes),
    rows: { ...current.state.rows, total: 'count' in data.chunks ? data.chunks.rows : null },
    chunks: { ...current.state.chunks, total: known ? expected.size : null },
  });
  return { ...aborted, expected };
}

function report(
  current: LiveImport,
  logged: LoggedCommand,
  command: Extract<ImportCommand, { type: 'chunk.completed' | 'chunk.failed' }>,
): Folded {
  const failed = command.type === 'chunk.failed';
  const delta = failed ? { ...noRows(), failed: command.data.rows } : command.data.delta;
  const totals = noRows();
  for (const bucket of buckets) totals[bucket] = current.totals[bucket] + delta[bucket];
  const { chunks } = current.state;
  const samples = addSample(current.samples, { at: logged.timestamp, rows: sumRows(totals) });
  const reported: LiveImport = {
    ...advance(current, logged, {
      rows: { total: current.state.rows.total, ...publishedRows(totals) },
      chunks: {
        total: chunks.total,
        completed: chunks.completed + (failed ? 0 : 1),
        failed: chunks.failed + (failed ? 1 : 0),
      },
      rowsPerSecond: rowsPerSecond(samples),
    }),
    totals,
    reported: current.reported.with(command.data.chunk),
    samples,
  };
  return settle(reported, logged, failed ? ['import.chunk_failed'] : [], command.data.chunk);
}

/** Ends the import if it is time, and says all that there is to say. */
function settle(
  live: LiveImport,
  logged: LoggedCommand,
  types: readonly string[] = [],
  chunk?: number,
): Folded {
  const status = decideStatus(live);
  const ended = endedStatuses.has(status);
  const next = ended ? end(live, logged, status) : { ...live, state: { ...live.state, status } };
  const announcements: Announcement[] = types.map((type) => ({ type, chunk, final: false }));
  if (ended) announcements.push({ type: `import.${status}`, final: true });
  return { next, announcements, ignored: false };
}

function decideStatus({ state, expected, reported, totals }: LiveImport): ImportStatus {
  if (expected === null || !reported.covers(expected))
    return state.status === 'accepted' && reported.size > 0 ? 'importing' : state.status;
  if (state.upload === 'aborted') return 'failed';
  return totals.rejected > 0 || totals.failed > 0 ? 'completed_with_errors' : 'completed';
}

function end(live: LiveImport, logged: LoggedCommand, status: ImportStatus): LiveImport {
  const { state } = live;
  const rows = sumRows(live.totals);
  const whole = [
    { at: Date.parse(state.acceptedAt), rows: 0 },
    { at: logged.timestamp, rows },
  ];
  return {
    ...live,
    state: {
      ...state,
      status,
      endedAt: new Date(logged.timestamp).toISOString(),
      rows: { ...state.rows, total: state.rows.total ?? rows },
      chunks: { ...state.chunks, total: state.chunks.total ?? live.reported.size },
      rowsPerSecond: rowsPerSecond(whole),
    },
  };
}

function advance(current: LiveImport, logged: LoggedCommand, state: Partial<ImportState>): LiveImport {
  return { ...current, cause: logged.cause, state: { ...current.state, ...state, version: logged.offset } };
}

function changed(next: LiveImport, types: readonly string[] = []): Folded {
  return { next, announcements: types.map((type) => ({ type, final: false })), ignored: false };
}

function ignored(next: LiveImport | undefined): Folded {
  return { next, announcements: [], ignored: true };
}
