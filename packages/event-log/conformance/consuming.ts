import { eventually } from '@tidings/testing/eventually.ts';
import { expect, it } from 'vitest';
import type { BatchSpan, LogRecord } from '../event-log.ts';
import type { ConformanceEngine } from './engine.ts';
import {
  barrier,
  logFor,
  numbered,
  numbersOf,
  openFor,
  record,
  siteFor,
  text,
  topicFor,
  unique,
  upTo,
} from './fixtures.ts';

const retry = { initialDelayMs: 5, maxDelayMs: 20 };
const mebibyte = 1024 * 1024;

export function describeConsuming(engine: ConformanceEngine): void {
  describeDelivery(engine);
  describeBounds(engine);
  describeStopping(engine);
}

function describeDelivery(engine: ConformanceEngine): void {
  it('delivers every record, those of a key in order, one batch of a partition at a time', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    await log.append(numbered(topic, 500, 20));
    const delivered: LogRecord[] = [];
    const running = new Set<number>();
    const handler = async (records: readonly LogRecord[]): Promise<void> => {
      const { partition = -1 } = records[0] ?? {};
      expect(running.has(partition)).toBe(false);
      running.add(partition);
      expect(records.length).toBeLessThanOrEqual(30);
      expect(records.every((one) => one.partition === partition)).toBe(true);
      await new Promise((resolve) => setImmediate(resolve));
      delivered.push(...records);
      running.delete(partition);
    };
    await log.consume({
      group: unique('group'),
      topics: [topic],
      handler,
      maxBatchRecords: 30,
      concurrency: 4,
    });
    await log.append(numbered(topic, 1_000, 20).slice(500));
    await eventually(() => expect(numbersOf(delivered)).toEqual(upTo(1_000)));
    for (const key of new Set(delivered.map((one) => one.key))) {
      const numbers = delivered.filter((one) => one.key === key).map(({ value }) => Number(text(value)));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });

  it('tells where the group stood before a batch and where it stands behind it, without a break, over failures and members', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    const group = unique('group');
    const at = new Map<number, number>();
    let calls = 0;
    const handler = async (records: readonly LogRecord[], { from, next }: BatchSpan): Promise<void> => {
      const [first, last] = [records[0], records.at(-1)];
      if (!first || !last) throw new Error('A batch is empty.');
      expect(from).toBeLessThanOrEqual(first.offset);
      expect(next).toBeGreaterThan(last.offset);
      // A new member may get the last handled batches again.
      expect(from).toBeLessThanOrEqual(at.get(first.partition) ?? 0);
      calls += 1;
      if (calls % 7 === 0) throw new Error('Once more, please.');
      at.set(first.partition, Math.max(next, at.get(first.partition) ?? 0));
    };
    const total = () => [...at.values()].reduce((sum, next) => sum + next, 0);
    const options = { group, topics: [topic], handler, maxBatchRecords: 9, retry };
    for (const part of [0, 1]) {
      const consumer = await log.consume(options);
      await log.append(numbered(topic, 200 * (part + 1), 20).slice(200 * part));
      await eventually(() => expect(total()).toBe(200 * (part + 1)));
      await consumer.stop();
    }
    const ends = await log.endOffsets(topic);
    expect(await log.committedOffsets(group, topic)).toEqual(ends);
    expect(ends.map((_, partition) => at.get(partition) ?? 0)).toEqual(ends);
  });

  it('runs no more handlers at once than allowed', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 6 });
    await log.append(numbered(topic, 60, 60));
    const held = barrier();
    let running = 0;
    let most = 0;
    let handled = 0;
    const handler = async (records: readonly LogRecord[]): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await held.opened;
      running -= 1;
      handled += records.length;
    };
    await log.consume({ group: unique('group'), topics: [topic], handler, concurrency: 3 });
    await eventually(() => expect(running).toBe(3));
    held.open();
    await eventually(() => expect(handled).toBe(60));
    expect(most).toBe(3);
  });

  it('delivers again what a handler threw at, from the same record on, while other partitions go on', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    const [bad] = await log.append([record(topic, 'bad', '0')]);
    const others = upTo(40).map((number) => record(topic, `other-${number}`, '1'));
    await log.append(others);
    const held = barrier();
    const attempts: number[] = [];
    const starts: (number | undefined)[] = [];
    let fine = 0;
    let recovered = false;
    const handler = async (records: readonly LogRecord[]): Promise<void> => {
      const own = records.filter(({ partition }) => partition !== bad?.partition);
      fine += own.length;
      if (own.length > 0) return;
      starts.push(records[0]?.offset);
      if (!recovered) throw new Error('not yet');
      held.open();
    };
    const onError = (error: unknown, attempt: number): void => {
      expect(error).toMatchObject({ message: 'not yet' });
      attempts.push(attempt);
    };
    const group = unique('group');
    await log.consume({ group, topics: [topic], handler, retry, onError });
    const elsewhere = (await log.endOffsets(topic)).filter((_, partition) => partition !== bad?.partition);
    expect(elsewhere.some((end) => end > 0)).toBe(true);
    await eventually(() => expect(attempts.length).toBeGreaterThanOrEqual(3));
    await eventually(() => expect(fine).toBeGreaterThan(0));
    const committed = await log.committedOffsets(group, topic);
    expect(committed[bad?.partition ?? 0] ?? bad?.offset).toBe(bad?.offset);
    recovered = true;
    await held.opened;
    expect(attempts.slice(0, 3)).toEqual([1, 2, 3]);
    expect(new Set(starts)).toEqual(new Set([bad?.offset]));
  });

  it('gives each group everything, and goes on where the group was', async () => {
    const site = await siteFor(engine);
    const log = await site.open();
    const topic = await topicFor(log);
    await log.append(numbered(topic, 100));
    const [one, other] = [unique('group'), unique('group')];
    const seen = new Map<string, LogRecord[]>([
      [one, []],
      [other, []],
    ]);
    const consumer = (group: string) => ({
      group,
      topics: [topic],
      handler: async (records: readonly LogRecord[]) => void seen.get(group)?.push(...records),
    });
    expect(await log.committedOffsets(one, topic)).toEqual([null, null, null, null]);
    await log.consume(consumer(one));
    await log.consume(consumer(other));
    await eventually(() => expect(numbersOf(seen.get(one) ?? [])).toEqual(upTo(100)));
    await eventually(() => expect(numbersOf(seen.get(other) ?? [])).toEqual(upTo(100)));
    await log.close();

    const again = await openFor(site);
    await again.append(numbered(topic, 150).slice(100));
    await again.consume(consumer(one));
    await eventually(() => expect(numbersOf(seen.get(one) ?? [])).toEqual(upTo(150)));
    const ends = await again.endOffsets(topic);
    await eventually(async () => expect(await again.committedOffsets(one, topic)).toEqual(ends));
  });
}

