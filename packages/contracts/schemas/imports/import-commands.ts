import { z } from 'zod';
import { uploadErrors } from '../../imports/import.ts';
import { type ImportCommand, requesters } from '../../imports/import-commands.ts';
import { MAX_CHUNKS } from '../../imports/work.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema, ownerSchema } from '../values/text.ts';
import { count } from '../values/whole-number.ts';
import {
  firstWorkSchema,
  foldedImportSchema,
  nextAttemptShape,
  retryingChunkShape,
  workPositionSchema,
} from './folded-import.ts';
import { countsShape, uploadId } from './import.ts';
import { chunkNumber as chunk, undoPositionSchema } from './work.ts';

/** More rows than any chunk has. The sums over all chunks stay exact. */
const MAX_CHUNK_ROWS = 1_000_000_000;
const chunks = z.int().min(0).max(MAX_CHUNKS);
const pending = z.array(chunk).max(MAX_CHUNKS);
const chunkRows = z.int().min(0).max(MAX_CHUNK_ROWS);
const chunkDelta = z.int().min(-MAX_CHUNK_ROWS).max(MAX_CHUNK_ROWS);

/** What a report of a chunk that is done says, whatever is known of its import. */
export const doneChunkShape = {
  uploadId,
  chunk,
  rows: chunkRows,
  delta: z.object(countsShape(chunkDelta)),
  fileBytes: count.optional(),
  warnings: count.optional(),
};

const requeuedLetterSchema = z.object({
  group: z.string(),
  topic: z.string(),
  partition: count,
  offset: count,
  key: z.string(),
});

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
        // Of a release that had no undo.
        autoUndo: z.boolean().default(false),
        dryRun: z.boolean().optional(),
        mends: z.uuid().nullable().optional(),
      }),
    }),
    z.object({
      type: z.literal('upload.heartbeat'),
      data: z.object({
        uploadId,
        number: count,
        bytes: count,
        chunks: chunks.optional(),
        firstWork: firstWorkSchema.optional(),
      }),
    }),
    z.object({
      type: z.literal('upload.sealed'),
      data: z.object({
        uploadId,
        chunks,
        rows: count,
        blankRows: count.optional(),
        bytes: count,
        firstWork: firstWorkSchema.optional(),
      }),
    }),
    z.object({
      type: z.literal('upload.aborted'),
      data: z.object({
        uploadId,
        error: z.enum(uploadErrors),
        chunks: z.union([z.object({ count: chunks, rows: count }), z.object({ pending })]),
        bytes: count,
      }),
    }),
    z.object({
      type: z.literal('upload.expired'),
      data: z.object({ uploadId, heartbeat: count, pending }),
    }),
    z.object({ type: z.literal('import.cancel'), data: z.object({ by: z.enum(requesters) }) }),
    z.object({
      type: z.literal('chunk.retrying'),
      data: z.object({ uploadId, ...retryingChunkShape, code: lineSchema(100) }),
    }),
    z.object({
      type: z.literal('chunk.completed'),
      data: z.object({
        ...doneChunkShape,
        folded: foldedImportSchema.optional(),
        asOf: count.optional(),
      }),
    }),
    z.object({
      type: z.literal('chunk.failed'),
      data: z.object({ uploadId, chunk, rows: chunkRows, code: lineSchema(100), message: lineSchema(500) }),
    }),
    z.object({ type: z.literal('work.lost'), data: z.object({ uploadId, version: count }) }),
    z.object({ type: z.literal('work.stopped'), data: z.object({ uploadId }) }),
    z.object({
      type: z.literal('chunk.requeued'),
      data: z.object({
        uploadId,
        chunk,
        rows: chunkRows,
        folded: foldedImportSchema.nullable(),
        asOf: count.optional(),
        letter: requeuedLetterSchema.optional(),
        place: workPositionSchema.extend({ priority: z.enum(['express', 'bulk']) }).optional(),
      }),
    }),
    z.object({
      type: z.literal('import.undo'),
      data: z.object({
        by: z.enum(requesters),
        folded: foldedImportSchema.nullable(),
        asOf: count.optional(),
        // Of a release in which an undo could not begin again.
        again: z.uuid().nullable().default(null),
      }),
    }),
    z.object({
      type: z.literal('undo.page_completed'),
      data: z.object({
        undoId: z.uuid(),
        page: count,
        reversed: count,
        kept: count,
        failed: count,
        next: undoPositionSchema,
        earlier: z.object({ reversed: count, kept: count }).optional(),
      }),
    }),
    z.object({ type: z.literal('undo.page_failed'), data: z.object({ undoId: z.uuid(), page: count }) }),
    z.object({
      type: z.literal('undo.page_requeued'),
      data: z.object({
        undoId: z.uuid(),
        page: count,
        folded: foldedImportSchema.nullable(),
        asOf: count.optional(),
        letter: requeuedLetterSchema,
      }),
    }),
    z.object({
      type: z.literal('undo.page_retrying'),
      data: z.object({ undoId: z.uuid(), page: count, ...nextAttemptShape, code: lineSchema(100) }),
    }),
    z.object({
      type: z.literal('import.compared'),
      data: z.object({ version: count, reconciled: z.boolean() }),
    }),
    z.object({ type: z.literal('import.projected'), data: z.object({ version: count }) }),
  ]),
);
