import { z } from 'zod';
import type { EventEnvelope } from '../event.ts';
import { MAX_COLUMNS, MAX_RECORD_BYTES } from '../limits.ts';
import { type ChunkWork, MAX_CHUNKS } from '../work.ts';
import { chunkShapeSchema, dialectSchema } from './csv.ts';
import { envelopeFromHeaders, envelopeToHeaders, MalformedEventError } from './event.ts';
import { countryCodeSchema } from './reference.ts';
import { schemaOf } from './schema-of.ts';
import { cellSchema, ownerSchema } from './text.ts';

const cells = z.array(cellSchema(MAX_RECORD_BYTES)).min(1).max(MAX_COLUMNS);

export const chunkWorkSchema = schemaOf<ChunkWork>()(
  z.object({
    importId: z.uuid(),
    uploadId: z.uuid(),
    owner: ownerSchema,
    chunk: z
      .int()
      .min(0)
      .max(MAX_CHUNKS - 1),
    dialect: dialectSchema,
    header: cells,
    columns: cells,
    defaultCountry: countryCodeSchema.nullable(),
    restoreCells: z.boolean(),
    shape: chunkShapeSchema,
  }),
);

export const CHUNK_WORK_TYPE = 'chunk.work';

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
