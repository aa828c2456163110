import { z } from 'zod';
import { rowCodes } from '../../codes.ts';
import type { HandedRows, MendedRows, RejectedRowItem } from '../../imports/rejected-rows.ts';
import { MAX_RECORD_BYTES } from '../../limits.ts';
import { reasonsQuerySchema } from '../files/rejected-file.ts';
import { pageQueryShape } from '../http.ts';
import { namedValues } from '../values/named-values.ts';
import { schemaOf } from '../values/schema-of.ts';
import { cellSchema, textSchema } from '../values/text.ts';

export const listRejectedQuerySchema = reasonsQuerySchema.extend({
  code: z.enum(rowCodes).optional(),
  ...pageQueryShape,
});

export const rejectedRowItemSchema = schemaOf<RejectedRowItem>()(
  z.object({
    row: z.int().min(1),
    line: z.int().min(1),
    codes: z.array(z.string()),
    faults: z.array(z.object({ code: z.string(), reason: z.string(), column: z.string().nullable() })),
    cells: z.record(z.string(), z.string()),
    mended: z.boolean(),
    mendedBy: z.uuid().nullable(),
  }),
);

const mendedCells = namedValues(textSchema(MAX_RECORD_BYTES), cellSchema(MAX_RECORD_BYTES));

/** `PATCH /imports/{id}/rejected/{row}`. */
const mend = {
  cells: mendedCells,
  former: mendedCells
    .optional()
    .describe(
      'What cells held when they were read: where one holds something else by now, nothing is changed (412).',
    ),
};

export const mendRowBodySchema = z.strictObject(mend);

export const mendRowsBodySchema = schemaOf<MendedRows>()(
  z.strictObject({
    rows: z
      .array(z.strictObject({ row: z.int().min(1), ...mend }))
      .min(1)
      .max(500),
  }),
);

export const handedRowsSchema = schemaOf<HandedRows>()(
  z.object({ importId: z.uuid(), channelId: z.string(), rows: z.int().min(1) }),
);
