/** Derives the time zone of each country from the topic of the countries, as any other consumer could. */
import type { Cause } from '@tidings/contracts/event.ts';
import { COUNTRY_TIME_ZONE_TYPE, type CountryTimeZone } from '@tidings/contracts/reference.ts';
import { createEvent, decodeEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type {
  Consumer,
  EventLog,
  LogRecord,
  NewRecord,
  PartitionProcessor,
} from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { timeZoneOf } from './seed/time-zones.ts';
import { decodeTimeZone, readLatest } from './tables.ts';

export function startDerivation(log: EventLog, logger: Logger): Promise<Consumer> {
  return log.process({
    group: consumerGroups.timeZones,
    topics: [topics.countries],
    createProcessor: () => new TimeZoneDerivation(),
    onError: (error, attempt) =>
      logger.error({ err: error, attempt }, 'deriving time zones failed; retrying'),
  });
}

/** Reads countries and puts out their time zones in one transaction; keeps no state but the outputs that await the commit. */
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

/** A country that is removed, or has no time zone, gives a tombstone. */
function deriveTimeZone(record: LogRecord): NewRecord {
  const timeZone = record.value === null ? null : timeZoneOf(record.key);
  if (timeZone === null) return { topic: topics.timeZones, key: record.key, value: null };
  const cause: Cause = decodeEvent(record.value);
  const data: CountryTimeZone = { code: record.key, timeZone };
  const event = createEvent({ type: COUNTRY_TIME_ZONE_TYPE, subject: record.key, data, cause });
  return { topic: topics.timeZones, key: record.key, value: encodeEvent(event) };
}

/** Resolves when the time zones are those of all countries that are published now. */
export async function untilDerived(log: EventLog): Promise<void> {
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
