import { z } from 'zod';
import type { WarningItem } from '../../imports/warnings.ts';
import { schemaOf } from '../values/schema-of.ts';

export const warningItemSchema = schemaOf<WarningItem>()(
  z.object({
    row: z.int().min(1),
    line: z.int().min(1),
    code: z.string(),
    column: z.string(),
    cell: z.string(),
  }),
);
