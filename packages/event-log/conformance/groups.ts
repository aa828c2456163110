import { eventually } from '@tidings/testing/eventually.ts';
import { expect, it } from 'vitest';
import type { Consumer, EventLog, LogRecord } from '../event-log.ts';
import type { ConformanceEngine } from './engine.ts';
import {
  barrier,
  logFor,
  numbered,
  numbersOf,
  openFor,
  record,
  siteFor,
  topicFor,
  unique,
  upTo,
} from './fixtures.ts';

interface TestMember {
  readonly records: LogRecord[];
  readonly consumer: Consumer;
}

async function join(log: EventLog, group: string, topic: string): Promise<TestMember> {
  const records: LogRecord[] = [];
  const consumer = await log.consume({
    group,
    topics: [topic],
    handler: async (batch) => void records.push(...batch),
  });
  return { records, consumer };
}

/** Appends a record to each of 4 partitions (keys key-0 to key-9 reach all of them), again and again until the condition holds. */
async function appendUntil(log: EventLog, topic: string, assertion: () => void): Promise<number> {
  let rounds = 0;
  await eventually(async () => {
    await log.append(numbered(topic, 10));
    rounds += 1;
    assertion();
  });
  return rounds * 10;
}

const partitionsOf = (records: readonly LogRecord[]): Set<number> =>
  new Set(records.map(({ partition }) => partition));

async function sharesPartitions(here: EventLog, there: EventLog): Promise<void> {
  const topic = await topicFor(here);
  const group = unique('group');
  const one = await join(here, group, topic);
  const other = await join(there, group, topic);
  const appended = await appendUntil(here, topic, () => {
    expect(partitionsOf(one.records.slice(-10)).size).toBe(2);
    expect(partitionsOf(other.records.slice(-10)).size).toBe(2);
  });
  const places = () =>
    [...one.records, ...other.records].map(({ partition, offset }) => `${partition}:${offset}`);
  await eventually(() => expect(new Set(places()).size).toBe(appended));
  await one.consumer.stop();
  const before = other.records.length;
  await appendUntil(here, topic, () => expect(partitionsOf(other.records.slice(before)).size).toBe(4));
}

export function describeGroups(engine: ConformanceEngine): void {
  it('shares the partitions between two members, and gives those of one that leaves to the other', async () => {
    const log = await logFor(engine);
    await sharesPartitions(log, log);
  });

  it('shares the partitions with a member of another client', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const client = await site.connect();
    await sharesPartitions(log, client.log);
    await client.log.ensureTopics([]);
    await client.cut();
  });

  it('loses nothing when members join and leave', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 8 });
    const group = unique('group');
    await log.append(numbered(topic, 2_000, 50));
    const delivered: LogRecord[] = [];
    const member = {
      group,
      topics: [topic],
      maxBatchRecords: 10,
      handler: async (records: readonly LogRecord[]) => void delivered.push(...records),
    };
    await log.consume(member);
    await eventually(() => expect(delivered.length).toBeGreaterThan(100));
    const second = await log.consume(member);
    await eventually(() => expect(delivered.length).toBeGreaterThan(500));
    await second.stop();
    await log.consume(member);
    await eventually(() => expect(new Set(numbersOf(delivered)).size).toBe(2_000));
    if (engine.features.movesWithoutRedelivery) expect(numbersOf(delivered)).toEqual(upTo(2_000));
  });

  it('delivers what a member had not finished when it died to the next one', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const topic = await topicFor(log, { partitions: 1 });
    const group = unique('group');
    const client = await site.connect();
    const held = barrier();
    let reached = 0;
    const handler = async (records: readonly LogRecord[]): Promise<void> => {
      reached += records.length;
      await held.opened;
    };
    await client.log.consume({ group, topics: [topic], handler });
    await log.append([record(topic, 'a', '0')]);
    await eventually(() => expect(reached).toBe(1));
    await client.cut();
    const survivor = await join(log, group, topic);
    await eventually(() => expect(numbersOf(survivor.records)).toEqual([0]));
    await log.append([record(topic, 'a', '1')]);
    await eventually(() => expect(numbersOf(survivor.records)).toEqual([0, 1]));
  });

  it('counts the members of a group, and no longer those that have left or died', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const topic = await topicFor(log);
    const group = unique('group');
    expect(await log.countMembers(group)).toBe(0);
    const count = (members: number) =>
      eventually(async () => expect(await log.countMembers(group)).toBe(members));
    const one = await join(log, group, topic);
    await count(1);
    const client = await site.connect();
    await join(client.log, group, topic);
    await count(2);
    await client.cut();
    // The embedded engine notices a member's end when its partition is next worked off.
    await log.append(numbered(topic, 10));
    await count(1);
    await one.consumer.stop();
    await count(0);
  });
}
