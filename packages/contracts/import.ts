/**
 * An import: its public state, its commands and what is kept of it in the log.
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
 *   `failed` (the upload was aborted or expired); `cancelling` → `cancelled`; `undoing` → `undone`.
 */
import { z } from 'zod';
import { importStatuses } from './import-vocabulary.ts';
import { lineSchema, ownerSchema } from './text.ts';
import { MAX_CHUNKS } from './work.ts';

export * from './import-vocabulary.ts';

const count = z.int().min(0);
const signedCount = z.int();

export const importStatusSchema = z.enum(importStatuses);

export const uploadStatusSchema = z.enum(['receiving', 'sealed', 'aborted']);

export const importStateSchema = z.object({
  importId: z.uuid(),
  channelId: z.string(),
  /** Rises with every change; readers drop what is older than they know. */
  version: count,
  status: importStatusSchema,
  upload: uploadStatusSchema,
  /** Why the upload ended without its last byte; null unless it did. */
  uploadError: z.string().nullable(),
  fileName: z.string(),
  /** The uploader's own name for this import, if one was given. */
  clientReference: z.string().nullable(),
  rows: z.object({
    /** null until the upload has ended. */
    total: count.nullable(),
    created: count,
    updated: count,
    unchanged: count,
    duplicate: count,
    rejected: count,
    failed: count,
    cancelled: count,
  }),
  chunks: z.object({ total: count.nullable(), completed: count, failed: count }),
  /** Bytes of the file received, as far as reported; exact once it is sealed: of a receiver that died, only the rows are known. */
  bytes: count,
  /** Over the last seconds while it runs, over the whole import at the end. */
  rowsPerSecond: count,
  /** What holds the import up, in a stable word; null when nothing does. */
  waitingFor: z.string().nullable(),
  acceptedAt: z.iso.datetime(),
  sealedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  undo: z.object({ reversed: count, kept: count, failed: count }).nullable(),
  /** At the end: whether the totals equal those of the ledger of chunks in the contact store; null before. */
  reconciled: z.boolean().nullable(),
});
export type ImportState = z.infer<typeof importStateSchema>;

// ── Commands: what services say to the aggregator about one import ──────────────────────────────────────────────────

const uploadId = z.uuid();

export const uploadErrorSchema = z.enum([
  'connection_broken',
  'file_too_large',
  'too_many_rows',
  'invalid_file',
  'receiver_restarted',
  'log_unavailable',
]);
export type UploadError = z.infer<typeof uploadErrorSchema>;

/** More rows than any chunk has, and few enough that their sums over all chunks stay exact. */
const MAX_CHUNK_ROWS = 1_000_000_000;
const chunk = z
  .int()
  .min(0)
  .max(MAX_CHUNKS - 1);
const chunks = z.int().min(0).max(MAX_CHUNKS);
const chunkRows = z.int().min(0).max(MAX_CHUNK_ROWS);
const chunkDelta = z.int().min(-MAX_CHUNK_ROWS).max(MAX_CHUNK_ROWS);
const chunkDeltaSchema = z.object({
  created: chunkDelta,
  updated: chunkDelta,
  unchanged: chunkDelta,
  duplicate: chunkDelta,
  rejected: chunkDelta,
  failed: chunkDelta,
  cancelled: chunkDelta,
});

export const importCommandSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('import.accepted'),
    data: z.object({
      uploadId,
      channelId: lineSchema(64),
      owner: ownerSchema,
      fileName: lineSchema(1_000),
      clientReference: lineSchema(200).nullable(),
    }),
  }),
  z.object({
    type: z.literal('upload.heartbeat'),
    data: z.object({ uploadId, number: count, bytes: count }),
  }),
  z.object({
    type: z.literal('upload.sealed'),
    data: z.object({ uploadId, chunks, rows: count, bytes: count }),
  }),
  z.object({
    type: z.literal('upload.aborted'),
    data: z.object({
      uploadId,
      error: uploadErrorSchema,
      /**
       * Chunks that are in the log and will be reported: every one below `count`; or, where the receiver died and nobody
       * knows, those that were reported before this command, and the `pending` ones that stand unread in the lanes.
       */
      chunks: z.union([
        z.object({ count: chunks, rows: count }),
        z.object({ pending: z.array(chunk).max(MAX_CHUNKS) }),
      ]),
      bytes: count,
    }),
  }),
  z.object({
    type: z.literal('chunk.completed'),
    data: z.object({ uploadId, chunk, rows: chunkRows, delta: chunkDeltaSchema }),
  }),
  z.object({
    type: z.literal('chunk.failed'),
    data: z.object({ uploadId, chunk, rows: chunkRows, code: lineSchema(100), message: lineSchema(500) }),
  }),
  /** The import's end stands in the contact store; the log may forget it. */
  z.object({
    type: z.literal('import.projected'),
    data: z.object({ version: count }),
  }),
]);
export type ImportCommand = z.infer<typeof importCommandSchema>;

// ── What the log keeps of a live import (topic import-state) ────────────────────────────────────────────────────────

export const storedImportSchema = z.object({
  owner: z.string(),
  uploadId,
  /** The command that the state was last changed by, as the cause of what follows from it. */
  cause: z.object({ eventId: z.uuid(), correlationId: z.uuid(), traceparent: z.string() }),
  state: importStateSchema,
  /** Signed sums of all deltas; the state's rows are these with every deficit covered. */
  totals: z.object({
    created: signedCount,
    updated: signedCount,
    unchanged: signedCount,
    duplicate: signedCount,
    rejected: signedCount,
    failed: signedCount,
    cancelled: signedCount,
  }),
  /** Chunks that have reported, as a bitmap in base64: bit n of byte n/8 is chunk n. */
  reportedChunks: z.string(),
  /** Chunks that must report before the import can end; null while the upload runs. */
  expectedChunks: z.string().nullable(),
  /** Rows reported at moments of the log's clock (milliseconds), newest last; at most 8, for the rate. */
  samples: z.array(z.object({ at: z.number(), rows: count })).max(8),
});
export type StoredImport = z.infer<typeof storedImportSchema>;
