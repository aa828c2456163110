/**
 * `PUT /reference/countries/{code}`: support changes a country, or adds one. `If-Match` names the version that is changed. Every importer
 * knows the change when its next row comes; the answer comes once this process knows it.
 */
import { putCountryBodySchema } from '@tidings/contracts/schemas/reference.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import { type CountryParts, codeOfCountry, expectedVersion, obey, sendCountry } from './country-request.ts';

/** Bytes of a body: the aliases of the seed take at most a tenth. */
export const MAX_COUNTRY_BYTES = 256 * 1024;

/** Runs after the reader of JSON bodies. */
export function putCountry(parts: CountryParts): RequestHandler {
  const { countries, orders } = parts;
  return async (request, response) => {
    const code = codeOfCountry(request);
    const body = parse(putCountryBodySchema, request.body ?? {});
    const { name, aliases, callingCode, timeZones, reason = 'country changed' } = body;
    await countries.catchUp();
    const present = countries.get(code);
    const expected = expectedVersion(request, present);
    await orders.note('change_country', `country/${code}`, { who: 'support', reason });
    const values = { name, aliases, callingCode, timeZones };
    await obey(parts, { code, setBy: { who: 'support', seedVersion: null, reason }, values, expected });
    const country = countries.get(code);
    if (country === null) throw notFound();
    sendCountry(response.status(present === null ? 201 : 200), country);
  };
}
