/**
 * Reads and writes what the log keeps of an import. The stored versions, by `schemaVersion`:
 *
 * 1. Has no `schemaVersion`. Its state held `waitingFor` and `undo`, which were always null.
 * 2. The present version.
 *
 * Fields that are not named here are dropped. So this release also reads the imports of a later one that adds fields.
 */
import { z } from 'zod';
import { FOLDED_IMPORT_VERSION, type FoldedImport } from '../folded-import.ts';
import { count, countsShape, importStateSchema, uploadId } from './import.ts';
import { schemaOf } from './schema-of.ts';

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

/** @throws SyntaxError or ZodError for a value that is no import in any version */
export function decodeFoldedImport(value: Uint8Array): FoldedImport {
  return foldedImportSchema.parse(JSON.parse(decoder.decode(value)));
}
