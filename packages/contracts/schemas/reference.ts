import { z } from 'zod';
import type { Country, CountryTimeZone } from '../reference.ts';
import { schemaOf } from './schema-of.ts';

export const countryCodeSchema = z.string().regex(/^[A-Z]{2}$/);

export const countrySchema = schemaOf<Country>()(
  z.object({
    code: countryCodeSchema,
    name: z.string(),
    aliases: z.array(z.string()),
    callingCode: z.string().nullable(),
  }),
);

export const countryTimeZoneSchema = schemaOf<CountryTimeZone>()(
  z.object({ code: countryCodeSchema, timeZone: z.string() }),
);
