import { readAll } from '@tidings/testing/log.ts';
import { expect, it } from 'vitest';
import { partitionOf } from '../engine/partitioner.ts';
import type { RecordPosition } from '../event-log.ts';
import type { ConformanceEngine } from './engine.ts';
import {
  failure,
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

const mebibyte = 1024 * 1024;

export function describeAppending(engine: ConformanceEngine): void {
  describeRecords(engine);
  describeRefusals(engine);
  describeOpening(engine);
}

function describeRecords(engine: ConformanceEngine): void {
  it('gives back what was appended', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 1 });
    const large = new Uint8Array(100_000).map((_, place) => place % 251);
    const before = Date.now();
    await log.append([
      { topic, key: 'a', value: new TextEncoder().encode('é'), headers: { one: '1', __proto__x: 'ü' } },
      { topic, key: 'b', value: null },
      { topic, key: '', value: new Uint8Array(0) },
      { topic, key: 'c', value: large },
    ]);
    const records = await readAll(log, topic);
    expect(records.map(({ key, headers }) => [key, headers])).toEqual([
      ['a', { one: '1', __proto__x: 'ü' }],
      ['b', {}],
      ['', {}],
      ['c', {}],
    ]);
    expect(text(records[0]?.value ?? null)).toBe('é');
    expect(records[1]?.value).toBeNull();
    expect(records[2]?.value?.byteLength).toBe(0);
    expect(Buffer.compare(records[3]?.value ?? new Uint8Array(), large)).toBe(0);
    // Another machine's clock may stamp the records.
    for (const { timestamp } of records) expect(Math.abs(timestamp - before)).toBeLessThan(60_000);
  });

  it('tells the positions in the order of the records, and puts a key where Kafka does', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    const positions: RecordPosition[] = await log.append(numbered(topic, 100));
    const byPlace = new Map(
      (await readAll(log, topic)).map((one) => [`${one.partition}:${one.offset}`, one]),
    );
    for (const [number, { partition, offset, timestamp }] of positions.entries()) {
      expect(partition).toBe(partitionOf(`key-${number % 10}`, 4));
      expect(byPlace.get(`${partition}:${offset}`)).toMatchObject({ timestamp, key: `key-${number % 10}` });
      expect(text(byPlace.get(`${partition}:${offset}`)?.value ?? null)).toBe(String(number));
    }
  });

  it('keeps the order of calls that do not wait for each other', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 1 });
    await Promise.all(upTo(200).map((number) => log.append([record(topic, 'key', String(number))])));
    expect((await readAll(log, topic)).map(({ value }) => Number(text(value)))).toEqual(upTo(200));
  });

  it('has everything again after it was closed and opened', async () => {
    const site = await siteFor(engine);
    const log = await site.open();
    const topic = await topicFor(log);
    await log.append(numbered(topic, 300));
    const before = await log.describeTopic(topic);
    await log.close();

    const again = await openFor(site);
    expect(numbersOf(await readAll(again, topic))).toEqual(upTo(300));
    expect(await again.describeTopic(topic)).toEqual(before);
    const ends = await again.endOffsets(topic);
    await again.append(numbered(topic, 40));
    const grown = await again.endOffsets(topic);
    expect(grown.every((end, partition) => end >= (ends[partition] ?? 0))).toBe(true);
    expect(await readAll(again, topic)).toHaveLength(340);
  });
}

function describeRefusals(engine: ConformanceEngine): void {
  it('refuses an unknown topic', async () => {
    const log = await logFor(engine);
    const topic = unique('unknown');
    await expect(log.append([record(topic, 'a', 'x')])).rejects.toMatchObject(failure('topic_unknown'));
    await expect(log.describeTopic(topic)).rejects.toMatchObject(failure('topic_unknown'));
    await expect(readAll(log, topic)).rejects.toMatchObject(failure('topic_unknown'));
    const consumer = { group: unique('group'), topics: [topic], handler: () => Promise.resolve() };
    await expect(log.consume(consumer)).rejects.toMatchObject(failure('topic_unknown'));
  });

  it('refuses a record that is too large, and the whole call with it', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { maxRecordBytes: 10_000 });
    await log.append([{ topic, key: 'a', value: new Uint8Array(10_000) }]);
    const call = [record(topic, 'a', 'small'), { topic, key: 'a', value: new Uint8Array(10_001) }];
    await expect(log.append(call)).rejects.toMatchObject(failure('record_too_large'));
    expect(await readAll(log, topic)).toHaveLength(1);
  });

  it('refuses more than 64 MiB that are not durable yet, and recovers', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { maxRecordBytes: 8 * mebibyte });
    const value = new Uint8Array(8 * mebibyte - 1024);
    const records = upTo(9).map((number) => ({ topic, key: `${number}`, value }));
    await expect(log.append(records)).rejects.toMatchObject(failure('log_overloaded', true));
    expect(await readAll(log, topic)).toEqual([]);
    await log.append(records.slice(0, 7));
    expect(await readAll(log, topic)).toHaveLength(7);
  });

  it('names each topic that exists otherwise, with each difference, and makes none then', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 4, retentionMs: 3_600_000 });
    const [second, right, missing] = [await topicFor(log), await topicFor(log), unique('missing')];
    await log.ensureTopics([{ name: topic, partitions: 4, cleanup: 'delete', retentionMs: 3_600_000 }]);
    const refused = log.ensureTopics([
      { name: missing, partitions: 5, cleanup: 'delete' },
      { name: topic, partitions: 8, cleanup: 'compact', retentionMs: 7_200_000 },
      { name: right, partitions: 4, cleanup: 'delete' },
      { name: second, partitions: 5, cleanup: 'delete' },
    ]);
    await expect(refused).rejects.toMatchObject({
      ...failure('topic_mismatch'),
      message:
        `Topic ${topic} exists otherwise: partitions is 4, not 8; cleanup is delete, not compact; ` +
        `retentionMs is 3600000, not 7200000. Topic ${second} exists otherwise: partitions is 4, not 5.`,
    });
    expect(await log.describeTopic(topic)).toMatchObject({ name: topic, partitions: 4 });
    await expect(log.describeTopic(missing)).rejects.toMatchObject(failure('topic_unknown'));
  });
}

function describeOpening(engine: ConformanceEngine): void {
  it('rejects every call once it is closed', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    await log.close();
    await log.close();
    const group = unique('group');
    const closed = failure('log_closed');
    await expect(log.append([record(topic, 'a', 'x')])).rejects.toMatchObject(closed);
    await expect(log.ensureTopics([])).rejects.toMatchObject(closed);
    await expect(log.describeTopic(topic)).rejects.toMatchObject(closed);
    await expect(log.endOffsets(topic)).rejects.toMatchObject(closed);
    await expect(log.committedOffsets(group, topic)).rejects.toMatchObject(closed);
    await expect(log.countMembers(group)).rejects.toMatchObject(closed);
    await expect(log.purge(topic, group)).rejects.toMatchObject(closed);
    await expect(readAll(log, topic)).rejects.toMatchObject(closed);
    const handler = () => Promise.resolve();
    await expect(log.consume({ group, topics: [topic], handler })).rejects.toMatchObject(closed);
    const createProcessor = () => ({ handle: () => true, outputs: () => [] });
    await expect(log.process({ group, topics: [topic], createProcessor })).rejects.toMatchObject(closed);
  });

  if (engine.features.exclusive) {
    it('refuses to be opened twice', async () => {
      const site = await siteFor(engine);
      await openFor(site);
      await expect(site.open()).rejects.toMatchObject(failure('log_in_use'));
    });
  }
}
