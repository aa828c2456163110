import { z } from 'zod';
import {
  type ChunkShape,
  type Damage,
  type Dialect,
  damageCodes,
  delimiters,
  encodings,
} from '../../files/csv.ts';
import { schemaOf } from '../values/schema-of.ts';

export const encodingSchema = z.enum(encodings);
export const delimiterSchema = z.enum(delimiters);
export const dialectSchema = schemaOf<Dialect>()(
  z.object({ encoding: encodingSchema, delimiter: delimiterSchema }),
);

const damageSchema = schemaOf<Damage>()(
  z.object({
    offset: z.int().min(0),
    length: z.int().min(0),
    lines: z.int().min(0),
    line: z.int().min(1),
    code: z.enum(damageCodes),
  }),
);

export const chunkShapeSchema = schemaOf<ChunkShape>()(
  z.object({
    firstLine: z.int().min(1),
    firstRow: z.int().min(0),
    rows: z.int().min(1),
    damage: z.array(damageSchema),
  }),
);
