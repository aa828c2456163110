/** The reference data in memory: the newest record of each country, and of its time zones. */

import type { CountryTimeZone, PublishedCountry } from '@tidings/contracts/reference.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { countryTimeZoneSchema, decodeCountry } from '@tidings/contracts/schemas/reference.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openTable, type Table, type ValueRecord } from '@tidings/event-log/table.ts';
import { settleAll } from '@tidings/failures/settle-all.ts';
import type { Logger } from '../process/logging.ts';

export interface ReferenceTables {
  readonly countries: Table<PublishedCountry>;
  readonly timeZones: Table<CountryTimeZone>;
  close(): Promise<void>;
}

/** Resolves when both are read; rejects with the log's errors, and then follows neither. A record that nobody can read is passed over and logged. */
export async function openReferenceTables(log: EventLog, logger: Logger): Promise<ReferenceTables> {
  const open = <Value>(topic: string, decode: (record: ValueRecord) => Value) =>
    openTable({
      log,
      topic,
      decode,
      onError: (error, record) =>
        logger.error({ err: error, topic, key: record?.key }, 'following reference data failed'),
    });
  const countries = await open(topics.countries, decodeCountry);
  const timeZones = await open(topics.timeZones, ({ value }) =>
    countryTimeZoneSchema.parse(decodeEvent(value).data),
  ).catch(async (error: unknown) => {
    await countries.close();
    throw error;
  });
  return {
    countries,
    timeZones,
    close: async () => void (await settleAll([countries.close(), timeZones.close()])),
  };
}
