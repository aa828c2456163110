import { openTestLog } from '@tidings/testing/log.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HistoryCursor, type HistoryOptions, readHistoryPage } from './history-page.ts';

const topics = ['import-commands', 'notifications'];
const sources = topics.flatMap((topic) => [0, 1].map((partition) => ({ topic, partition })));

type Bounds = Pick<HistoryOptions<string>, 'limit' | 'maxRecords'>;

/** Every page, one after another; a record whose text begins with `-` is left out. */
async function readPages(log: HistoryOptions<string>['log'], bounds: Bounds, since = 0) {
  const pages: string[][] = [];
  let cursor: HistoryCursor | undefined;
  do {
    const page = await readHistoryPage({
      ...{ log, sources, since, cursor, ...bounds },
      itemsOf: ({ value }) => {
        const text = Buffer.from(value ?? []).toString();
        return text.startsWith('-') ? [] : [text];
      },
    });
    pages.push(page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && pages.length < 1_000);
  return pages;
}

test('any records, any bounds: the pages hold each item once, in the order of each partition and of time', async () => {
  const record = fc.record({
    topic: fc.constantFrom(...topics),
    key: fc.stringMatching(/^[a-f]$/),
    isIn: fc.boolean(),
  });
  const bounds = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    maxRecords: fc.integer({ min: 1, max: 7 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 30 }), bounds, async (records, bound) => {
      const log = await openTestLog();
      const wanted: { text: string; timestamp: number }[] = [];
      for (const [index, { topic, key, isIn }] of records.entries()) {
        const text = `${isIn ? '' : '-'}${index}`;
        const [position] = await log.append([{ topic, key, value: Buffer.from(text) }]);
        if (isIn) wanted.push({ text, timestamp: position?.timestamp ?? 0 });
      }
      const pages = await readPages(log, bound);
      const timeOf = new Map(wanted.map(({ text, timestamp }) => [text, timestamp]));
      const times = pages.flat().map((text) => timeOf.get(text) ?? 0);
      expect(pages.flat().toSorted()).toEqual(wanted.map(({ text }) => text).toSorted());
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      expect(Math.max(0, ...pages.map(({ length }) => length))).toBeLessThanOrEqual(bound.limit);
      await log.close();
    }),
    { numRuns: 20 },
  );
});

test('a page that finds nothing within its bound is empty, and the next one goes on behind what it has seen', async () => {
  const log = await openTestLog();
  const others = Array.from({ length: 1_200 }, () => ({
    topic: 'notifications',
    key: 'one',
    value: Buffer.from('-'),
  }));
  await log.append([...others, { topic: 'notifications', key: 'one', value: Buffer.from('here') }]);
  expect(await readPages(log, { limit: 50, maxRecords: 500 })).toEqual([[], [], ['here']]);
});

test('nothing of before the time is read', async () => {
  const log = await openTestLog();
  const [position] = await log.append([{ topic: 'notifications', key: 'one', value: Buffer.from('old') }]);
  expect(await readPages(log, { limit: 50 }, (position?.timestamp ?? 0) + 1)).toEqual([[]]);
});