function describeBounds(engine: ConformanceEngine): void {
  it('holds one bounded batch while a handler is slow, however many records wait', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 1 });
    const value = new Uint8Array(128 * 1024).fill(7);
    // 32 MiB, appended one MiB after the other.
    for (const _ of upTo(32)) await log.append(upTo(8).map((number) => ({ topic, key: `${number}`, value })));
    const held = barrier();
    const sizes: number[] = [];
    let handled = 0;
    let handedOut = 0;
    let mostHandedOut = 0;
    const handler = async (records: readonly LogRecord[]): Promise<void> => {
      const bytes = records.reduce((sum, one) => sum + (one.value?.byteLength ?? 0), 0);
      sizes.push(bytes);
      handedOut += bytes;
      mostHandedOut = Math.max(mostHandedOut, handedOut);
      if (sizes.length === 20) await held.opened;
      handedOut -= bytes;
      handled += records.length;
    };
    await log.consume({ group: unique('group'), topics: [topic], handler, maxBatchBytes: mebibyte });
    await eventually(() => expect(sizes).toHaveLength(20));
    await log.append([{ topic, key: 'later', value }]);
    expect(sizes).toHaveLength(20);
    held.open();
    await eventually(() => expect(handled).toBe(32 * 8 + 1));
    expect(mostHandedOut).toBeLessThanOrEqual(mebibyte);
  });

  it('delivers a record that is larger than a batch', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 1 });
    await log.append(upTo(3).map((number) => ({ topic, key: `${number}`, value: new Uint8Array(50_000) })));
    const batches: number[] = [];
    const handler = async (records: readonly LogRecord[]): Promise<void> => void batches.push(records.length);
    await log.consume({ group: unique('group'), topics: [topic], handler, maxBatchBytes: 1_000 });
    await eventually(() => expect(batches).toEqual([1, 1, 1]));
  });
}

function describeStopping(engine: ConformanceEngine): void {
  it('stops when the running handler has ended, keeps its position and takes nothing new', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 1 });
    await log.append(numbered(topic, 20));
    const held = barrier();
    const group = unique('group');
    const handled: number[] = [];
    let calls = 0;
    const handler = async (records: readonly LogRecord[]): Promise<void> => {
      calls += 1;
      await held.opened;
      handled.push(...numbersOf(records));
    };
    const consumer = await log.consume({ group, topics: [topic], handler, maxBatchRecords: 5 });
    await eventually(() => expect(calls).toBe(1));
    let stopped = false;
    const stopping = consumer.stop().then(() => {
      stopped = true;
    });
    await log.append([record(topic, 'late', '20')]);
    expect(stopped).toBe(false);
    held.open();
    await stopping;
    await consumer.stop();
    expect(handled).toEqual(upTo(5));
    expect(calls).toBe(1);

    const later: number[] = [];
    await log.consume({
      group,
      topics: [topic],
      handler: async (records) => void later.push(...numbersOf(records)),
    });
    await eventually(() => expect(later).toEqual(upTo(21).slice(5)));
  });

  it('stops in the middle of a pause after a failure', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 1 });
    await log.append([record(topic, 'a', 'x')]);
    let failures = 0;
    const consumer = await log.consume({
      group: unique('group'),
      topics: [topic],
      handler: () => Promise.reject(new Error('down')),
      retry: { initialDelayMs: 3_600_000, maxDelayMs: 3_600_000 },
      onError: () => {
        failures += 1;
      },
    });
    await eventually(() => expect(failures).toBe(1));
    await consumer.stop();
  });
}
