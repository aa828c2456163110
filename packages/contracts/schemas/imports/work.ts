import { z } from 'zod';
import type { EventEnvelope } from '../../event.ts';
import { invalidFieldsChoices } from '../../files/upload.ts';
import { type ChunkWork, MAX_CHUNKS, type UndoPageWork } from '../../imports/work.ts';
import { MAX_COLUMNS, MAX_RECORD_BYTES } from '../../limits.ts';
import { envelopeFromHeaders, envelopeToHeaders, MalformedEventError } from '../event.ts';
import { chunkShapeSchema, dialectSchema } from '../files/csv.ts';
import { duplicateRuleSchema } from '../owners/settings.ts';
import { countryCodeSchema } from '../reference.ts';
import { schemaOf } from '../values/schema-of.ts';
import { cellSchema, ownerSchema } from '../values/text.ts';

const cells = z.array(cellSchema(MAX_RECORD_BYTES)).min(1).max(MAX_COLUMNS);

export const chunkNumber = z
  .int()
  .min(0)
  .max(MAX_CHUNKS - 1);
/** Where a page of an undo begins; null for the first one. */
export const undoPositionSchema = z.string().max(1_000).nullable();

export const chunkWorkSchema = schemaOf<ChunkWork>()(
  z.object({
    importId: z.uuid(),
    uploadId: z.uuid(),
    owner: ownerSchema,
    chunk: chunkNumber,
    dialect: dialectSchema,
    header: cells,
    columns: cells,
    defaultCountry: countryCodeSchema.nullable(),
    duplicates: duplicateRuleSchema.optional(),
    dryRun: z.boolean().optional(),
    restoreCells: z.boolean(),
    invalidFields: z.enum(invalidFieldsChoices).optional(),
    cutsBlankCells: z.boolean().optional(),
    countsSurplusCells: z.boolean().optional(),
    hasLineBreaks: z.boolean().optional(),
    shape: chunkShapeSchema,
    fileBytes: z.int().min(0).optional(),
  }),
);

const undoPageWorkSchema = schemaOf<UndoPageWork>()(
  z.object({
    importId: z.uuid(),
    uploadId: z.uuid(),
    undoId: z.uuid(),
    owner: ownerSchema,
    // Of a release in which an undo could not begin again.
    run: z.int().min(1).default(1),
    page: z.int().min(0),
    after: undoPositionSchema,
    passOver: z.boolean().optional(),
  }),
);

/** The part that is enough to report on a chunk, where the rest cannot be read. */
const reportableWorkSchema = z.object({
  importId: chunkWorkSchema.shape.importId,
  uploadId: chunkWorkSchema.shape.uploadId,
  owner: chunkWorkSchema.shape.owner.optional().catch(undefined),
  chunk: chunkWorkSchema.shape.chunk,
  shape: z.object({ rows: z.int().min(1), firstLine: z.int().min(1).optional() }),
});
export type ReportableWork = z.infer<typeof reportableWorkSchema>;

/** null where the header `work` does not say which chunk it is: also for a page of an undo. */
export function readReportableWork({ work }: Readonly<Record<string, string>>): ReportableWork | null {
  try {
    return reportableWorkSchema.parse(JSON.parse(work ?? ''));
  } catch {
    return null;
  }
}

/** null where the headers are not those of a page of an undo. */
export function readUndoPageWork(headers: Readonly<Record<string, string>>): UndoPageWork | null {
  try {
    return decodeUndoPageWork(headers).work;
  } catch {
    return null;
  }
}

export const CHUNK_WORK_TYPE = 'chunk.work';
export const UNDO_PAGE_TYPE = 'undo.page';

/** Work, and the envelope of the event that it is. */
export interface EnvelopedWork<Work> {
  readonly envelope: EventEnvelope;
  readonly work: Work;
}

/** @param envelope its type says what work it is */
export function encodeWork(envelope: EventEnvelope, work: ChunkWork | UndoPageWork): Record<string, string> {
  return { ...envelopeToHeaders(envelope), work: JSON.stringify(work) };
}

/** @throws MalformedEventError */
export function decodeChunkWork(headers: Readonly<Record<string, string>>): EnvelopedWork<ChunkWork> {
  return decodeWork(headers, CHUNK_WORK_TYPE, chunkWorkSchema);
}

/** @throws MalformedEventError */
export function decodeUndoPageWork(headers: Readonly<Record<string, string>>): EnvelopedWork<UndoPageWork> {
  return decodeWork(headers, UNDO_PAGE_TYPE, undoPageWorkSchema);
}

function decodeWork<Work>(
  headers: Readonly<Record<string, string>>,
  type: string,
  schema: z.ZodType<Work>,
): EnvelopedWork<Work> {
  const envelope = envelopeFromHeaders(headers);
  if (envelope.type !== type)
    throw new MalformedEventError(`a ${envelope.type} where a ${type} was expected`);
  try {
    return { envelope, work: schema.parse(JSON.parse(headers.work ?? '')) };
  } catch (error) {
    throw new MalformedEventError(`the header \`work\` describes no ${type}`, { cause: error });
  }
}
