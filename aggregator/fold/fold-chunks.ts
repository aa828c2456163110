/** What the reports about chunks change: attempts that failed, outcomes, and failed chunks that are worked off again. */
import {
  type FirstWork,
  MAX_RETRYING_CHUNKS,
  type RetryingChunk,
} from '@tidings/contracts/imports/folded-import.ts';
import { hasEnded, sumRows } from '@tidings/contracts/imports/import.ts';
import type {
  ImportCommand,
  ImportCommandData,
  RequeuedPlace,
} from '@tidings/contracts/imports/import-commands.ts';
import { CHUNK_LOST, type LostChunks } from '@tidings/contracts/imports/import-notification.ts';
import { ChunkSet } from '../state/chunk-set.ts';
import { addRows, type ImportFold, withState } from '../state/import-fold.ts';
import { addSample } from '../state/rate.ts';
import type { LoggedCommand } from './logged-command.ts';

type ChunkOutcome = Extract<ImportCommand, { type: 'chunk.completed' | 'chunk.failed' }>;

/** null for a chunk that has reported, and for an attempt that is known. */
export function retry(
  current: ImportFold,
  { chunk, attempt, attempts, dueAt, origin }: ImportCommandData['chunk.retrying'],
): ImportFold | null {
  const isKnown = current.retrying.some((known) => known.chunk === chunk && known.attempt >= attempt);
  if (isKnown || current.reported.has(chunk)) return null;
  const others = withoutChunks(current.retrying, [chunk]);
  const retrying = [...others, { chunk, attempt, attempts, dueAt, ...(origin && { origin }) }]
    .sort((one, other) => Date.parse(one.dueAt) - Date.parse(other.dueAt))
    .slice(0, MAX_RETRYING_CHUNKS);
  return { ...current, retrying, awaited: current.awaited.with(chunk) };
}

/**
 * null for a chunk that has reported. But a success counts after a failure, because the contact store has the rows: a failure
 * may be reported twice, and the second time behind the requeue.
 */
export function report(current: ImportFold, logged: LoggedCommand, outcome: ChunkOutcome): ImportFold | null {
  const { type, data } = outcome;
  if (type === 'chunk.completed' && current.failed.has(data.chunk)) {
    const requeued = requeue(current, logged, data);
    return requeued && count(requeued, logged, outcome);
  }
  const isLate = hasEnded(current.state) || current.reported.has(data.chunk);
  return isLate ? null : count(current, logged, outcome);
}

function count(current: ImportFold, logged: LoggedCommand, { type, data }: ChunkOutcome): ImportFold {
  const hasFailed = type === 'chunk.failed';
  const counted = addRows(current, hasFailed ? { failed: data.rows } : data.delta);
  const { chunks, bytes, warnings } = counted.state;
  const wasTakenBack = current.takenBack.has(data.chunk);
  const reported = withState(counted, {
    // Where the receiver has died, its last heartbeat is older than the chunks that it sent.
    warnings: warnings + (type === 'chunk.completed' ? (data.warnings ?? 0) : 0),
    bytes: Math.max(bytes, type === 'chunk.completed' ? (data.fileBytes ?? 0) : 0),
    chunks: {
      total: chunks.total,
      completed: chunks.completed + (hasFailed ? 0 : 1),
      failed: chunks.failed + (hasFailed ? 1 : 0),
    },
  });
  return {
    ...reported,
    reported: current.reported.with(data.chunk),
    failed: hasFailed ? current.failed.with(data.chunk) : current.failed,
    takenBack: current.takenBack.without(data.chunk),
    takenBackRows: Math.max(0, current.takenBackRows - (wasTakenBack ? data.rows : 0)),
    awaited: current.awaited.without(data.chunk),
    retrying: withoutChunks(current.retrying, [data.chunk]),
    samples: addSample(current.samples, { at: logged.timestamp, rows: sumRows(counted.totals) }),
  };
}

