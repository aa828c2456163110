/**
 * Reads and writes what the log keeps of an import. Stored forms, by `schemaVersion`:
 *
 * 1. Without the field; its state held `waitingFor` and `undo`, which nothing ever set.
 * 2. The present one.
 *
 * A form with more fields than these is read without them: a release to come may add fields, and stops no partition of this one.
 */
import { z } from 'zod';
import { FOLDED_IMPORT_VERSION, type FoldedImport } from '../folded-import.ts';
import { count, countsShape, importStateSchema, uploadId } from './import.ts';
import { schemaOf } from './schema-of.ts';

/** Reads every version: what version 1 held besides is dropped, as every field that is not named here. */
const foldedImportSchema = schemaOf<FoldedImport>()(
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
    totals: z.object(countsShape(z.int())),
    reportedChunks: z.string(),
    expectedChunks: z.string().nullable(),
    samples: z.array(z.object({ at: z.number(), rows: count })).max(8),
  }),
);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeFoldedImport(folded: FoldedImport): Uint8Array {
  return encoder.encode(JSON.stringify({ schemaVersion: FOLDED_IMPORT_VERSION, ...folded }));
}

/** @throws SyntaxError or ZodError for what is no import in any version */
export function decodeFoldedImport(value: Uint8Array): FoldedImport {
  return foldedImportSchema.parse(JSON.parse(decoder.decode(value)));
}
