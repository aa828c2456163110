/** What an import waits for, as far as its commands tell: the next attempt at work of it, or the rest of the file. */
import { MAX_RETRYING_CHUNKS, type WorkRetry } from '@tidings/contracts/imports/folded-import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { type WaitingFor, waitForPart, waitForRetry } from '@tidings/contracts/imports/waiting-for.ts';
import type { ImportFold } from '../state/import-fold.ts';

/** null where the import waits for nothing that the fold knows of. */
export function waitingFor(folded: ImportFold, command: ImportCommand): WaitingFor | null {
  if (command.type === 'import.accepted') return waitForPart('upload');
  const { undo, state } = folded;
  const open = openChunks(folded, command);
  const pageIsOnItsWay = undo?.running === true && undo.retry === null;
  if (open === null || open > retryingChunks(folded) || pageIsOnItsWay) return null;
  const next = nextAttempt(folded);
  if (next !== undefined) return waitForRetry({ ...next, at: next.dueAt });
  return state.upload === 'receiving' ? waitForPart('upload') : null;
}

/** Chunks that are on the log and have not reported; null where that is not known. While the file comes, only a heartbeat tells. */
function openChunks({ expected, reported }: ImportFold, command: ImportCommand): number | null {
  if (expected !== null) return expected.size - reported.size;
  const onLog = command.type === 'upload.heartbeat' ? command.data.chunks : undefined;
  return onLog === undefined ? null : onLog - reported.size;
}

/** A full list leaves chunks out: they are among the awaited ones. */
function retryingChunks({ retrying, awaited }: ImportFold): number {
  return retrying.length < MAX_RETRYING_CHUNKS ? retrying.length : awaited.size;
}

/** The one that is due first. */
function nextAttempt({ retrying, undo }: ImportFold): WorkRetry | undefined {
  const attempts: WorkRetry[] = [...retrying.slice(0, 1)];
  if (undo?.running && undo.retry !== null) attempts.push(undo.retry);
  return attempts.sort((one, other) => Date.parse(one.dueAt) - Date.parse(other.dueAt))[0];
}
