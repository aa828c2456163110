/** Publishes the countries of the seed. */

import { COUNTRY_TYPE, type Country } from '@tidings/contracts/reference.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { countrySchema } from '@tidings/contracts/schemas/reference.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog, LogRecord, NewRecord } from '@tidings/event-log/event-log.ts';
import { seedCountries } from './seed/countries.ts';
import { timeZoneOf } from './seed/time-zones.ts';
import { decodeCountry, readLatest, readTimeZones } from './tables.ts';

/** Marks records of the seed: a newer seed replaces or removes no other record. */
const SEED_HEADERS = { source: 'seed' } as const;

/**
 * Appends the countries that are missing or older than the seed, and those whose time zone must be derived again.
 * @returns how many records were appended
 */
export async function publishSeed(log: EventLog): Promise<number> {
  const changes = await findChanges(log);
  if (changes.length > 0) await log.append(changes);
  return changes.length;
}

/** The records to append to the countries so that both topics become complete. */
async function findChanges(log: EventLog): Promise<NewRecord[]> {
  const published = await readLatest(log, topics.countries);
  const derived = await readTimeZones(log);
  const seeded = new Map(seedCountries().map((country) => [country.code, country]));
  const changes: NewRecord[] = [];
  for (const country of seeded.values()) {
    const record = published.get(country.code);
    if (record === undefined || (isFromSeed(record) && !equal(decodeCountry(record), country))) {
      changes.push(toCountryRecord(country));
    }
  }
  const changed = new Set(changes.map(({ key }) => key));
  for (const [code, record] of published) {
    if (changed.has(code)) continue;
    if (isFromSeed(record) && !seeded.has(code)) {
      changes.push({ topic: topics.countries, key: code, value: null });
    } else if ((derived.get(code) ?? null) !== timeZoneOf(code)) {
      // An older release derived the time zone, or none did: appending the country again derives it again.
      changes.push({ topic: topics.countries, key: code, value: record.value, headers: record.headers });
    }
  }
  return changes;
}

function toCountryRecord(country: Country): NewRecord {
  const event = createEvent({ type: COUNTRY_TYPE, subject: country.code, data: country });
  return { topic: topics.countries, key: country.code, value: encodeEvent(event), headers: SEED_HEADERS };
}

function isFromSeed(record: LogRecord): boolean {
  return record.headers.source === SEED_HEADERS.source;
}

function equal(a: Country, b: Country): boolean {
  return JSON.stringify(countrySchema.parse(a)) === JSON.stringify(countrySchema.parse(b));
}
