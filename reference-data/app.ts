/**
 * Publishes the countries, and derives from their topic, as any other consumer could, the time zone of each.
 *
 * The topics are the truth, not the seed: what somebody else has published about a country stays when this starts again.
 */

import { type Cause, createEvent, decodeEvent, encodeEvent } from '@tidings/contracts/event.ts';
import {
  COUNTRY_TIME_ZONE_TYPE,
  COUNTRY_TYPE,
  type Country,
  type CountryTimeZone,
  countrySchema,
  countryTimeZoneSchema,
} from '@tidings/contracts/reference.ts';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import type {
  EventLog,
  LogRecord,
  NewRecord,
  PartitionProcessor,
  Subscription,
} from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { seedCountries } from './seed.ts';
import { timeZoneOf } from './time-zones.ts';

export const TIME_ZONES_GROUP = 'reference-data.time-zones';

/** Marks what came from the seed: only that may a newer seed replace or take away. */
const SEED_HEADERS = { source: 'seed' } as const;

export interface ReferenceDataParts {
  readonly log: EventLog;
  readonly logger: Logger;
}

export interface ReferenceData {
  /** Stops deriving; drains first. */
  stop(): Promise<void>;
}

/** Resolves when both topics hold what they should. A start that finds everything there appends nothing. */
export async function startReferenceData({ log, logger }: ReferenceDataParts): Promise<ReferenceData> {
  const names: readonly string[] = [topics.countries, topics.timeZones];
  await log.ensureTopics(planTopics(1).filter(({ name }) => names.includes(name)));
  const changes = await findChanges(log);
  if (changes.length > 0) await log.append(changes);
  const derivation = await startDerivation(log, logger);
  try {
    await untilDerived(log);
  } catch (error) {
    await derivation.stop();
    throw error;
  }
  logger.info({ changed: changes.length }, 'reference data is in place');
  return { stop: () => derivation.stop() };
}

/** What must be appended to the countries so that both topics come to hold what they should. */
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
      // Derived by an older release, or not at all: said again, the country is derived again.
      changes.push({ topic: topics.countries, key: code, value: record.value, headers: record.headers });
    }
  }
  return changes;
}

function toCountryRecord(country: Country): NewRecord {
  const event = createEvent({ type: COUNTRY_TYPE, subject: country.code, data: country });
  return { topic: topics.countries, key: country.code, value: encodeEvent(event), headers: SEED_HEADERS };
}

function startDerivation(log: EventLog, logger: Logger): Promise<Subscription> {
  return log.process({
    group: TIME_ZONES_GROUP,
    topics: [topics.countries],
    createProcessor: () => new TimeZoneDerivation(),
    onError: (error, attempt) =>
      logger.error({ error, attempt }, 'time zones could not be derived; trying again'),
  });
}

/** Country in, time zone out, in the same transaction; keeps no state but what awaits the commit. */
class TimeZoneDerivation implements PartitionProcessor {
  #outputs: NewRecord[] = [];

  handle(records: readonly LogRecord[]): boolean {
    for (const record of records) this.#outputs.push(deriveTimeZone(record));
    return true;
  }

  outputs(): NewRecord[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}

/** A country without a time zone, or taken away, takes its time zone away. */
function deriveTimeZone(record: LogRecord): NewRecord {
  const timeZone = record.value === null ? null : timeZoneOf(record.key);
  if (timeZone === null) return { topic: topics.timeZones, key: record.key, value: null };
  const cause: Cause = decodeEvent(record.value);
  const data: CountryTimeZone = { code: record.key, timeZone };
  const event = createEvent({ type: COUNTRY_TIME_ZONE_TYPE, subject: record.key, data, cause });
  return { topic: topics.timeZones, key: record.key, value: encodeEvent(event) };
}

/** Follows the time zones until they are those of the countries published by now. */
async function untilDerived(log: EventLog): Promise<void> {
  const published = await readLatest(log, topics.countries);
  const wanted = new Map([...published.keys()].map((code) => [code, timeZoneOf(code)]));
  const missing = new Set([...wanted].filter(([, timeZone]) => timeZone !== null).map(([code]) => code));
  if (missing.size === 0) return;
  for await (const records of log.read({ topic: topics.timeZones, from: 'earliest', follow: true })) {
    for (const record of records) {
      const timeZone = record.value === null ? null : decodeTimeZone(record).timeZone;
      if (timeZone === wanted.get(record.key)) missing.delete(record.key);
      else if (wanted.has(record.key)) missing.add(record.key);
    }
    if (missing.size === 0) return;
  }
}

async function readTimeZones(log: EventLog): Promise<Map<string, string>> {
  const records = await readLatest(log, topics.timeZones);
  return new Map([...records].map(([code, record]) => [code, decodeTimeZone(record).timeZone]));
}

/** The newest record of each key that is not a tombstone. */
async function readLatest(log: EventLog, topic: string): Promise<Map<string, LogRecord>> {
  const latest = new Map<string, LogRecord>();
  for await (const records of log.read({ topic, from: 'earliest', follow: false })) {
    for (const record of records) {
      if (record.value === null) latest.delete(record.key);
      else latest.set(record.key, record);
    }
  }
  return latest;
}

function isFromSeed(record: LogRecord): boolean {
  return record.headers.source === SEED_HEADERS.source;
}

function decodeCountry(record: LogRecord): Country {
  return countrySchema.parse(decodeEvent(record.value).data);
}

function decodeTimeZone(record: LogRecord): CountryTimeZone {
  return countryTimeZoneSchema.parse(decodeEvent(record.value).data);
}

function equal(a: Country, b: Country): boolean {
  return JSON.stringify(countrySchema.parse(a)) === JSON.stringify(countrySchema.parse(b));
}
