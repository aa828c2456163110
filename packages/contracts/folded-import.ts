/** What the log keeps of an import until it has ended and is projected (topic `import-state`, key: the import). */
import type { Cause } from './event.ts';
import type { BucketCounts, ImportState } from './import.ts';

/** Of the stored form. `schemas/folded-import.ts` reads every version that was ever stored. */
export const FOLDED_IMPORT_VERSION = 2;

export interface FoldedImport {
  owner: string;
  uploadId: string;
  /** The command that changed the state last; it is the cause of the events about the state. */
  cause: Cause;
  state: ImportState;
  /** Signed sums of all deltas. The rows of `state` are the same without negative buckets. */
  totals: BucketCounts;
  /** Chunks that have reported, as a bitmap in base64: bit n of byte n/8 is chunk n. */
  reportedChunks: string;
  /** Chunks that must report before the import can end; null while the upload runs. */
  expectedChunks: string | null;
  /** Rows reported at moments of the log's clock (milliseconds since 1970), newest last; at most 8, for the rate. */
  samples: { at: number; rows: number }[];
}
