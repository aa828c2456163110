/** What the routes of one country share: its code, the version that a change is based on, and how it is answered. */
import type { CountryItem, CountryOrder, CountryWithHistory } from '@tidings/contracts/reference.ts';
import { countryCodeSchema } from '@tidings/contracts/schemas/reference.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request, Response } from 'express';
import type { Orders } from '../../orders/orders.ts';
import type { Countries } from '../../reference/countries.ts';
import { namesVersion } from '../if-match.ts';

export interface CountryParts {
  readonly countries: Pick<Countries, 'list' | 'get' | 'history' | 'catchUp' | 'order'>;
  readonly orders: Pick<Orders, 'note'>;
}

/** @throws Problem not_found: no country has such a code */
export function codeOfCountry(request: Request): string {
  const code = countryCodeSchema.safeParse(String(request.params.code).toUpperCase());
  if (!code.success) throw notFound();
  return code.data;
}

/**
 * The version that the request names, of a country that exists; null where there is none, and the request expects none.
 * @throws Problem precondition_required, precondition_failed
 */
export function expectedVersion(request: Request, country: CountryItem | null): string | null {
  const { 'if-match': match, 'if-none-match': noneMatch } = request.headers;
  if (noneMatch !== undefined && noneMatch.trim() !== '*')
    throw new Problem('invalid_request', 'If-None-Match takes * alone.', { field: 'If-None-Match' });
  if (country === null) {
    if (match === undefined) return null;
    throw changed('There is no such country any more.');
  }
  if (noneMatch !== undefined) throw changed(`There is a country ${country.code}.`);
  if (match === undefined)
    throw new Problem(
      'precondition_required',
      'Send the `ETag` of the country as `If-Match`, so that nobody else’s change is lost.',
      { field: 'If-Match' },
    );
  if (!namesVersion(match, country.version))
    throw changed(`${country.code} was changed meanwhile: read it again, and change what it is now.`);
  return country.version;
}

function changed(message: string): Problem {
  return new Problem('precondition_failed', message, { field: 'If-Match' });
}

export function sendCountry(response: Response, country: CountryWithHistory): void {
  response.set('ETag', `"${country.version}"`).json(country);
}

/**
 * Resolves when the order is obeyed.
 * @throws Problem, as the service that obeys refuses it; unavailable where it does not answer in time
 */
export async function obey(
  { countries }: Pick<CountryParts, 'countries'>,
  order: CountryOrder,
): Promise<void> {
  const outcome = await countries.order(order);
  if (outcome === null)
    throw new Problem(
      'unavailable',
      'The reference data service does not answer. The change may still be made: read the country again.',
      { retryAfterSeconds: 2 },
    );
  if (outcome.kind === 'refused') throw new Problem(outcome.refusal.problem, outcome.refusal.message);
}
