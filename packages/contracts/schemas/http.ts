/**
 * What every route of the HTTP API shares. Services are checked by their types: the schemas of answers describe them to others, and
 * tests read real ones with them.
 */

import { z } from 'zod';
import type { ProblemDocument } from '../http.ts';
import { schemaOf } from './values/schema-of.ts';
import { lineSchema } from './values/text.ts';
import { wholeNumberSchema } from './values/whole-number.ts';

export const problemSchema = schemaOf<ProblemDocument>()(
  z.object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    retriable: z.boolean(),
    line: z.int().optional(),
    field: z.string().optional(),
    reason: z.string().optional(),
  }),
);

const limit = wholeNumberSchema(1, 500).default(50);

/** A cursor may hold an e-mail address of 254 characters of any script. */
const cursor = lineSchema(2_000).min(1).optional();

/** Of a list's query: which page, and how many items. */
export const pageQueryShape = { cursor, limit };
/** A page of a list that knows nothing but its order. */
export const pageQuerySchema = z.object(pageQueryShape);

/** A page of a list. */
export function pageSchema<Schema extends z.ZodType>(item: Schema) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}
