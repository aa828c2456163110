import { z } from 'zod';
import {
  type AcceptedImport,
  invalidFieldsChoices,
  type Limits,
  type UploadFields,
  type UploadOffset,
} from '../../files/upload.ts';
import { MAX_FORM_FIELD_BYTES } from '../../limits.ts';
import { isCountryCode, toCountryCode } from '../values/country-code.ts';
import { namedValues } from '../values/named-values.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema, textSchema } from '../values/text.ts';
import { count, wholeNumberSchema } from '../values/whole-number.ts';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

export const uploadFieldsSchema = schemaOf<UploadFields>()(
  z.object({
    channelId: lineSchema(64).optional(),
    channelToken: lineSchema(4096).optional(),
    encoding: lineSchema(100).optional(),
    delimiter: textSchema(100).optional(),
    sheet: lineSchema(200).min(1).optional(),
    headerLine: wholeNumberSchema(0, 1_000_000).optional(),
    mapping: namedValues(textSchema(MAX_FORM_FIELD_BYTES), lineSchema(MAX_FORM_FIELD_BYTES)).optional(),
    defaultCountry: z
      .string()
      .regex(/^[A-Za-z]{2}$/, { error: 'it is a code of two letters, such as DE' })
      .transform(toCountryCode)
      .refine(isCountryCode, { error: 'it is no country code of ISO 3166-1' })
      .optional(),
    invalidFields: z.enum(invalidFieldsChoices).optional(),
    clientReference: lineSchema(200).optional(),
    autoUndo: flag.optional(),
    dryRun: flag.optional(),
    mends: z.uuid().optional(),
  }),
);

export const acceptedImportSchema = schemaOf<AcceptedImport>()(
  z.object({
    importId: z.uuid(),
    channelId: z.string(),
    channelToken: z.string(),
    sheet: z.string().optional(),
    sheets: z.array(z.string()).optional(),
  }),
);

export const uploadOffsetSchema = schemaOf<UploadOffset>()(z.object({ offset: z.int().min(0) }));

export const limitsSchema = schemaOf<Limits>()(
  z
    .object({
      upload: z
        .object({ maxBytes: count, maxRows: count, maxColumns: count, maxRecordBytes: count })
        .readonly(),
    })
    .readonly(),
);
