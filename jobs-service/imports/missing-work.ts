/** The partitions in which work of an import may wait that has not reported. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { chunkWorkKey, undoPageKey } from '@tidings/contracts/imports/work.ts';
import { partitionOf } from '@tidings/event-log/engine/partitioner.ts';
import { chunkBitmap, hasChunk } from './chunk-bitmap.ts';

/** @param partitions of each topic of work */
export function partitionsOfMissingWork(folded: FoldedImport, partitions: number): Set<number> {
  const { state, undo, expectedChunks, reportedChunks } = folded;
  const found = new Set<number>();
  if (undo?.running) found.add(partitionOf(undoPageKey(state.importId, undo.page), partitions));
  const expected = chunkBitmap(expectedChunks ?? '');
  const reported = chunkBitmap(reportedChunks);
  for (let chunk = 0; chunk < 8 * expected.length && found.size < partitions; chunk += 1) {
    if (hasChunk(expected, chunk) && !hasChunk(reported, chunk))
      found.add(partitionOf(chunkWorkKey(state.importId, chunk), partitions));
  }
  return found;
}
