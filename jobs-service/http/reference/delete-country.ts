/** `DELETE /reference/countries/{code}`: support takes a change back, to what the seed says; a country that the seed does not know goes. */
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import { supportGiverFor } from '../order-giver.ts';
import { type CountryParts, codeOfCountry, expectedVersion, obey, sendCountry } from './country-request.ts';

/** Runs after the reader of JSON bodies. */
export function deleteCountry(parts: CountryParts): RequestHandler {
  const { countries, orders } = parts;
  return async (request, response) => {
    const code = codeOfCountry(request);
    const giver = supportGiverFor(request, 'change of the country taken back');
    await countries.catchUp();
    const present = countries.get(code);
    if (present === null) throw notFound();
    const expected = expectedVersion(request, present);
    await orders.note('take_back_country', `country/${code}`, giver);
    const setBy = { who: 'support', seedVersion: null, reason: giver.reason } as const;
    await obey(parts, { code, setBy, values: null, expected });
    const country = countries.get(code);
    if (country === null) response.status(204).end();
    else sendCountry(response, country);
  };
}