/** Takes the report of a failed chunk back, so that the next one counts. null for a chunk that has not failed. */
export function requeue(
  current: ImportFold,
  logged: LoggedCommand,
  { chunk, rows, place }: Pick<ImportCommandData['chunk.requeued'], 'chunk' | 'rows' | 'place'>,
): ImportFold | null {
  if (!current.failed.has(chunk)) return null;
  const isUncounted = current.uncounted.has(chunk);
  const counted = addRows(current, { failed: isUncounted ? 0 : -rows });
  const { chunks, rows: shown } = counted.state;
  const requeued = withState(counted, {
    chunks: { ...chunks, failed: chunks.failed - 1 },
    // The next end counts its rows, too.
    rows: isUncounted ? { ...shown, total: null } : shown,
    endedAt: null,
    reconciled: null,
  });
  // While other chunks are on their way, the first of them is what the import waits for.
  const isFirst = missingChunks(current).length === 0;
  return {
    ...requeued,
    firstWork: isFirst && place !== undefined ? firstWorkAt(place) : current.firstWork,
    reported: current.reported.without(chunk),
    failed: current.failed.without(chunk),
    lost: current.lost.without(chunk),
    uncounted: current.uncounted.without(chunk),
    takenBack: isUncounted ? current.takenBack : current.takenBack.with(chunk),
    takenBackRows: current.takenBackRows + (isUncounted ? 0 : rows),
    awaited: current.awaited.with(chunk),
    samples: [{ at: logged.timestamp, rows: sumRows(counted.totals) }],
  };
}

function firstWorkAt({ priority, ...position }: RequeuedPlace): FirstWork {
  return { express: null, bulk: null, [priority]: position };
}

/**
 * Lets the chunks fail that are expected and have not reported. null where there is none. Their rows are what the receiver has counted and no
 * chunk has reported; where the receiver had died, nobody knows the rows of those that never failed before.
 */
export function lose(current: ImportFold, logged: LoggedCommand): ImportFold | null {
  const missing = missingChunks(current);
  if (missing.length === 0) return null;
  const { rows, uncounted } = missingRows(current, missing);
  const counted = addRows(current, { failed: rows });
  const { chunks } = counted.state;
  const missed = withState(counted, { chunks: { ...chunks, failed: chunks.failed + missing.length } });
  return {
    ...withoutMissing(missed, logged, missing),
    failed: current.failed.with(...missing),
    lost: current.lost.with(...missing),
    uncounted: current.uncounted.with(...uncounted),
  };
}

/** The missing chunks count as reported: nothing of them is waited for any more. */
function withoutMissing(
  current: ImportFold,
  { timestamp: at }: LoggedCommand,
  missing: readonly number[],
): ImportFold {
  return {
    ...current,
    reported: current.reported.with(...missing),
    takenBack: ChunkSet.empty,
    takenBackRows: 0,
    awaited: current.awaited.without(...missing),
    retrying: withoutChunks(current.retrying, missing),
    samples: addSample(current.samples, { at, rows: sumRows(current.totals) }),
  };
}

/** Cancels the chunks that are expected and have not reported. null where there is none, or where nobody has counted the rows. */
export function stopWork(current: ImportFold, logged: LoggedCommand): ImportFold | null {
  const missing = missingChunks(current);
  if (missing.length === 0 || current.state.rows.total === null) return null;
  const counted = addRows(current, { cancelled: missingRows(current, missing).rows });
  const { chunks } = counted.state;
  const completed = chunks.completed + missing.length;
  return withoutMissing(withState(counted, { chunks: { ...chunks, completed } }), logged, missing);
}

/** What `lose` lets fail of the import. */
export function lostChunksOf(current: ImportFold): LostChunks {
  const missing = missingChunks(current);
  const { rows, uncounted } = missingRows(current, missing);
  return {
    code: CHUNK_LOST,
    lostChunks: missing.length,
    lostRows: uncounted.length === 0 ? rows : null,
  };
}

function missingChunks({ expected, reported }: ImportFold): number[] {
  return expected === null ? [] : [...expected].filter((chunk) => !reported.has(chunk));
}

/** The rows of missing chunks as far as they are known, and the chunks whose rows nobody knows. */
function missingRows(
  { state, totals, takenBack, takenBackRows }: ImportFold,
  missing: readonly number[],
): { rows: number; uncounted: number[] } {
  const { total } = state.rows;
  if (total !== null) return { rows: Math.max(0, total - sumRows(totals)), uncounted: [] };
  return { rows: takenBackRows, uncounted: missing.filter((chunk) => !takenBack.has(chunk)) };
}

function withoutChunks(
  retrying: readonly RetryingChunk[],
  chunks: readonly number[],
): readonly RetryingChunk[] {
  const left = new Set(chunks);
  return retrying.filter(({ chunk }) => !left.has(chunk));
}
