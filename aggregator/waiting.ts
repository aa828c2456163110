/** What an import waits for, as far as its commands tell: the next attempt at a chunk, or the rest of the file. */
import type { ImportCommand } from '@tidings/contracts/import-commands.ts';
import { type WaitingFor, waitForPart, waitForRetry } from '@tidings/contracts/waiting-for.ts';
import type { ImportFold } from './import-fold.ts';

/** null where the import waits for nothing that the fold knows of. */
export function waitingFor(folded: ImportFold, command: ImportCommand): WaitingFor | null {
  if (command.type === 'import.accepted') return waitForPart('upload');
  const open = openChunks(folded, command);
  if (open === null || open > folded.retrying.length) return null;
  const [next] = folded.retrying;
  if (next !== undefined) return waitForRetry({ ...next, at: next.dueAt });
  return folded.state.upload === 'receiving' ? waitForPart('upload') : null;
}

/** Chunks that are on the log and have not reported; null where that is not known. While the file comes, only a heartbeat tells. */
function openChunks({ expected, reported }: ImportFold, command: ImportCommand): number | null {
  if (expected !== null) return expected.size - reported.size;
  const onLog = command.type === 'upload.heartbeat' ? command.data.chunks : undefined;
  return onLog === undefined ? null : onLog - reported.size;
}
