import type { ImportStatus } from '@tidings/contracts/imports/import.ts';
import type { UnsettledChunk } from '@tidings/contracts/imports/unsettled-chunk.ts';
import type { ImportFold } from '../state/import-fold.ts';
import type { FoldResult } from './fold.ts';
import type { LoggedCommand } from './logged-command.ts';

/** Nothing of the import runs any more, or soon nothing will. */
const stopped: ReadonlySet<ImportStatus> = new Set(['cancelling', 'cancelled', 'undoing', 'undone']);

/**
 * What a report leaves to be settled by whoever can look the import, its ledger and its dead letters up; null: nothing.
 * @param current before the report; undefined: the log holds nothing of the import
 */
export function unsettledChunk(
  current: ImportFold | undefined,
  { command }: LoggedCommand,
  { ignored, cameTooLate = false }: FoldResult,
): UnsettledChunk | null {
  if (command.type !== 'chunk.completed' && command.type !== 'chunk.failed') return null;
  const { uploadId, chunk } = command.data;
  const asFailed = { uploadId, chunk, report: null };
  // The gate of an upload that another one has followed is closed, or will be.
  if (current !== undefined && current.uploadId !== uploadId)
    return command.type === 'chunk.failed' ? asFailed : null;
  if (command.type === 'chunk.completed') {
    const { folded: _folded, asOf: _asOf, ...report } = command.data;
    if (cameTooLate) return { uploadId, chunk, report };
    // Of an import that was carried back, only a chunk that had failed counts.
    return !ignored && (current?.failed.has(chunk) ?? true) ? asFailed : null;
  }
  // Of an import that is forgotten, nobody here knows whether the chunk is done, or may still run.
  const mayBeOver =
    current === undefined ||
    (current.reported.has(chunk) && (!current.failed.has(chunk) || stopped.has(current.state.status)));
  return ignored && mayBeOver ? asFailed : null;
}
