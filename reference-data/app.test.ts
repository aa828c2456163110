import {
  COUNTRY_ORDER_TYPE,
  COUNTRY_TIME_ZONE_TYPE,
  COUNTRY_TYPE,
  type Country,
  type CountryOrder,
  type CountryValues,
} from '@tidings/contracts/reference.ts';
import { createEvent, decodeEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { decodeCountryOutcome } from '@tidings/contracts/schemas/reference.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { expect, it, onTestFinished } from 'vitest';
import { startReferenceData } from './app.ts';
import { SEED_VERSION, seedCountries } from './seed/countries.ts';
import { timeZoneOf, timeZonesOf } from './seed/time-zones.ts';

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

/** As a program of others publishes it, or a release that knew no `setBy`. */
type BareCountry = Pick<Country, 'code' | 'name' | 'aliases' | 'callingCode'>;

function publishCountry(log: EventLog, country: BareCountry, headers: Record<string, string> = {}) {
  const value = encodeEvent(createEvent({ type: COUNTRY_TYPE, subject: country.code, data: country }));
  return log.append([{ topic: countries, key: country.code, value, headers }]);
}

function seedOf(code: string): CountryValues {
  const found = seedCountries().find((country) => country.code === code);
  if (found === undefined) throw new Error(`the seed knows no ${code}`);
  const { code: _code, ...values } = found;
  return values;
}

/** Support's orders at once; resolves with what became of each: `changed`, or the problem. */
async function order(log: EventLog, ...orders: Pick<CountryOrder, 'code' | 'values' | 'expected'>[]) {
  const setBy = { who: 'support', seedVersion: null, reason: 'a test' } as const;
  const events = orders.map((one) =>
    createEvent({ type: COUNTRY_ORDER_TYPE, subject: one.code, data: { ...one, setBy } }),
  );
  const from = { offsets: await log.endOffsets(topics.countryChanges) };
  await log.append(
    events.map((event) => ({ topic: topics.countryOrders, key: event.subject, value: encodeEvent(event) })),
  );
  const outcomes = new Map<string, string>();
  for await (const records of log.read({ topic: topics.countryChanges, from, follow: true })) {
    for (const { value } of records) {
      const outcome = decodeCountryOutcome(value);
      outcomes.set(outcome.orderId, outcome.kind === 'changed' ? 'changed' : outcome.refusal.problem);
    }
    if (events.every(({ eventId }) => outcomes.has(eventId))) break;
  }
  return events.map(({ eventId }) => outcomes.get(eventId));
}

/** Of the newest record of the country. */
async function versionOf(log: EventLog, code: string): Promise<string> {
  let version = '';
  for await (const records of log.read({ topic: countries, from: 'earliest', follow: false }))
    for (const { key, value } of records) if (key === code) version = decodeEvent(value).eventId;
  return version;
}

async function startedLog(): Promise<EventLog> {
  const log = await openLog();
  const referenceData = await startReferenceData({ log, logger: silentLogger });
  onTestFinished(() => referenceData.stop());
  return log;
}

async function endOffsets(log: EventLog): Promise<number[][]> {
  return [await log.endOffsets(countries), await log.endOffsets(timeZones)];
}

it('publishes every country, and derives the time zone of each', async () => {
  const log = await openLog();
  await startAndStop(log);
  const published = await readTopic(log, countries);
  const setBy = { who: 'seed', seedVersion: SEED_VERSION, reason: null };
  expect([...published.values()]).toEqual(seedCountries().map((country) => ({ ...country, setBy })));
  const derived = await readTopic(log, timeZones);
  expect([...derived.values()]).toEqual(
    seedCountries().map(({ code }) => ({
      code,
      timeZone: timeZoneOf(code),
      timeZones: timeZonesOf(code),
    })),
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
    expect((await readTopic(log, timeZones)).get('DE')).toMatchObject({ timeZone: 'Europe/Berlin' }),
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
  expect((await readTopic(log, timeZones)).get('DE')).toMatchObject({ timeZone: 'Europe/Berlin' });
});

it('replaces what an older seed has published, and takes away what the seed has no more', async () => {
  const log = await openLog();
  await startAndStop(log);
  await publishCountry(log, { code: 'DE', name: 'Old', aliases: [], callingCode: null }, { source: 'seed' });
  await publishCountry(log, { code: 'ZZ', name: 'Gone', aliases: [], callingCode: null }, { source: 'seed' });
  await startAndStop(log);
  const published = await readTopic(log, countries);
  expect(published.get('DE')).toMatchObject({ ...seedOf('DE'), setBy: { who: 'seed' } });
  expect(published.has('ZZ')).toBe(false);
});

it('derives anew where another derivation was published', async () => {
  const log = await openLog();
  await startAndStop(log);
  const data = { code: 'DE', timeZone: 'Europe/Bonn' };
  const value = encodeEvent(createEvent({ type: COUNTRY_TIME_ZONE_TYPE, subject: 'DE', data }));
  await log.append([{ topic: timeZones, key: 'DE', value }]);
  await startAndStop(log);
  expect((await readTopic(log, timeZones)).get('DE')).toMatchObject({ timeZone: 'Europe/Berlin' });
});

const atlantis: CountryValues = {
  name: 'Atlantis',
  aliases: ['Platonia'],
  callingCode: '999',
  timeZones: ['Atlantic/Azores', 'Atlantic/Canary'],
};

it('derives the zones of a country that people add, and removes them with it', async () => {
  const log = await startedLog();
  expect(await order(log, { code: 'ZZ', values: atlantis, expected: null })).toEqual(['changed']);
  await eventually(async () =>
    expect((await readTopic(log, timeZones)).get('ZZ')).toEqual({
      code: 'ZZ',
      timeZone: 'Atlantic/Azores',
      timeZones: atlantis.timeZones,
    }),
  );
  const expected = await versionOf(log, 'ZZ');
  expect(await order(log, { code: 'ZZ', values: null, expected })).toEqual(['changed']);
  await eventually(async () => expect((await readTopic(log, timeZones)).has('ZZ')).toBe(false));
  expect((await readTopic(log, countries)).has('ZZ')).toBe(false);
});

it('lets one of two changes of the same version succeed, also where they come at once', async () => {
  const log = await startedLog();
  const expected = await versionOf(log, 'DE');
  const values = { ...seedOf('DE'), name: 'Teutonia' };
  const orders = ['Teutonia', 'Alemannia', 'Germania'].map((name) => ({
    code: 'DE',
    values: { ...values, name },
    expected,
  }));
  expect(await order(log, ...orders)).toEqual(['changed', 'precondition_failed', 'precondition_failed']);
  expect((await readTopic(log, countries)).get('DE')).toMatchObject({ name: 'Teutonia' });
  expect(await order(log, { code: 'DE', values, expected: null })).toEqual(['precondition_failed']);
});

it('refuses a name that another country has, because it would belong to neither', async () => {
  const log = await startedLog();
  const expected = await versionOf(log, 'AT');
  const values = { ...seedOf('AT'), aliases: [...seedOf('AT').aliases, 'DEUTSCHLAND'] };
  expect(await order(log, { code: 'AT', values, expected })).toEqual(['state_conflict']);
});

it('keeps what people have changed through a newer seed, and goes back to the seed when it is taken back', async () => {
  const log = await openLog();
  await startAndStop(log);
  const first = await startReferenceData({ log, logger: silentLogger });
  const values = { ...seedOf('DE'), name: 'Teutonia' };
  await order(log, { code: 'DE', values, expected: await versionOf(log, 'DE') });
  await first.stop();
  // As after an older release: the same country of an older seed is replaced, that of people is not.
  await publishCountry(log, { code: 'AT', name: 'Old', aliases: [], callingCode: null }, { source: 'seed' });
  const second = await startReferenceData({ log, logger: silentLogger });
  onTestFinished(() => second.stop());
  const published = await readTopic(log, countries);
  expect(published.get('DE')).toMatchObject({
    name: 'Teutonia',
    setBy: { who: 'support', reason: 'a test' },
  });
  expect(published.get('AT')).toMatchObject({ name: 'Austria' });
  expect(await order(log, { code: 'DE', values: null, expected: await versionOf(log, 'DE') })).toEqual([
    'changed',
  ]);
  expect((await readTopic(log, countries)).get('DE')).toEqual({
    code: 'DE',
    ...seedOf('DE'),
    setBy: { who: 'seed', seedVersion: SEED_VERSION, reason: null },
  });
  const expected = await versionOf(log, 'DE');
  expect(await order(log, { code: 'DE', values: null, expected })).toEqual(['state_conflict']);
});

it('leaves alone what a newer seed has published, where an older release starts beside it', async () => {
  const log = await openLog();
  await startAndStop(log);
  const setBy = { who: 'seed', seedVersion: '999.1', reason: null };
  const data = { code: 'DE', ...seedOf('DE'), name: 'Germany of tomorrow', setBy };
  const value = encodeEvent(createEvent({ type: COUNTRY_TYPE, subject: 'DE', data }));
  await log.append([{ topic: countries, key: 'DE', value, headers: { source: 'seed' } }]);
  await startAndStop(log);
  expect((await readTopic(log, countries)).get('DE')).toMatchObject({ name: 'Germany of tomorrow' });
});

it('has the seed give way where people have given one of its aliases to another country', async () => {
  const log = await openLog();
  await startAndStop(log);
  const first = await startReferenceData({ log, logger: silentLogger });
  const german = { ...seedOf('DE'), aliases: seedOf('DE').aliases.filter((alias) => alias !== 'Allemagne') };
  await order(log, { code: 'DE', values: german, expected: await versionOf(log, 'DE') });
  await order(log, { code: 'ZZ', values: { ...atlantis, aliases: ['Allemagne'] }, expected: null });
  await order(log, { code: 'DE', values: null, expected: await versionOf(log, 'DE') });
  await first.stop();
  const ends = await endOffsets(log);
  await startAndStop(log);
  expect((await readTopic(log, countries)).get('DE')).toMatchObject({ aliases: german.aliases });
  expect(await endOffsets(log)).toEqual(ends);
});

it('passes over a record that is no order', async () => {
  const log = await startedLog();
  await log.append([{ topic: topics.countryOrders, key: 'DE', value: Buffer.from('nonsense') }]);
  expect(await order(log, { code: 'ZZ', values: atlantis, expected: null })).toEqual(['changed']);
});

// One record that was no country kept the derivation at its place for ever: no later country got zones, and no service was ready any more.
it('passes over a record that is no country: its country keeps what it had, and later ones get their zones', async () => {
  const log = await startedLog();
  const before = (await readTopic(log, timeZones)).get('DE');
  await log.append([{ topic: countries, key: 'DE', value: Buffer.from('nonsense') }]);
  expect(await order(log, { code: 'ZZ', values: atlantis, expected: null })).toEqual(['changed']);
  await eventually(async () =>
    expect((await readTopic(log, timeZones)).get('ZZ')).toMatchObject({ timeZones: atlantis.timeZones }),
  );
  expect((await readTopic(log, timeZones)).get('DE')).toEqual(before);
  await startAndStop(log);
});

// The record that is no country was appended again at each start, and passed over again: the country kept zones of an older release for ever.
it('derives the zones of a country again from its newest record that can be read', async () => {
  const log = await openLog();
  await startAndStop(log);
  const before = (await readTopic(log, timeZones)).get('DE');
  const data = { code: 'DE', timeZone: 'Europe/Paris', timeZones: ['Europe/Paris'] };
  const old = encodeEvent(createEvent({ type: COUNTRY_TIME_ZONE_TYPE, subject: 'DE', data }));
  await log.append([{ topic: timeZones, key: 'DE', value: old }]);
  await log.append([{ topic: countries, key: 'DE', value: Buffer.from('nonsense') }]);
  await startAndStop(log);
  expect((await readTopic(log, timeZones)).get('DE')).toEqual(before);
  const ends = await endOffsets(log);
  await startAndStop(log);
  expect(await endOffsets(log)).toEqual(ends);
});
