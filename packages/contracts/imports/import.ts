/**
 * An import: its public state and the sums over it. GLOSSARY.md defines the words; `aggregator/fold/states.ts` has the table of statuses.
 *
 * What each bucket counts. `created`, `updated`, `unchanged`: the row decides what its contact is after the import. `duplicate`: a
 * later row of the file has the same e-mail address. `rejected`: the row is not valid. `failed`: its chunk could not be applied.
 * `cancelled`: the contact store had closed the import before its chunk came. A chunk may move a row of another chunk, so the
 * numbers of a delta are signed; they sum to the chunk's rows.
 */
import type { WaitingFor } from './waiting-for.ts';

export const buckets = [
  'created',
  'updated',
  'unchanged',
  'duplicate',
  'rejected',
  'failed',
  'cancelled',
] as const;
export type Bucket = (typeof buckets)[number];
/** Rows by bucket; in a delta they are signed. */
export type BucketCounts = Record<Bucket, number>;

export function noRows(): BucketCounts {
  return { created: 0, updated: 0, unchanged: 0, duplicate: 0, rejected: 0, failed: 0, cancelled: 0 };
}

export function sumRows(counts: BucketCounts): number {
  return buckets.reduce((sum, bucket) => sum + counts[bucket], 0);
}

export const importStatuses = [
  'accepted',
  'importing',
  'cancelling',
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
  'undoing',
  'undone',
] as const;
export type ImportStatus = (typeof importStatuses)[number];

/** The statuses in which every chunk has reported. Support or the owner may lead on from there: by a requeue, or by an undo. */
export const endedStatuses: ReadonlySet<ImportStatus> = new Set([
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
  'undone',
]);

export const uploadStatuses = ['receiving', 'sealed', 'aborted'] as const;
export type UploadStatus = (typeof uploadStatuses)[number];

/** Why an upload ended without its last byte. */
export const uploadErrors = [
  'connection_broken',
  'file_too_large',
  'too_many_rows',
  'invalid_file',
  'receiver_restarted',
  'log_unavailable',
  'expired',
  'cancelled',
] as const;
export type UploadError = (typeof uploadErrors)[number];

export interface ImportRows extends BucketCounts {
  /** null until the upload has ended, and where it broke off with chunks on the log, until those have reported. */
  total: number | null;
}

/**
 * What became of the rows that an import had written, once they are taken back. Counts contacts, by the pages done so far. An undo that
 * begins again goes on with the sums of the ones before it, and counts anew what has failed.
 */
export interface UndoProgress {
  /** Contacts that are as they were before the import. */
  reversed: number;
  /** Contacts that were changed or deleted since, so they stay as they are. */
  kept: number;
  /** Contacts of pages that could not be taken back. Where nobody knows how many a page has, it counts as one. */
  failed: number;
  /** ISO 8601, UTC; null while the undo runs. */
  endedAt: string | null;
}

/** The body of `GET /imports/{id}`, the item of lists, and the data of every `import.*` notification. */
export interface ImportState {
  importId: string;
  channelId: string;
  /** Every change raises it. A reader drops a state that is older than one that it knows. */
  version: number;
  status: ImportStatus;
  upload: UploadStatus;
  /** An `UploadError`; null unless the upload was aborted. */
  uploadError: string | null;
  fileName: string;
  /** The uploader's own name for this import, if one was given. */
  clientReference: string | null;
  rows: ImportRows;
  /** Values that rows were imported without, where the upload chose so. A warning is no bucket: its row is in one all the same. */
  warnings: number;
  /** Lines of the file that are empty, or whose cells are all blank. They are no rows, and no bucket has them; 0 until the upload is sealed. */
  blankRows: number;
  chunks: { total: number | null; completed: number; failed: number };
  /** Bytes of the file that were received by the last report; exact once the upload is sealed. */
  bytes: number;
  /** Over the last seconds while the import runs; over the whole import once it has ended. */
  rowsPerSecond: number;
  /** All times are ISO 8601, in UTC. */
  acceptedAt: string;
  sealedAt: string | null;
  endedAt: string | null;
  /** Whether the totals equal those of the ledger; null until they are compared, which happens after the end. */
  reconciled: boolean | null;
  /** Whether what the import has written is taken back by itself where the upload ends before its last byte. */
  autoUndo: boolean;
  /** Whether the file is only checked: counted against what is stored, and nothing is written. */
  dryRun: boolean;
  /** The import whose rejected rows this one mends; null for none. */
  mends: string | null;
  /** The imports that mend this one, the newest first, 100 at most. Looked up when somebody asks; empty in notifications. */
  mendedBy: string[];
  /** Whether its owner has said that what is left of its rejected rows is not to be mended. `import.rest_ignored` and `import.rest_shown` tell each change; missing where nobody has looked it up. */
  restIgnored?: boolean;
  /** How often `restIgnored` has changed: of two states, the one with more says what holds. Missing where `restIgnored` is, and in states of earlier releases. */
  restChanges?: number;
  /**
   * Rejected rows of which no import that mends this one, nor one that mends that, has made contacts. Looked up as `mendedBy` is, for
   * imports that have ended with rejected rows; missing elsewhere, and in notifications.
   */
  leftToMend?: number;
  /** What the import waits for; null where it waits for nothing. */
  waitingFor: WaitingFor | null;
  /** null until an undo begins. The buckets go on to say what the import had done. */
  undo: UndoProgress | null;
  /** When something last went on, by the log's clock: bytes came, a chunk or a page of an undo reported, or the status changed. Missing in states of earlier releases. */
  movedAt?: string;
  /** Whose it is. For support alone. */
  owner?: string;
}

/** Imports that a state names as those that mend it, at most. */
export const MAX_MENDED_BY = 100;

/** Of how many rows an import has made contacts, which are mended where it mends another one: none where it was taken back, or only checks. */
export function rowsMended({ rows, undo, dryRun }: Pick<ImportState, 'rows' | 'undo' | 'dryRun'>): number {
  if (dryRun || undo !== null) return 0;
  return rows.created + rows.updated + rows.unchanged + rows.duplicate;
}

/** The sum of the buckets. */
export function rowsReported(state: ImportState): number {
  return sumRows(state.rows);
}

export function hasEnded(state: ImportState): boolean {
  return endedStatuses.has(state.status);
}

/** Whether the import has ended, and no undo of it runs: nothing changes it any more but what somebody asks for. */
export function isAtRest(state: ImportState): boolean {
  return hasEnded(state) && (state.undo === null || state.undo.endedAt !== null);
}

/** Whether an undo may begin, which a dry run leaves nothing for: the first one, or one more where the last one has left contacts that it could not take back. */
export function mayBeUndone(state: ImportState): boolean {
  return isAtRest(state) && !state.dryRun && (state.undo === null || state.undo.failed > 0);
}
