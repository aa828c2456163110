/** Parameters and bodies of requests, read by their schemas. */
import { toLine } from '@tidings/contracts/text.ts';
import type { z } from 'zod';
import { check } from './mistakes.ts';
import { Problem } from './problem.ts';

/** Characters of a field's name that an answer repeats, at most. */
const MAX_FIELD_NAME = 200;

/** @throws Problem invalid_request, naming the first field that does not fit */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const checked = check<z.infer<Schema>>(schema as z.ZodType<z.infer<Schema>>, value);
  if ('value' in checked) return checked.value;
  const { path, words } = checked.mistake;
  // A name within `attributes`, and one that is not known, is what the client sent.
  const field = toLine(path.join('.'), MAX_FIELD_NAME) || undefined;
  // Only a body can be wrong as a whole.
  const what = field === undefined ? 'The body' : `\`${field}\``;
  throw new Problem('invalid_request', `${what}: ${words}.`, { field });
}
