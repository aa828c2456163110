/** `GET /reference/countries/{code}`: one country; for support with its last changes. */
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import { type CountryParts, codeOfCountry, sendCountry } from './country-request.ts';

export function getCountry({ countries }: Pick<CountryParts, 'countries'>): RequestHandler {
  return async (request, response) => {
    const code = codeOfCountry(request);
    const isSupport = bearerOf(response).kind === 'support';
    const history = isSupport ? await countries.history(code) : [];
    const country = countries.get(code);
    if (country === null) throw notFound();
    sendCountry(response, isSupport ? { ...country, history } : country);
  };
}
