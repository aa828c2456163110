/** Reference data, on compacted topics: key is the country's code. */
import { z } from 'zod';

export const countryCodeSchema = z.string().regex(/^[A-Z]{2}$/);

export const countrySchema = z.object({
  /** ISO 3166-1 alpha-2. */
  code: countryCodeSchema,
  name: z.string(),
  /** Other names and codes that mean this country: alpha-3, native and common names; any case. */
  aliases: z.array(z.string()),
  /** Without the plus, e.g. 49; null where there is none. */
  callingCode: z.string().nullable(),
});
export type Country = z.infer<typeof countrySchema>;

export const countryTimeZoneSchema = z.object({
  code: countryCodeSchema,
  /** IANA name; of the capital, where the country has several. */
  timeZone: z.string(),
});
export type CountryTimeZone = z.infer<typeof countryTimeZoneSchema>;
