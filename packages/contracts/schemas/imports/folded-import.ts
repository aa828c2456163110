/**
 * Reads and writes what the log keeps of an import. The stored versions, by `schemaVersion`:
 *
 * 1. Has no `schemaVersion`. Its state held `waitingFor` and `undo`, which were always null.
 * 2. Has no cancel, undo, retries or heartbeats. What it lacks gets its default: no automatic undo, nothing retried, and failed
 *    chunks that cannot be requeued, because their bytes were not kept.
 * 3. Knows no lost chunks, one undo of an upload, and not where the page of an undo begins. From null on a page finds what the pages before it have left.
 * 4. Knows no dry runs, and no imports that mend another one.
 * 5. The present version.
 *
 * Fields that are not named here are dropped. So this release also reads the imports of a later one that adds fields.
 */
import { Failure } from '@tidings/failures/failure.ts';
import { z } from 'zod';
import {
  type FirstWork,
  FOLDED_IMPORT_VERSION,
  type FoldedImport,
  MAX_RETRYING_CHUNKS,
} from '../../imports/folded-import.ts';
import { schemaOf } from '../values/schema-of.ts';
import { count } from '../values/whole-number.ts';
import { countsShape, importStateSchema, uploadId } from './import.ts';
import { chunkNumber, undoPositionSchema } from './work.ts';

export const workPositionSchema = z.object({ partition: count, offset: count });
export const firstWorkSchema = schemaOf<FirstWork>()(
  z.object({ express: workPositionSchema.nullable(), bulk: workPositionSchema.nullable() }),
);
export const nextAttemptShape = {
  attempt: count,
  attempts: count,
  dueAt: z.iso.datetime(),
};
export const retryingChunkShape = {
  chunk: chunkNumber,
  ...nextAttemptShape,
  origin: z.object({ topic: z.string(), partition: count, offset: count }).optional(),
};

export const foldedImportSchema = schemaOf<FoldedImport>()(
  z.object({
    owner: z.string(),
    uploadId,
    cause: z.object({
      eventId: z.uuid(),
      correlationId: z.uuid(),
      traceparent: z.string(),
      owner: z.string().optional(),
    }),
    state: importStateSchema,
    heartbeat: z.object({ number: count, at: z.number() }).default({ number: 0, at: 0 }),
    firstWork: firstWorkSchema.default({ express: null, bulk: null }),
    totals: z.object(countsShape(z.int())),
    reportedChunks: z.string(),
    expectedChunks: z.string().nullable(),
    failedChunks: z.string().default(''),
    lostChunks: z.string().default(''),
    uncountedChunks: z.string().default(''),
    takenBackChunks: z.string().default(''),
    takenBackRows: count.default(0),
    awaitedChunks: z.string().default(''),
    retrying: z.array(z.object(retryingChunkShape)).max(MAX_RETRYING_CHUNKS).default([]),
    undo: z
      .object({
        undoId: z.uuid(),
        run: z.int().min(1).default(1),
        page: count,
        after: undoPositionSchema.default(null),
        retry: z.object(nextAttemptShape).nullable().default(null),
        running: z.boolean(),
        dead: z.boolean().default(false),
      })
      .nullable()
      .default(null),
    samples: z.array(z.object({ at: z.number(), rows: count })).max(8),
  }),
);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeFoldedImport(folded: FoldedImport): Uint8Array {
  return encoder.encode(JSON.stringify({ schemaVersion: FOLDED_IMPORT_VERSION, ...folded }));
}

/** An import that only a later release can read. Whoever must not pass it over waits for that release. */
export class LaterImportError extends Failure<'later_import'> {
  override name = 'LaterImportError';

  constructor() {
    super('later_import', 'A later release has written the import: bring every service up to date.');
  }
}

/** @throws LaterImportError; SyntaxError or ZodError for a value that is no import in any version */
export function decodeFoldedImport(value: Uint8Array): FoldedImport {
  const json: unknown = JSON.parse(decoder.decode(value));
  const parsed = foldedImportSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw isLater(json) ? new LaterImportError() : parsed.error;
}

function isLater(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || !('schemaVersion' in json)) return false;
  return typeof json.schemaVersion === 'number' && json.schemaVersion > FOLDED_IMPORT_VERSION;
}
