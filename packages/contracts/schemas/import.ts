import { z } from 'zod';
import {
  type Bucket,
  buckets,
  type ImportState,
  importStatuses,
  uploadErrors,
  uploadStatuses,
} from '../import.ts';
import type { ImportCommand } from '../import-commands.ts';
import { MAX_CHUNKS } from '../work.ts';
import { schemaOf } from './schema-of.ts';
import { lineSchema, ownerSchema } from './text.ts';

export const count = z.int().min(0);
export const uploadId = z.uuid();

/** One number for each bucket. */
export function countsShape<Schema extends z.ZodType>(schema: Schema) {
  return Object.fromEntries(buckets.map((bucket) => [bucket, schema])) as Record<Bucket, Schema>;
}

export const importStateSchema = schemaOf<ImportState>()(
  z.object({
    importId: z.uuid(),
    channelId: z.string(),
    version: count,
    status: z.enum(importStatuses),
    upload: z.enum(uploadStatuses),
    uploadError: z.string().nullable(),
    fileName: z.string(),
    clientReference: z.string().nullable(),
    rows: z.object({ total: count.nullable(), ...countsShape(count) }),
    chunks: z.object({ total: count.nullable(), completed: count, failed: count }),
    bytes: count,
    rowsPerSecond: count,
    acceptedAt: z.iso.datetime(),
    sealedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
    reconciled: z.boolean().nullable(),
  }),
);

/** More rows than any chunk has. The sums over all chunks stay exact. */
const MAX_CHUNK_ROWS = 1_000_000_000;
const chunk = z
  .int()
  .min(0)
  .max(MAX_CHUNKS - 1);
const chunks = z.int().min(0).max(MAX_CHUNKS);
const chunkRows = z.int().min(0).max(MAX_CHUNK_ROWS);
const chunkDelta = z.int().min(-MAX_CHUNK_ROWS).max(MAX_CHUNK_ROWS);

export const importCommandSchema = schemaOf<ImportCommand>()(
  z.discriminatedUnion('type', [
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
        error: z.enum(uploadErrors),
        chunks: z.union([
          z.object({ count: chunks, rows: count }),
          z.object({ pending: z.array(chunk).max(MAX_CHUNKS) }),
        ]),
        bytes: count,
      }),
    }),
    z.object({
      type: z.literal('chunk.completed'),
      data: z.object({ uploadId, chunk, rows: chunkRows, delta: z.object(countsShape(chunkDelta)) }),
    }),
    z.object({
      type: z.literal('chunk.failed'),
      data: z.object({ uploadId, chunk, rows: chunkRows, code: lineSchema(100), message: lineSchema(500) }),
    }),
    z.object({
      type: z.literal('import.compared'),
      data: z.object({ version: count, reconciled: z.boolean() }),
    }),
    z.object({ type: z.literal('import.projected'), data: z.object({ version: count }) }),
  ]),
);
