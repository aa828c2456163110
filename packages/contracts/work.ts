/**
 * A chunk of an import on its way to an importer: raw bytes in the value, all else in the headers.
 */
import { z } from 'zod';
import { chunkShapeSchema, dialectSchema } from './csv.ts';
import { type EventEnvelope, envelopeFromHeaders, envelopeToHeaders, MalformedEventError } from './event.ts';
import { countryCodeSchema } from './reference.ts';
import { cellSchema, ownerSchema } from './text.ts';

/** Bytes of a chunk's value, at most: also of the largest record that is kept. */
export const MAX_CHUNK_BYTES = 128 * 1024;
/** Chunks of one import, at most. */
export const MAX_CHUNKS = 65_536;
/** Chunks of `express` are worked off before those of `bulk`, so that short imports overtake long ones. */
export type WorkPriority = 'express' | 'bulk';

/** Chunks of every import that are express, from its first one on; the others are bulk. */
export const EXPRESS_CHUNKS = 8;

/**
 * Where a column's cells go: a field of the contact, `attributes.<name>`, or '' for a column that is left out. No
 * two columns have the same, unless it is ''.
 */
export const columnTargetSchema = cellSchema(MAX_CHUNK_BYTES);

export const chunkWorkSchema = z.object({
  importId: z.uuid(),
  uploadId: z.uuid(),
  owner: ownerSchema,
  chunk: z
    .int()
    .min(0)
    .max(MAX_CHUNKS - 1),
  dialect: dialectSchema,
  /** The header's cells as they stand in the file. */
  header: z.array(cellSchema(MAX_CHUNK_BYTES)).min(1).max(1000),
  /** Targets, one for each cell of the header. */
  columns: z.array(columnTargetSchema).min(1).max(1000),
  /** ISO 3166-1 alpha-2: the country of phones of rows that name none; null for none. */
  defaultCountry: countryCodeSchema.nullable(),
  /** The file is one of our files of rejected rows (packages/csv/rejected-export.ts): its rows are restored. */
  restoreCells: z.boolean(),
  shape: chunkShapeSchema,
});
export type ChunkWork = z.infer<typeof chunkWorkSchema>;

export const CHUNK_WORK_TYPE = 'chunk.work';

export function chunkWorkKey(importId: string, chunk: number): string {
  return `${importId}:${chunk}`;
}

export function encodeChunkWork(envelope: EventEnvelope, work: ChunkWork): Record<string, string> {
  return { ...envelopeToHeaders(envelope), work: JSON.stringify(work) };
}

/** @throws MalformedEventError */
export function decodeChunkWork(headers: Readonly<Record<string, string>>): {
  envelope: EventEnvelope;
  work: ChunkWork;
} {
  const envelope = envelopeFromHeaders(headers);
  if (envelope.type !== CHUNK_WORK_TYPE)
    throw new MalformedEventError(`a ${envelope.type} where work was expected`);
  try {
    return { envelope, work: chunkWorkSchema.parse(JSON.parse(headers.work ?? '')) };
  } catch (error) {
    throw new MalformedEventError('the header `work` does not describe a chunk', { cause: error });
  }
}
