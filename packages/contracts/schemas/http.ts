import { z } from 'zod';
import { rowCodes } from '../codes.ts';
import { contactOrders } from '../contacts/contact.ts';
import {
  DEFAULT_PUBLISHER_TOKEN_SECONDS,
  invalidFieldsChoices,
  MAX_PUBLISHER_TOKEN_SECONDS,
  type MendedRows,
  type UploadFields,
} from '../http.ts';
import { type ImportStatus, importStatuses } from '../imports/import.ts';
import { spokenLanguages } from '../language.ts';
import { MAX_CONTACT_QUERY, MAX_FORM_FIELD_BYTES, MAX_IMPORT_QUERY, MAX_RECORD_BYTES } from '../limits.ts';
import { auditActions, chunkStatuses, MAX_AUDIT_QUERY } from '../services/support.ts';
import { namedValues } from './values/named-values.ts';
import { schemaOf } from './values/schema-of.ts';
import { cellSchema, lineSchema, ownerSchema, textSchema } from './values/text.ts';
import { wholeNumberSchema } from './values/whole-number.ts';

/** `POST /channels`, optional body: `userToken` where a person asks, `owner` where a service does. */
export const createChannelBodySchema = z.strictObject({
  userToken: lineSchema(4096).min(1).optional(),
  owner: ownerSchema.optional(),
});

/** `GET /channels/{id}/events`. */
export const eventsQuerySchema = z.object({
  lastEventId: z
    .string()
    .optional()
    .describe('A position, `epoch:seq`; the header `Last-Event-ID` counts where both come.'),
  ticket: z.string().optional().describe('In place of the bearer, once.'),
});

/** `POST /publisher-tokens`: for an owner or for a channel. */
export const createPublisherTokenBodySchema = z
  .strictObject({
    owner: ownerSchema.optional(),
    channelId: lineSchema(64).min(1).optional(),
    ttlSeconds: z.int().min(1).max(MAX_PUBLISHER_TOKEN_SECONDS).default(DEFAULT_PUBLISHER_TOKEN_SECONDS),
  })
  .refine(({ owner, channelId }) => (owner === undefined) !== (channelId === undefined), {
    error: 'say for whom: either `owner` or `channelId`',
  });

/** Codes of CLDR that are no countries. */
const noCountries: ReadonlySet<string> = new Set('AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ'.split(' '));
const regionNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** The code of ISO 3166-1 for one that people write: GB for UK, GR for EL, and the successors of countries that were. */
export function toCountryCode(written: string): string {
  const code = written.toUpperCase();
  return code === 'EL' ? 'GR' : (new Intl.Locale(`und-${code}`).region ?? code);
}

function isCountryCode(code: string): boolean {
  return regionNames.of(code) !== undefined && !noCountries.has(code);
}

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

const limit = wholeNumberSchema(1, 500).default(50);
/** A cursor may hold an e-mail address of 254 characters of any script. */
const cursor = lineSchema(2_000).min(1).optional();

export const pageQuerySchema = z.object({ cursor, limit });
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
  cursor,
  limit,
});
/** Of every answer that tells why rows were rejected. */
export const reasonsQuerySchema = z.object({
  language: z
    .enum(spokenLanguages)
    .optional()
    .describe('In which the reasons are told; default: what `Accept-Language` prefers, else English.'),
});
export const listRejectedQuerySchema = reasonsQuerySchema.extend({
  code: z.enum(rowCodes).optional(),
  cursor,
  limit,
});
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
/** A page of a list that knows nothing but its order. */
export const listQuerySchema = z.object({ cursor, limit });
export const listAuditQuerySchema = z.object({
  /** A part of the reason, or of what was acted on. */
  q: lineSchema(MAX_AUDIT_QUERY).min(1).optional(),
  action: z.enum(auditActions).optional(),
  who: z.enum(['support', 'owner']).optional(),
  importId: z.uuid().optional(),
  cursor,
  limit,
});
/** A cursor of events holds an offset of each partition. */
const eventCursor = lineSchema(12_000).min(1).optional();
export const listImportEventsQuerySchema = z.object({ cursor: eventCursor, limit });
export const listEventsQuerySchema = z.object({ correlationId: z.uuid(), cursor: eventCursor, limit });
/** All countries fit one page. */
export const listCountriesQuerySchema = z.object({ cursor, limit: limit.default(500) });
export const listDeadLettersQuerySchema = z.object({
  group: lineSchema(200).min(1).optional(),
  cursor,
  limit,
});
export const listChunksQuerySchema = z.object({ status: z.enum(chunkStatuses).optional(), cursor, limit });
/** Of what support orders. */
export const reasonBodySchema = z.strictObject({ reason: lineSchema(500).trim().min(1) });
const contactsFilter = {
  query: lineSchema(MAX_CONTACT_QUERY)
    .optional()
    .describe('Beginnings of words of address, names and company, or of the phone number, parted by blanks.'),
  import: z.uuid().optional().describe('Only contacts that this import has created, or has found.'),
  sort: z.enum(contactOrders).optional().describe('By `email` where it is left out; `-` turns it round.'),
};
export const listContactsQuerySchema = z.object({ ...contactsFilter, cursor, limit });
export const exportContactsQuerySchema = z.object({
  ...contactsFilter,
  sort: contactsFilter.sort.describe(
    'By `email` where it is left out, which leaves out none. In another order a contact that changes meanwhile, or is not indexed yet, may be passed over.',
  ),
  delimiter: z.enum([',', ';']).default(',').describe('As the spreadsheet of the reader wants it.'),
});
