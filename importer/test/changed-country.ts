/**
 * A country that support adds, changes and takes back while an import runs: each of two importers knows it when its next row comes. For
 * any engine of the log.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { COUNTRY_ORDER_TYPE, type CountryOrder, type CountryValues } from '@tidings/contracts/reference.ts';
import { createEvent, decodeEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { countryTimeZoneSchema, decodeCountryOutcome } from '@tidings/contracts/schemas/reference.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { startReferenceData } from '@tidings/reference-data/app.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished } from 'vitest';
import { columns, cutFile, header, newIdentity, runImporter, waitForReports } from './parts.ts';

/** Milliseconds in which a change must count for the next row. */
const WITHIN_MS = 1_000;
/** Chunks between two changes: enough for both importers, whose partitions they are spread over. */
const CHUNKS = 24;

/** @param logs with the topics of Tidings; each importer has its own */
export async function changedCountryCounts(
  [log, other]: readonly [EventLog, EventLog],
  contactStore: ContactStore,
): Promise<void> {
  const referenceData = await startReferenceData({ log, logger: silentLogger });
  onTestFinished(() => referenceData.stop());
  const importers = await Promise.all([log, other].map((each) => runImporter(each, { contactStore })));
  const identity = newIdentity();
  const rows = Array.from({ length: 3 * CHUNKS }, (_, row) => `p${row}@example.com,P,,Atlantis,`);
  const maxChunkBytes = 40;
  const records = cutFile([header, ...rows].join('\n'), columns, identity, { maxChunkBytes });
  expect(records.length).toBe(rows.length);
  let reported = 0;
  const importMore = async (): Promise<string[]> => {
    const before = reported;
    reported += CHUNKS;
    await log.append(records.slice(before, reported));
    const reports = (await waitForReports(log, identity.importId, reported)).slice(before);
    return [...new Set(reports.map(({ data }) => bucketOf(data)))];
  };

  expect(await importMore()).toEqual(['rejected']);
  const version = await order(log, { code: 'ZZ', values: atlantis, expected: null });
  await takenIn(log, importers, 'Atlantic/Azores');
  expect(await importMore()).toEqual(['created']);
  await order(log, { code: 'ZZ', values: null, expected: version });
  await takenIn(log, importers, null);
  expect(await importMore()).toEqual(['rejected']);

  const { items } = await contactStore.listContacts({ owner: identity.owner, limit: 500 });
  expect(items).toHaveLength(CHUNKS);
  expect(new Set(items.map(({ country, timeZone }) => `${country} ${timeZone}`))).toEqual(
    new Set(['ZZ Atlantic/Azores']),
  );
  // Both importers have worked on, and neither had to be started again.
  for (const { count } of importers)
    expect(await count('tidings_importer_chunks_total', { result: 'completed' })).toBeGreaterThan(0);
}

const atlantis: CountryValues = {
  name: 'Atlantis',
  aliases: [],
  callingCode: null,
  timeZones: ['Atlantic/Azores'],
};

function bucketOf(data: unknown): string {
  const { delta } = data as { readonly delta: Readonly<Record<string, number>> };
  return Object.entries(delta)
    .filter(([, rows]) => rows !== 0)
    .map(([bucket]) => bucket)
    .join();
}

/** Gives support's order, and resolves with the country's new version once it is obeyed. */
async function order(
  log: EventLog,
  fields: Pick<CountryOrder, 'code' | 'values' | 'expected'>,
): Promise<string | null> {
  const setBy = { who: 'support', seedVersion: null, reason: 'a test' } as const;
  const event = createEvent({ type: COUNTRY_ORDER_TYPE, subject: fields.code, data: { ...fields, setBy } });
  const from = { offsets: await log.endOffsets(topics.countryChanges) };
  await log.append([{ topic: topics.countryOrders, key: fields.code, value: encodeEvent(event) }]);
  for await (const records of log.read({ topic: topics.countryChanges, from, follow: true }))
    for (const { value } of records) {
      const outcome = decodeCountryOutcome(value);
      if (outcome.orderId !== event.eventId) continue;
      if (outcome.kind === 'refused') throw new Error(outcome.refusal.message);
      return outcome.change.version;
    }
  return null;
}

type Running = Awaited<ReturnType<typeof runImporter>>;

/** Resolves when both topics have the change, and each importer has taken in all that they hold. */
async function takenIn(log: EventLog, importers: readonly Running[], timeZone: string | null): Promise<void> {
  await eventually(async () => {
    const newest = (await readAll(log, topics.timeZones)).findLast(({ key }) => key === 'ZZ');
    const { timeZone: found = null } = (newest?.value && dataOf(newest.value)) || {};
    expect(found).toBe(timeZone);
  });
  for (const { count } of importers)
    await eventually(
      async () => {
        expect(await count('tidings_importer_table_behind_seconds', {})).toBe(0);
        expect(await count('tidings_importer_table_behind_records', {})).toBe(0);
      },
      { withinMs: WITHIN_MS, everyMs: 5 },
    );
}

function dataOf(value: Uint8Array): { readonly timeZone?: string } {
  return countryTimeZoneSchema.parse(decodeEvent(value).data);
}
