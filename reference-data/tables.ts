/** Reads the two topics: the newest record of each country, and of each time zone. */

import type { Country, CountryTimeZone } from '@tidings/contracts/reference.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { countrySchema, countryTimeZoneSchema } from '@tidings/contracts/schemas/reference.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';

export async function readTimeZones(log: EventLog): Promise<Map<string, string>> {
  const records = await readLatest(log, topics.timeZones);
  return new Map([...records].map(([code, record]) => [code, decodeTimeZone(record).timeZone]));
}

/** The newest record of each key that is not a tombstone. */
export async function readLatest(log: EventLog, topic: string): Promise<Map<string, LogRecord>> {
  const latest = new Map<string, LogRecord>();
  for await (const records of log.read({ topic, from: 'earliest', follow: false })) {
    for (const record of records) {
      if (record.value === null) latest.delete(record.key);
      else latest.set(record.key, record);
    }
  }
  return latest;
}

export function decodeCountry(record: LogRecord): Country {
  return countrySchema.parse(decodeEvent(record.value).data);
}

export function decodeTimeZone(record: LogRecord): CountryTimeZone {
  return countryTimeZoneSchema.parse(decodeEvent(record.value).data);
}
