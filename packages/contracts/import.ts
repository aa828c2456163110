/**
 * An import: its words, its public state and the sums over it.
 *
 * Glossary
 * - **import**: one uploaded file on its way into the contacts.
 * - **upload**: one attempt to receive the file. `receiving` until its last byte (`sealed`), or until it broke off (`aborted`).
 * - **chunk**: whole records of the file, worked off as one database transaction, numbered from 0.
 * - **bucket**: what became of a row. Every row is in exactly one of them; their sum is the rows reported so far.
 *   `created`, `updated`, `unchanged`: the row that owns its contact's outcome. `duplicate`: a higher row of the file has
 *   the same e-mail address. `rejected`: the row is not valid. `failed`: its chunk could not be worked off. `cancelled`:
 *   its chunk was not worked off because the import was stopped.
 * - **delta**: what one chunk changes of the buckets. Signed, because a chunk may move the row of an earlier one; the
 *   deltas of a chunk sum to its rows.
 * - **status**: `accepted` → `importing` → `completed` (nothing rejected or failed) | `completed_with_errors` |
 *   `failed` (the upload was aborted).
 * - **command**: what a service says to the aggregator about one import (`import-commands.ts`).
 * - **fold**: the next state of an import, from its state and a command; the aggregator's only work.
 * - **ledger**: the contact store's own record of the chunks that it has applied, and of their deltas.
 * - **reconciled**: whether the state's totals and the ledger's agree; compared once, when the import has ended.
 * - **projection**: the ended import in the contact store, where lists find it once the log has forgotten it.
 */

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
/** Rows by bucket; signed where it is a delta. */
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
  'completed',
  'completed_with_errors',
  'failed',
] as const;
export type ImportStatus = (typeof importStatuses)[number];

/** The statuses that an import stays in. */
export const endedStatuses: ReadonlySet<ImportStatus> = new Set([
  'completed',
  'completed_with_errors',
  'failed',
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
] as const;
export type UploadError = (typeof uploadErrors)[number];

export interface ImportRows extends BucketCounts {
  /** null until the upload has ended. */
  total: number | null;
}

/** The body of `GET /imports/{id}`, the item of lists, and the data of every `import.*` notification. */
export interface ImportState {
  importId: string;
  channelId: string;
  /** Rises with every change; readers drop what is older than they know. */
  version: number;
  status: ImportStatus;
  upload: UploadStatus;
  /** An `UploadError`; null unless the upload was aborted. */
  uploadError: string | null;
  fileName: string;
  /** The uploader's own name for this import, if one was given. */
  clientReference: string | null;
  rows: ImportRows;
  chunks: { total: number | null; completed: number; failed: number };
  /** Bytes of the file received, as far as reported; exact once it is sealed: of a receiver that died, only the rows are known. */
  bytes: number;
  /** Over the last seconds while it runs, over the whole import at the end. */
  rowsPerSecond: number;
  /** ISO 8601, UTC, as all times. */
  acceptedAt: string;
  sealedAt: string | null;
  endedAt: string | null;
  /** Whether the totals equal those of the ledger in the contact store; null until they were compared, after the end. */
  reconciled: boolean | null;
}

/** Rows reported so far, the sum of the buckets. */
export function rowsReported(state: ImportState): number {
  return sumRows(state.rows);
}

export function hasEnded(state: ImportState): boolean {
  return endedStatuses.has(state.status);
}

/** Types of the notifications of an import, all durable but `import.progress`. `import.chunk_failed` adds `chunk` to the data. */
export const importNotificationTypes = [
  'import.accepted',
  'import.progress',
  'import.sealed',
  'import.chunk_failed',
  'import.completed',
  'import.completed_with_errors',
  'import.failed',
  'import.reconciled',
] as const;
export type ImportNotificationType = (typeof importNotificationTypes)[number];
