/** `GET /reference/countries`: the countries by code. A page holds all of them unless the request asks for fewer. */
import { listCountriesQuerySchema } from '@tidings/contracts/schemas/reference.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler } from 'express';
import { cursorUnknown } from '../support/support-request.ts';
import type { CountryParts } from './country-request.ts';

export function listCountries({ countries }: Pick<CountryParts, 'countries'>): RequestHandler {
  return readsQuery(listCountriesQuerySchema, ({ cursor, limit }, _request, response) => {
    if (cursor !== undefined && !/^[A-Z]{2}$/.test(cursor)) throw cursorUnknown();
    const left = countries.list().filter(({ code }) => cursor === undefined || code > cursor);
    const items = left.slice(0, limit);
    const nextCursor = left.length > limit ? (items.at(-1)?.code ?? null) : null;
    response.json({ items, nextCursor });
  });
}
