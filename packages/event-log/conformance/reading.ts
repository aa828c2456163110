import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, it, onTestFinished } from 'vitest';
import type { EventLog, LogRecord, ReadOptions } from '../event-log.ts';
import { oldestUnread } from '../oldest-unread.ts';
import type { ConformanceEngine } from './engine.ts';
import { logFor, numbered, numbersOf, record, text, topicFor, unique, upTo, valuesOf } from './fixtures.ts';

/** Reads in the background until the test ends. */
function collect(log: EventLog, options: ReadOptions): LogRecord[] {
  const records: LogRecord[] = [];
  const iterator = log.read(options)[Symbol.asyncIterator]();
  const run = async (): Promise<void> => {
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      records.push(...next.value);
  };
  const ended = run();
  onTestFinished(async () => {
    await iterator.return?.();
    await ended;
  });
  return records;
}

export function describeReading(engine: ConformanceEngine): void {
  it('ends at what was the end, unless it follows', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    await log.append(numbered(topic, 1_200));
    const batches: (readonly LogRecord[])[] = [];
    for await (const batch of log.read({ topic, from: 'earliest', follow: false })) {
      if (batches.length === 0) await log.append([record(topic, 'late', '5000')]);
      batches.push(batch);
    }
    expect(numbersOf(batches.flat())).toEqual(upTo(1_200));
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(500);
      expect(new Set(batch.map(({ partition }) => partition)).size).toBe(1);
    }
  });

  it('follows, in the order of each partition', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    await log.append(numbered(topic, 100));
    const records = collect(log, { topic, from: 'earliest', follow: true });
    await eventually(() => expect(records).toHaveLength(100));
    for (const number of upTo(50))
      await log.append([record(topic, `key-${number % 10}`, String(100 + number))]);
    await eventually(() => expect(numbersOf(records)).toEqual(upTo(150)));
    for (const partition of upTo(4)) {
      const offsets = records.filter((one) => one.partition === partition).map(({ offset }) => offset);
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    }
  });

  it('begins at offsets, at a time, and in the partitions that are asked for', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 2 });
    const [first] = await log.append([record(topic, 'a', 'first')]);
    let last = first;
    // Waits until the log's clock has moved on.
    while (last?.timestamp === first?.timestamp) [last] = await log.append([record(topic, 'a', 'later')]);
    const { partition = 0, offset = 0, timestamp = 0 } = last ?? {};

    const read = async (options: Pick<ReadOptions, 'from' | 'partitions'>): Promise<LogRecord[]> => {
      const records: LogRecord[] = [];
      for await (const batch of log.read({ topic, follow: false, ...options })) records.push(...batch);
      return records;
    };
    const all = await readAll(log, topic);
    const offsets = upTo(2).map((number) => (number === partition ? offset : 0));
    expect((await read({ from: { offsets } })).map((one) => one.offset)).toEqual([offset]);
    expect((await read({ from: { timestamp } })).map((one) => one.offset)).toEqual([offset]);
    expect(await read({ from: { timestamp: timestamp + 3_600_000 } })).toEqual([]);
    expect(await read({ from: 'earliest', partitions: [partition] })).toEqual(all);
    expect(await read({ from: 'earliest', partitions: [1 - partition] })).toEqual([]);
  });

  it('tells when the oldest record was appended that a group does not have behind it', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    const group = unique('group');
    expect(await oldestUnread(log, group, topic)).toBeNull();
    const positions = await log.append(numbered(topic, 20));
    const times = positions.map(({ timestamp }) => timestamp);
    expect(await oldestUnread(log, group, topic)).toBe(Math.min(...times));
    const consumer = await log.consume({ group, topics: [topic], handler: async () => undefined });
    await eventually(async () => expect(await oldestUnread(log, group, topic)).toBeNull());
    await consumer.stop();
    const [last] = await log.append([record(topic, 'last', '20')]);
    expect(await oldestUnread(log, group, topic)).toBe(last?.timestamp);
  });

  it('ends a wait for records when the iteration is left', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    const iterator = log.read({ topic, from: 'earliest', follow: true })[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return?.();
    expect((await waiting).done).toBe(true);
    expect((await iterator.next()).done).toBe(true);
  });

  it('ends when the log is closed', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    await log.append([record(topic, 'a', 'x')]);
    const iterator = log.read({ topic, from: 'earliest', follow: true })[Symbol.asyncIterator]();
    const { value } = await iterator.next();
    expect(valuesOf(value)).toEqual(['x']);
    const waiting = iterator.next();
    await log.close();
    expect((await waiting).done).toBe(true);
  });

  it('gives large values in batches of at most 1 MiB', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 1 });
    const value = new Uint8Array(300_000);
    await log.append(upTo(8).map((number) => ({ topic, key: `${number}`, value })));
    let count = 0;
    for await (const batch of log.read({ topic, from: 'earliest', follow: false })) {
      count += batch.length;
      expect(batch.reduce((sum, one) => sum + (one.value?.byteLength ?? 0), 0)).toBeLessThanOrEqual(
        1024 * 1024,
      );
      expect(text(batch[0]?.value?.subarray(0, 1) ?? null)).toBe('\0');
    }
    expect(count).toBe(8);
  });
}
