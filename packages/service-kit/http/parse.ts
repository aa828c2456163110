/** Parameters and bodies of requests, read by their schemas. */
import { toLine } from '@tidings/contracts/text.ts';
import type { z } from 'zod';
import { Problem } from './problem.ts';

/** Characters of a field's name that an answer repeats, at most. */
const MAX_FIELD_NAME = 200;

/** @throws Problem invalid_request, naming the first field that does not fit */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  // A name within `attributes`, and one that is not known, is what the client sent.
  const field = toLine([...(issue?.path ?? []), ...unknown].join('.'), MAX_FIELD_NAME) || undefined;
  throw new Problem(
    'invalid_request',
    `${field === undefined ? '' : `\`${field}\`: `}${issue?.message ?? 'not valid'}.`,
    { field },
  );
}
