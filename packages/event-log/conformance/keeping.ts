import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, it, onTestFinished } from 'vitest';
import type { EventLog, LogRecord } from '../event-log.ts';
import { openTable } from '../table.ts';
import { copier } from './copier.ts';
import type { ConformanceEngine } from './engine.ts';
import { logFor, numbered, openFor, record, siteFor, text, topicFor, unique, upTo } from './fixtures.ts';

const newestOf = (records: readonly LogRecord[]): Map<string, string> => {
  const newest = new Map<string, string>();
  for (const { key, value } of records) {
    if (value === null) newest.delete(key);
    else newest.set(key, text(value));
  }
  return newest;
};

/** Writes 40 keys several times, some with large values, and removes every fourth. Returns the records that must remain. */
async function overwrite(log: EventLog, topic: string): Promise<Map<string, string>> {
  const left = new Map<string, string>();
  for (const round of upTo(20)) {
    const pad = round % 5 === 0 ? 'x'.repeat(6_000) : '';
    await log.append(upTo(40).map((number) => record(topic, `key-${number}`, `${round}${pad}`)));
  }
  for (const number of upTo(40)) {
    if (number % 4 !== 0) left.set(`key-${number}`, '19');
    else await log.append([record(topic, `key-${number}`, null)]);
  }
  return left;
}

export function describeKeeping(engine: ConformanceEngine): void {
  describeCompaction(engine);
  describePurge(engine);
  describeTable(engine);
}

function describeCompaction(engine: ConformanceEngine): void {
  it('keeps the newest record of each key of a compacted topic', async () => {
    const site = await siteFor(engine);
    const log = await site.open();
    const topic = await topicFor(log, { cleanup: 'compact' });
    const left = await overwrite(log, topic);
    expect(newestOf(await readAll(log, topic))).toEqual(left);
    if (engine.features.compactsPromptly) {
      await eventually(async () => expect(await readAll(log, topic)).toHaveLength(left.size));
    }
    await log.append([record(topic, 'key-1', 'newest'), record(topic, 'key-0', 'back')]);
    await log.close();
    const again = await openFor(site);
    const expected = new Map(left).set('key-1', 'newest').set('key-0', 'back');
    expect(newestOf(await readAll(again, topic))).toEqual(expected);
    if (!engine.features.compactsPromptly) return;
    await eventually(async () => expect(await readAll(again, topic)).toHaveLength(expected.size));
  });
}

function describePurge(engine: ConformanceEngine): void {
  it('forgets what a group has behind it, and nothing else', async () => {
    const log = await logFor(engine);
    const [topic, other] = [await topicFor(log), await topicFor(log)];
    const group = unique('group');
    await log.append([...numbered(topic, 100), ...numbered(other, 100)]);
    expect(await log.purge(topic, group)).toBe(0);
    const consumer = await log.consume({ group, topics: [topic], handler: () => Promise.resolve() });
    const ends = await log.endOffsets(topic);
    await eventually(async () => {
      const committed = await log.committedOffsets(group, topic);
      for (const [partition, end] of ends.entries()) if (end > 0) expect(committed[partition]).toBe(end);
    });
    await consumer.stop();
    await log.append(numbered(topic, 120).slice(100));
    expect(await log.purge(topic, group)).toBeGreaterThanOrEqual(100);
    expect(await readAll(log, topic)).toHaveLength(20);
    expect(await readAll(log, other)).toHaveLength(100);
    expect(await log.purge(topic, group)).toBe(0);

    const rest: LogRecord[] = [];
    await log.consume({ group, topics: [topic], handler: async (records) => void rest.push(...records) });
    await eventually(() => expect(rest).toHaveLength(20));
  });
}

function describeTable(engine: ConformanceEngine): void {
  it('says how far a table is behind, and takes no gap for a record', async () => {
    const log = await logFor(engine);
    const [input, topic] = [await topicFor(log), await topicFor(log, { cleanup: 'compact' })];
    const [old] = await log.append([record(topic, 'a', '1')]);
    const table = await openTable({ log, topic, decode: ({ value }) => Number(text(value)) });
    expect(await table.lag()).toEqual({ records: 0, since: null });
    await log.append([record(input, 'b', '2')]);
    // A commit may leave an offset behind the record that no reader ever gets.
    await log.process({
      group: unique('group'),
      topics: [input],
      createProcessor: () => copier(topic, true),
    });
    await eventually(() => expect(table.get('b')).toBe(2));
    expect(await table.lag()).toEqual({ records: 0, since: null });

    await table.close();
    const [next] = await log.append([record(topic, 'a', '3'), record(topic, 'a', '4')]);
    const { records, since } = await table.lag();
    expect(records).toBeGreaterThanOrEqual(2);
    expect(since).toBe(next?.timestamp);
    expect(since).toBeGreaterThanOrEqual(old?.timestamp ?? Number.NaN);
    await table.catchUp();
    expect(await table.lag()).toEqual({ records: 0, since: null });
  });

  it('loads a table, and follows what happens to it', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { cleanup: 'compact' });
    await log.append([record(topic, 'a', '1'), record(topic, 'b', '1'), record(topic, 'c', '1')]);
    await log.append([record(topic, 'a', '2'), record(topic, 'b', null)]);
    const table = await openTable({ log, topic, decode: ({ value }) => Number(text(value)) });
    onTestFinished(() => table.close());
    expect(new Map(table.entries())).toEqual(
      new Map([
        ['a', 2],
        ['c', 1],
      ]),
    );

    const changes: [string, number | undefined, number][] = [];
    const unsubscribe = table.onChange((key, value, { offset }) => void changes.push([key, value, offset]));
    const [first] = await log.append([record(topic, 'd', '4')]);
    await table.catchUp();
    expect(table.get('d')).toBe(4);
    const [second] = await log.append([record(topic, 'a', null)]);
    await eventually(() => expect(table.get('a')).toBeUndefined());
    expect(changes).toEqual([
      ['d', 4, first?.offset],
      ['a', undefined, second?.offset],
    ]);
    unsubscribe();
    await log.append([record(topic, 'c', '5')]);
    await eventually(() => expect(table.get('c')).toBe(5));
    expect(changes).toHaveLength(2);
    expect(table.size).toBe(2);
    await table.close();
  });
}
