/** The partitions in which work of an import may wait that has not reported. */
import type { FoldedImport } from '@tidings/contracts/folded-import.ts';
import { chunkWorkKey, undoPageKey } from '@tidings/contracts/work.ts';
import { partitionOf } from '@tidings/event-log/engine/partitioner.ts';

/** @param partitions of each topic of work */
export function partitionsOfMissingWork(folded: FoldedImport, partitions: number): Set<number> {
  const { state, undo, expectedChunks, reportedChunks } = folded;
  const found = new Set<number>();
  if (undo?.running) found.add(partitionOf(undoPageKey(state.importId, undo.page), partitions));
  const expected = Buffer.from(expectedChunks ?? '', 'base64');
  const reported = Buffer.from(reportedChunks, 'base64');
  // Bit n of byte n/8 is chunk n.
  for (let chunk = 0; chunk < 8 * expected.length && found.size < partitions; chunk += 1) {
    const missing = (expected[chunk >> 3] ?? 0) & ~(reported[chunk >> 3] ?? 0);
    if ((missing & (1 << (chunk & 7))) !== 0)
      found.add(partitionOf(chunkWorkKey(state.importId, chunk), partitions));
  }
  return found;
}
