import { COUNTRY_TIME_ZONE_TYPE, COUNTRY_TYPE, type Country } from '@tidings/contracts/reference.ts';
import { createEvent, decodeEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { expect, it, onTestFinished } from 'vitest';
import { startReferenceData } from './app.ts';
import { seedCountries } from './seed/countries.ts';
import { timeZoneOf } from './seed/time-zones.ts';

const { countries, timeZones } = topics;

async function openLog(directory?: string): Promise<EventLog> {
  const log = await openEmbeddedLog({ directory: directory ?? (await temporaryFolder()) });
  onTestFinished(() => log.close());
  return log;
}

/** Starts, and stops when both topics are ready. */
async function startAndStop(log: EventLog): Promise<void> {
  const referenceData = await startReferenceData({ log, logger: silentLogger });
  await referenceData.stop();
}

/** The data of the newest event of each key. */
async function readTopic(log: EventLog, topic: string): Promise<Map<string, unknown>> {
  const latest = new Map<string, unknown>();
  for await (const records of log.read({ topic, from: 'earliest', follow: false })) {
    for (const { key, value } of records) {
      if (value === null) latest.delete(key);
      else latest.set(key, decodeEvent(value).data);
    }
  }
  return latest;
}

function publishCountry(log: EventLog, country: Country, headers: Record<string, string> = {}) {
  const value = encodeEvent(createEvent({ type: COUNTRY_TYPE, subject: country.code, data: country }));
  return log.append([{ topic: countries, key: country.code, value, headers }]);
}

async function endOffsets(log: EventLog): Promise<number[][]> {
  return [await log.endOffsets(countries), await log.endOffsets(timeZones)];
}

it('publishes every country, and derives the time zone of each', async () => {
  const log = await openLog();
  await startAndStop(log);
  const published = await readTopic(log, countries);
  expect([...published.values()]).toEqual(seedCountries());
  const derived = await readTopic(log, timeZones);
  expect([...derived.values()]).toEqual(
    seedCountries().map(({ code }) => ({ code, timeZone: timeZoneOf(code) })),
  );
});

it('makes each time zone follow from its country', async () => {
  const log = await openLog();
  await startAndStop(log);
  const causes = new Map<string, string>();
  for (const topic of [countries, timeZones]) {
    for await (const records of log.read({ topic, from: 'earliest', follow: false })) {
      for (const { key, value } of records) {
        const event = decodeEvent(value);
        if (topic === countries) causes.set(key, event.eventId);
        else expect([event.type, event.causationId]).toEqual([COUNTRY_TIME_ZONE_TYPE, causes.get(key)]);
      }
    }
  }
  expect(causes.size).toBe(250);
});

it('appends nothing when it starts again', async () => {
  const directory = await temporaryFolder();
  const first = await openLog(directory);
  await startAndStop(first);
  const ends = await endOffsets(first);
  await first.close();
  const second = await openLog(directory);
  await startAndStop(second);
  await startAndStop(second);
  expect(await endOffsets(second)).toEqual(ends);
});

it('derives the time zone of a country that is published later', async () => {
  const log = await openLog();
  const referenceData = await startReferenceData({ log, logger: silentLogger });
  onTestFinished(() => referenceData.stop());
  await log.append([{ topic: countries, key: 'DE', value: null }]);
  await eventually(async () => expect((await readTopic(log, timeZones)).has('DE')).toBe(false));
  await publishCountry(log, { code: 'DE', name: 'Germany', aliases: [], callingCode: '49' });
  await eventually(async () =>
    expect((await readTopic(log, timeZones)).get('DE')).toEqual({ code: 'DE', timeZone: 'Europe/Berlin' }),
  );
});

it('leaves alone what somebody else has published', async () => {
  const log = await openLog();
  await startAndStop(log);
  const own = { code: 'DE', name: 'Teutonia', aliases: ['Alemannia'], callingCode: '49' };
  const unheardOf = { code: 'ZZ', name: 'Atlantis', aliases: [], callingCode: null };
  await publishCountry(log, own);
  await publishCountry(log, unheardOf);
  await startAndStop(log);
  const published = await readTopic(log, countries);
  expect(published.get('DE')).toEqual(own);
  expect(published.get('ZZ')).toEqual(unheardOf);
});

it('replaces what an older seed has published, and takes away what the seed has no more', async () => {
  const log = await openLog();
  await startAndStop(log);
  await publishCountry(log, { code: 'DE', name: 'Old', aliases: [], callingCode: null }, { source: 'seed' });
  await publishCountry(log, { code: 'ZZ', name: 'Gone', aliases: [], callingCode: null }, { source: 'seed' });
  await startAndStop(log);
  const published = await readTopic(log, countries);
  expect(published.get('DE')).toEqual(seedCountries().find(({ code }) => code === 'DE'));
  expect(published.has('ZZ')).toBe(false);
});

it('derives anew where another derivation was published', async () => {
  const log = await openLog();
  await startAndStop(log);
  const data = { code: 'DE', timeZone: 'Europe/Bonn' };
  const value = encodeEvent(createEvent({ type: COUNTRY_TIME_ZONE_TYPE, subject: 'DE', data }));
  await log.append([{ topic: timeZones, key: 'DE', value }]);
  await startAndStop(log);
  expect((await readTopic(log, timeZones)).get('DE')).toEqual({ code: 'DE', timeZone: 'Europe/Berlin' });
});
