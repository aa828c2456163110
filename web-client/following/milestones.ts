/**
 * What a screen reader is told of an import: its turning points, never its ticks. Compares two views; null when nothing
 * worth saying happened between them.
 */
import type { ImportState } from '@tidings/contracts/import.ts';
import { buckets, hasEnded, rowsReported } from '@tidings/contracts/import.ts';
import { formatCount, formatRows } from '../words/format.ts';
import { nothingImported, statusWords } from '../words/words.ts';
import { type ConnectionKind, isAway } from './connection.ts';
import type { ImportView } from './import-view.ts';

export function milestoneBetween(before: ImportView, after: ImportView): string | null {
  return (
    problemSaid(before, after) ??
    endSaid(before.state, after.state) ??
    importConnectionSaid(before, after) ??
    uploadSaid(before, after) ??
    quarterSaid(before.state, after.state)
  );
}

function problemSaid(before: ImportView, after: ImportView): string | null {
  if (after.problem === null || after.problem === before.problem) return null;
  return `${after.problem.title}. ${after.problem.detail}`;
}

function endSaid(before: ImportState | null, after: ImportState | null): string | null {
  if (after === null || !hasEnded(after)) return null;
  if (before !== null && hasEnded(before) && before.status === after.status) return null;
  const parts = buckets
    .filter((bucket) => after.rows[bucket] > 0)
    .map((bucket) => `${formatCount(after.rows[bucket])} ${bucket}`);
  const sum = parts.length === 0 ? 'The file has no rows' : parts.join(', ');
  if (nothingImported(after)) return `Nothing imported. ${sum}.`;
  return `${statusWords[after.status]}. ${sum}.`;
}

function importConnectionSaid(before: ImportView, after: ImportView): string | null {
  if (after.state !== null && hasEnded(after.state)) return null;
  if (after.upload?.phase === 'opening') return waitingSaid(before.connection.kind, after.connection.kind);
  // The broken upload has been told already, and nothing of it goes on.
  if (after.upload?.phase === 'broken') return null;
  const lost =
    after.upload?.phase === 'sending'
      ? 'Keep this page open: the file is still being sent.'
      : 'The import does not depend on this page.';
  return connectionSaid(before.connection.kind, after.connection.kind, lost);
}

/** Nothing runs yet that could go on: the file itself waits for the channel. */
function waitingSaid(was: ConnectionKind, is: ConnectionKind): string | null {
  if (was === is) return null;
  if (is === 'degraded')
    return 'Live updates are not available at the moment. The file is sent as soon as they are.';
  if (!isAway(is) || isAway(was)) return null;
  return 'The server cannot be reached. The file is still on this device, and is sent as soon as it can be.';
}

/**
 * What is said of a connection that has changed; null where that is nothing worth saying.
 *
 * @param lost what a loss means to the reader
 */
export function connectionSaid(was: ConnectionKind, is: ConnectionKind, lost: string): string | null {
  if (was === is) return null;
  if (is === 'degraded')
    return 'Live updates may be late. Imports go on, and this page catches up by itself.';
  if (was === 'live') return `Connection lost, reconnecting. ${lost}`;
  if (is !== 'live' || was === 'connecting') return null;
  return was === 'degraded' ? 'Live updates are back.' : 'Connected again.';
}

function uploadSaid(before: ImportView, after: ImportView): string | null {
  if (before.upload?.phase !== 'sending' && after.upload?.phase === 'sending') return 'Upload started.';
  const total = after.state?.rows.total ?? null;
  if (total === null || before.state === null || before.state.rows.total !== null) return null;
  return `Upload complete. ${formatRows(total)} in the file.`;
}

function quarterSaid(before: ImportState | null, after: ImportState | null): string | null {
  if (before === null || after === null || after.rows.total === null) return null;
  const quarter = quarterOf(after);
  if (quarter <= quarterOf(before) || quarter > 3) return null;
  return `${quarter * 25} percent imported, ${formatCount(rowsReported(after))} of ${formatRows(after.rows.total)}.`;
}

function quarterOf(state: ImportState): number {
  const total = state.rows.total;
  return total === null || total === 0 ? 0 : Math.floor((rowsReported(state) * 4) / total);
}
