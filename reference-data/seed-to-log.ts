/** Orders what the seed of this release has to change. */

import {
  COUNTRY_ORDER_TYPE,
  type CountryOrder,
  type CountrySource,
  type CountryValues,
} from '@tidings/contracts/reference.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import type { ReferenceTables } from '@tidings/service-kit/reference/reference-tables.ts';
import { type CountryRules, decide } from './country-rules.ts';
import { SEED_VERSION, type SeedCountry } from './seed/countries.ts';

const setBy: CountrySource = { who: 'seed', seedVersion: SEED_VERSION, reason: null };

/** The orders by which the countries become those of the seed, as far as people have not changed them; none where they are. */
export function seedOrders(
  { countries }: Pick<ReferenceTables, 'countries'>,
  seed: ReadonlyMap<string, SeedCountry>,
): CountryOrder[] {
  const rules: CountryRules = {
    countries: [...countries.entries()].map(([, country]) => country),
    get: (code) => countries.get(code),
    seedOf: (code) => seed.get(code),
    seedVersion: SEED_VERSION,
  };
  const codes = new Set([...seed.keys(), ...[...countries.entries()].map(([code]) => code)]);
  return [...codes]
    .map((code): CountryOrder => ({ code, setBy, values: valuesOf(seed.get(code)), expected: null }))
    .filter((order) => decide(order, rules).kind === 'changed');
}

function valuesOf(country: SeedCountry | undefined): CountryValues | null {
  if (country === undefined) return null;
  const { code: _code, ...values } = country;
  return values;
}

/** Resolves when the orders are on the log; they are obeyed a moment later. */
export async function orderSeed(log: EventLog, orders: readonly CountryOrder[]): Promise<void> {
  if (orders.length > 0) await log.append(orders.map(toRecord));
}

function toRecord(order: CountryOrder): NewRecord {
  const event = createEvent({ type: COUNTRY_ORDER_TYPE, subject: order.code, data: order });
  return { topic: topics.countryOrders, key: order.code, value: encodeEvent(event) };
}
