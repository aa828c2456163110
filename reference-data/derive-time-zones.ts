/** Derives the time zones of each country from the topic of the countries, as any other consumer could. */
import type { Cause } from '@tidings/contracts/event.ts';
import {
  COUNTRY_TIME_ZONE_TYPE,
  type CountryTimeZone,
  type PublishedCountry,
} from '@tidings/contracts/reference.ts';
import { createEvent, decodeEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { decodeCountry } from '@tidings/contracts/schemas/reference.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type {
  Consumer,
  EventLog,
  LogRecord,
  NewRecord,
  PartitionProcessor,
} from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { ReferenceTables } from '@tidings/service-kit/reference/reference-tables.ts';
import { timeZonesOf } from './seed/time-zones.ts';

export function startDerivation(log: EventLog, logger: Logger): Promise<Consumer> {
  return log.process({
    group: consumerGroups.timeZones,
    topics: [topics.countries],
    createProcessor: () => new TimeZoneDerivation(logger),
    onError: (error, attempt) =>
      logger.error({ err: error, attempt }, 'deriving time zones failed; retrying'),
  });
}

/** Reads countries and puts out their time zones in one transaction; keeps no state but the outputs that await the commit. */
class TimeZoneDerivation implements PartitionProcessor {
  readonly #logger: Logger;
  #outputs: NewRecord[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A record that nobody can read is passed over, as the tables do: its country keeps what it had, and no later one waits. */
  handle(records: readonly LogRecord[]): boolean {
    for (const record of records) {
      const read = readCountry(record);
      if (!('error' in read)) {
        this.#outputs.push(deriveTimeZones(record.key, read));
        continue;
      }
      const { topic, partition, offset } = record;
      this.#logger.error({ err: read.error, topic, partition, offset }, 'record skipped; no country');
    }
    return true;
  }

  outputs(): NewRecord[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}

interface ReadCountry {
  /** null where the country is removed. */
  readonly published: PublishedCountry | null;
  readonly cause: Cause | null;
}

function readCountry(record: LogRecord): ReadCountry | { readonly error: unknown } {
  if (record.value === null) return { published: null, cause: null };
  try {
    return { published: decodeCountry(record), cause: decodeEvent(record.value) };
  } catch (error) {
    return { error };
  }
}

/** A country that is removed, or has no time zone, gives a tombstone. */
function deriveTimeZones(code: string, { published, cause }: ReadCountry): NewRecord {
  const timeZones = published === null ? [] : zonesOf(published);
  const [timeZone] = timeZones;
  if (timeZone === undefined || cause === null) return { topic: topics.timeZones, key: code, value: null };
  const data: CountryTimeZone = { code, timeZone, timeZones: [...timeZones] };
  const event = createEvent({ type: COUNTRY_TIME_ZONE_TYPE, subject: code, data, cause });
  return { topic: topics.timeZones, key: code, value: encodeEvent(event) };
}

/** The zones that somebody has set; else those of the code. */
function zonesOf({ country }: PublishedCountry): readonly string[] {
  return country.timeZones.length > 0 ? country.timeZones : timeZonesOf(country.code);
}

/** The codes of countries whose time zones are not those that follow from them now. */
export function underived({ countries, timeZones }: ReferenceTables): string[] {
  const codes = new Set([...countries.entries(), ...timeZones.entries()].map(([code]) => code));
  return [...codes].filter((code) => {
    const country = countries.get(code);
    const wanted = country === undefined ? [] : zonesOf(country);
    return (timeZones.get(code)?.timeZones ?? []).join() !== wanted.join();
  });
}

/**
 * Appends the countries again whose time zones an older release has derived, or none has: so they are derived again. Of each the newest record
 * that can be read, as the tables have it; a tombstone where none can.
 */
export async function deriveAgain(log: EventLog, codes: readonly string[]): Promise<void> {
  const wanted = new Set(codes);
  const newest = new Map<string, NewRecord>();
  for await (const records of log.read({ topic: topics.countries, from: 'earliest', follow: false }))
    for (const record of records) {
      const { key, value, headers, topic } = record;
      if (wanted.has(key) && !('error' in readCountry(record)))
        newest.set(key, { topic, key, value, headers });
    }
  for (const key of codes)
    if (!newest.has(key)) newest.set(key, { topic: topics.countries, key, value: null });
  await log.append([...newest.values()]);
}
