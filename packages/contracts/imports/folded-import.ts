/** What the log keeps of an import until it has ended and is projected (topic `import-state`, key: the import). */
import type { Cause } from '../event.ts';
import type { BucketCounts, ImportState } from './import.ts';

/** Of the stored form. `schemas/imports/folded-import.ts` reads every version that was ever stored. */
export const FOLDED_IMPORT_VERSION = 5;

/** Chunks that are listed as waiting for their next attempt, at most: those that are due first. */
export const MAX_RETRYING_CHUNKS = 16;

/** Where a record stands in a topic that is known. */
export interface WorkPosition {
  partition: number;
  offset: number;
}

/** Where an upload's first chunk of each priority stands, or one that was requeued; null where there is none, or none yet. */
export interface FirstWork {
  express: WorkPosition | null;
  bulk: WorkPosition | null;
}

/** The next attempt at work that has failed; the fields are those of `chunk.retrying`. */
export interface WorkRetry {
  attempt: number;
  attempts: number;
  dueAt: string;
}

export interface RetryingChunk extends WorkRetry {
  chunk: number;
  /** Where its record first stood; earlier releases do not say it. */
  origin?: { topic: string; partition: number; offset: number };
}

/** The undo that has begun last. */
export interface FoldedUndo {
  /** The `eventId` of the command that began it. */
  undoId: string;
  /** Which undo of the upload it is, from 1. */
  run: number;
  /** The page that is asked for, from 0; after the end the last one. */
  page: number;
  /** Where that page begins; null for the first one. */
  after: string | null;
  /** null where no attempt at the page has failed. */
  retry: WorkRetry | null;
  running: boolean;
  /** Whether it has ended because this page is a dead letter. */
  dead: boolean;
}

export interface FoldedImport {
  owner: string;
  uploadId: string;
  /** The command that changed the state last; it is the cause of the events about the state. */
  cause: Cause;
  state: ImportState;
  /** The upload's newest heartbeat by number, and when it came: milliseconds since 1970, of the log's clock. */
  heartbeat: { number: number; at: number };
  firstWork: FirstWork;
  /** Signed sums of all deltas. The rows of `state` are the same without negative buckets. */
  totals: BucketCounts;
  /** Chunks that have reported, as a bitmap in base64: bit n of byte n/8 is chunk n. */
  reportedChunks: string;
  /** Chunks that must report before the import can end; null while the upload runs. */
  expectedChunks: string | null;
  /** Of the chunks that have reported: those that failed, and can be requeued. */
  failedChunks: string;
  /** Of the failed ones: those that were lost, and never reported. */
  lostChunks: string;
  /** Of the lost ones: those whose rows nobody knows, because the upload's receiver had died. They are in no sum. */
  uncountedChunks: string;
  /** Chunks whose failed report was taken back and whose next one has not come; `takenBackRows` are their rows. */
  takenBackChunks: string;
  takenBackRows: number;
  /** Chunks that are known to report later, because they are tried again or were requeued. */
  awaitedChunks: string;
  /** At most `MAX_RETRYING_CHUNKS`, the next due first. */
  retrying: RetryingChunk[];
  undo: FoldedUndo | null;
  /** Rows reported at moments of the log's clock (milliseconds since 1970), newest last; at most 8, for the rate. */
  samples: { at: number; rows: number }[];
}
