import { z } from 'zod';
import {
  columnSayers,
  type ImportPreview,
  PREVIEW_SAMPLES,
  PREVIEW_TITLE_LINES,
  type PreviewFields,
  previewNoticeCodes,
  previewProblemCodes,
  SHOWN_ROWS,
} from '../../files/preview.ts';
import { invalidFieldsChoices } from '../../files/upload.ts';
import { schemaOf } from '../values/schema-of.ts';
import { count, wholeNumberSchema } from '../values/whole-number.ts';
import { encodingSchema } from './csv.ts';
import { uploadFieldsSchema } from './upload.ts';

export const previewFieldsSchema = schemaOf<PreviewFields>()(
  uploadFieldsSchema.extend({ size: wholeNumberSchema(0).optional() }),
);

const share = z.number().min(0).max(1);
const samples = z.array(z.string()).max(PREVIEW_SAMPLES);
const line = z.int().min(1);
const countByCode = z.record(z.string(), count);
const texts = z.record(z.string(), z.string());

const column = z.object({
  index: count,
  name: z.string(),
  target: z.string(),
  confidence: share,
  by: z.enum(columnSayers).nullable(),
  samples,
  passedOver: z.string().nullable(),
  standsIn: z.boolean(),
});

const fault = z.object({
  code: z.string(),
  column: count.optional(),
  cells: count.optional(),
  columns: count.optional(),
  character: z.string().optional(),
});

const row = z.object({
  row: z.int().min(1),
  line,
  cells: z.array(z.string()),
  fields: texts.nullable(),
  attributes: texts,
  faults: z.array(fault),
});

export const importPreviewSchema = schemaOf<ImportPreview>()(
  z.object({
    sheet: z.string().nullable(),
    sheets: z.array(z.string()),
    encoding: encodingSchema,
    encodingConfidence: share,
    encodingSamples: samples,
    encodingAlternatives: z.array(z.object({ encoding: encodingSchema, samples })),
    delimiter: z.string(),
    quote: z.enum(['"', "'"]),
    headerLine: count,
    titleLines: z.array(z.string()).max(PREVIEW_TITLE_LINES),
    columns: z.array(column),
    rows: z.array(row).max(SHOWN_ROWS),
    rowsRead: count,
    blankRows: count,
    truncated: z.boolean(),
    estimatedRows: count.nullable(),
    defaultCountry: z.string().nullable(),
    invalidFields: z.enum(invalidFieldsChoices),
    rowsNeedingCountry: count,
    isRejectedExport: z.boolean(),
    mends: z.object({ importId: z.uuid(), fileName: z.string(), rowsMet: count.nullable() }).nullable(),
    forecast: z.object({ rows: count, valid: count, warnings: countByCode, rejected: countByCode }),
    problems: z.array(
      z.object({ code: z.enum(previewProblemCodes), detail: z.string(), line: line.optional() }),
    ),
    notices: z.array(
      z.object({
        code: z.enum(previewNoticeCodes),
        line,
        rows: count,
        sample: z.object({ written: z.string(), meant: z.string() }).optional(),
      }),
    ),
  }),
);
