import { z } from 'zod';
import type { ImportStatus } from '../../imports/import.ts';
import {
  type Bucket,
  buckets,
  type ImportState,
  importStatuses,
  uploadStatuses,
} from '../../imports/import.ts';
import { type WaitingFor, waitingReasons } from '../../imports/waiting-for.ts';
import { MAX_IMPORT_QUERY } from '../../limits.ts';
import { pageQueryShape } from '../http.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema, ownerSchema } from '../values/text.ts';
import { count } from '../values/whole-number.ts';

export const uploadId = z.uuid();

/** One number for each bucket. */
export function countsShape<Schema extends z.ZodType>(schema: Schema) {
  return Object.fromEntries(buckets.map((bucket) => [bucket, schema])) as Record<Bucket, Schema>;
}

const waitingForSchema = schemaOf<WaitingFor>()(
  z.object({
    reason: z.enum(waitingReasons),
    text: z.string(),
    chunksBefore: count.optional(),
    attempt: count.optional(),
    attempts: count.optional(),
    at: z.iso.datetime().optional(),
  }),
);

/** The defaults are for states that were kept by releases without the field. */
export const importStateSchema = schemaOf<ImportState>()(
  z.object({
    importId: z.uuid(),
    channelId: z.string(),
    version: count,
    status: z.enum(importStatuses),
    upload: z.enum(uploadStatuses),
    uploadError: z.string().nullable(),
    fileName: z.string(),
    clientReference: z.string().nullable(),
    rows: z.object({ total: count.nullable(), ...countsShape(count) }),
    warnings: count.default(0),
    blankRows: count.default(0),
    chunks: z.object({ total: count.nullable(), completed: count, failed: count }),
    bytes: count,
    rowsPerSecond: count,
    acceptedAt: z.iso.datetime(),
    sealedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
    reconciled: z.boolean().nullable(),
    autoUndo: z.boolean().default(false),
    dryRun: z.boolean().default(false),
    mends: z.uuid().nullable().default(null),
    mendedBy: z.array(z.uuid()).default([]),
    restIgnored: z.boolean().optional(),
    restChanges: count.optional(),
    leftToMend: count.optional(),
    waitingFor: waitingForSchema.nullable().default(null),
    undo: z
      .object({ reversed: count, kept: count, failed: count, endedAt: z.iso.datetime().nullable() })
      .nullable()
      .default(null),
    movedAt: z.iso.datetime().optional(),
    owner: z.string().optional(),
  }),
);

export const listImportsQuerySchema = z.object({
  // Several stand with commas between them.
  status: z
    .string()
    .regex(new RegExp(`^(${importStatuses.join('|')})(,(${importStatuses.join('|')})){0,8}$`), {
      error: `it is none of ${importStatuses.join(', ')}, or several of them with commas between them`,
    })
    .transform((names) => names.split(',') as ImportStatus[])
    .optional(),
  /** A part of the file name or of the id. */
  q: lineSchema(MAX_IMPORT_QUERY).min(1).optional(),
  /** For support alone: whose imports. */
  owner: ownerSchema.optional(),
  ...pageQueryShape,
});
