import { z } from 'zod';
import { readWholeNumber } from '../../text.ts';

const WholeNumber: z.core.$constructor<z.ZodNumber> = z.core.$constructor(
  'WholeNumber',
  (schema: z.ZodNumber, definition) => {
    z.ZodNumber.init(schema, definition);
    const parse = schema._zod.parse;
    schema._zod.parse = (payload, context) => {
      const { value } = payload;
      if (typeof value === 'string') payload.value = readWholeNumber(value) ?? value;
      return parse(payload, context);
    };
  },
);

/** How many there are of something. */
export const count = z.int().min(0);

/** A whole number that comes as text, in a query or a form: as `String` writes it alone. `z.coerce` also takes `2e1`, `+2`, `0x2` and nothing. */
export function wholeNumberSchema(least: number, most = Number.MAX_SAFE_INTEGER): z.ZodNumber {
  return new WholeNumber({ type: 'number', checks: [] }).int().min(least).max(most);
}
