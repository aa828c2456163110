/** A chunk of which a report came out of its time, as the aggregator tells it (topic `unsettled-chunks`, key: the import). */
import type { ImportCommandData } from './import-commands.ts';

/** The report of a chunk that is done, without what was known of its import when it was made. */
export type DoneChunk = Omit<ImportCommandData['chunk.completed'], 'folded' | 'asOf'>;

export const UNSETTLED_CHUNK_TYPE = 'chunk.unsettled';

export interface UnsettledChunk {
  uploadId: string;
  chunk: number;
  /**
   * What does not count yet, because its import was forgotten, and may have gone on since it was looked up. null: nothing, but the chunk
   * was reported as failed, too, so that its dead letter may be listed although its work is done, or never runs any more.
   */
  report: DoneChunk | null;
}
