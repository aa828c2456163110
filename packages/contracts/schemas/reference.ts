import { z } from 'zod';
import {
  COUNTRY_CHANGED_TYPE,
  type Country,
  type CountryChange,
  type CountryHistoryItem,
  type CountryItem,
  type CountryOrder,
  type CountryRefusal,
  type CountrySource,
  type CountryTimeZone,
  type CountryValues,
  type CountryWithHistory,
  MAX_COUNTRY_ALIASES,
  MAX_COUNTRY_NAME_LENGTH,
  MAX_COUNTRY_TIME_ZONES,
  type PublishedCountry,
  SEED_SOURCE,
} from '../reference.ts';
import { decodeEvent, MalformedEventError } from './event.ts';
import { pageQueryShape } from './http.ts';
import { schemaOf } from './values/schema-of.ts';
import { lineSchema } from './values/text.ts';

export const countryCodeSchema = z.string().regex(/^[A-Z]{2}$/);

const countrySourceSchema = schemaOf<CountrySource>()(
  z.object({
    who: z.enum(['seed', 'support', 'other']),
    seedVersion: z.string().nullable(),
    reason: z.string().nullable(),
  }),
);

/** Of records that do not say it. */
const unknownSource: CountrySource = { who: 'other', seedVersion: null, reason: null };

const values = {
  name: z.string(),
  aliases: z.array(z.string()),
  callingCode: z.string().nullable(),
  // Records of older releases, and of other programs, have no zones of their own.
  timeZones: z.array(z.string()).default([]),
};
const countryValuesSchema = schemaOf<CountryValues>()(z.object(values));

export const countrySchema = schemaOf<Country>()(
  z.object({
    code: countryCodeSchema,
    ...values,
    setBy: countrySourceSchema.default(unknownSource),
  }),
);

export const countryTimeZoneSchema = schemaOf<CountryTimeZone>()(
  z
    .object({ code: countryCodeSchema, timeZone: z.string(), timeZones: z.array(z.string()).default([]) })
    .transform((zone) => (zone.timeZones.length > 0 ? zone : { ...zone, timeZones: [zone.timeZone] })),
);

export const countryOrderSchema = schemaOf<CountryOrder>()(
  z.object({
    code: countryCodeSchema,
    setBy: countrySourceSchema,
    values: countryValuesSchema.nullable(),
    expected: z.string().nullable(),
  }),
);

export const countryChangeSchema = schemaOf<CountryChange>()(
  z.object({
    code: countryCodeSchema,
    setBy: countrySourceSchema,
    values: countryValuesSchema.nullable(),
    version: z.string().nullable(),
  }),
);

export const countryRefusalSchema = schemaOf<CountryRefusal>()(
  z.object({
    code: countryCodeSchema,
    problem: z.enum(['precondition_failed', 'state_conflict']),
    message: z.string(),
  }),
);

/** A record of the countries' topic that is no tombstone. @throws MalformedEventError, ZodError */
export function decodeCountry(record: {
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}): PublishedCountry {
  const { data, eventId, occurredAt } = decodeEvent(record.value);
  const country = countrySchema.parse(data);
  // A release that knew no `setBy` has marked its seed by the header alone.
  const isOldSeed = country.setBy.who === 'other' && record.headers.source === SEED_SOURCE;
  const setBy: CountrySource = isOldSeed ? { ...country.setBy, who: SEED_SOURCE } : country.setBy;
  return { country: { ...country, setBy }, version: eventId, at: occurredAt };
}

/** What became of the order that has caused it. */
export type CountryOutcome = { readonly orderId: string } & (
  | { readonly kind: 'changed'; readonly change: CountryChange }
  | { readonly kind: 'refused'; readonly refusal: CountryRefusal }
);

/** A record of the topic of changes. @throws MalformedEventError, ZodError */
export function decodeCountryOutcome(value: Uint8Array | null): CountryOutcome {
  if (value === null) throw new MalformedEventError('a tombstone where a change was expected');
  const { type, data, causationId: orderId } = decodeEvent(value);
  return type === COUNTRY_CHANGED_TYPE
    ? { kind: 'changed', orderId, change: countryChangeSchema.parse(data) }
    : { kind: 'refused', orderId, refusal: countryRefusalSchema.parse(data) };
}

const aliasSchema = lineSchema(MAX_COUNTRY_NAME_LENGTH).min(1);

/** What `GET` tells of a country besides its values: passed over, so that its answer can be changed and sent back. */
const passedOver = z.unknown().optional();

/** `PUT /reference/countries/{code}`. */
export const putCountryBodySchema = z.strictObject({
  name: aliasSchema,
  aliases: z.array(aliasSchema).max(MAX_COUNTRY_ALIASES).default([]),
  callingCode: z
    .string()
    .regex(/^[1-9]\d{0,6}$/, { error: 'must be 1 to 7 digits, without a plus' })
    .nullable()
    .default(null),
  timeZones: z
    .array(lineSchema(64).refine(isTimeZone, { error: 'must be IANA names' }))
    .max(MAX_COUNTRY_TIME_ZONES)
    .default([]),
  reason: lineSchema(500).min(1).optional(),
  code: passedOver,
  setBy: passedOver,
  setAt: passedOver,
  version: passedOver,
  history: passedOver,
});

/** Whether the runtime knows the zone by an IANA name; it also accepts offsets, which are none. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const countryItemFields = {
  code: countryCodeSchema,
  name: z.string(),
  aliases: z.array(z.string()),
  callingCode: z.string().nullable(),
  timeZones: z.array(z.string()),
  setBy: countrySourceSchema,
  setAt: z.iso.datetime(),
  version: z.string(),
};
export const countryItemSchema = schemaOf<CountryItem>()(z.object(countryItemFields));

const countryHistoryItemSchema = schemaOf<CountryHistoryItem>()(
  z.object({ at: z.iso.datetime(), setBy: countrySourceSchema, values: countryValuesSchema.nullable() }),
);
export const countryWithHistorySchema = schemaOf<CountryWithHistory>()(
  z.object({ ...countryItemFields, history: z.array(countryHistoryItemSchema).optional() }),
);

/** All countries fit one page. */
export const listCountriesQuerySchema = z.object({
  ...pageQueryShape,
  limit: pageQueryShape.limit.default(500),
});
