/**
 * Three brokers, of which one is lost. A lost broker was the leader of some partitions, and the coordinator of some groups and transactions;
 * the others take these over, and no client may have to wait for the lost broker.
 *
 * kafkajs has three faults here, and each was a bug of the log:
 * - It keeps the coordinator that a member joined, also when that broker is dead. The group stood still until the broker came back.
 * - Where a partition's new leader has answered the same request already, kafkajs drops the partition without an error. The next
 *   record got the sequence number of a dropped one. Kafka took it for a repetition, acknowledged it, and did not store it.
 * - Where one of several brokers fails, kafkajs repeats the whole call under new sequence numbers, also for the brokers that are
 *   about to acknowledge their part. That part was acknowledged once and stored twice.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { startTestCluster } from '@tidings/testing/engines/kafka-broker.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, expect, test } from 'vitest';
import type { EventLog, NewRecord, RecordPosition } from '../event-log.ts';
import { openTable } from '../table.ts';
import { AdminConnection } from './connections/admin-connection.ts';
import { settingsOf } from './connections/settings.ts';
import { coordinatorOf } from './groups/coordinator.ts';
import { type KafkaLogOptions, openKafkaLog } from './kafka-log.ts';

const cluster = await startTestCluster();
const options: KafkaLogOptions = {
  brokers: cluster.map(({ brokers }) => brokers),
  replication: 3,
  sessionTimeoutMs: 8_000,
};
const patiently = { withinMs: 120_000, everyMs: 100 };
const keys = Array.from({ length: 8 }, (_, index) => `key-${index}`);
/** Milliseconds between two appends of a key, so that many keys and many leaders meet in a request. */
const APPEND_PAUSE_MS = 5;
/** Records of a key that are acknowledged and not copied yet, at most: on a busy machine the copies would fall behind without an end. */
const MAX_AHEAD = 500;
/** Records: far more than are handled ahead of a position that cannot be committed. */
const MANY = 200;

const log = await openKafkaLog(options);
const other = await openKafkaLog(options);
const connection = new AdminConnection(settingsOf(options));
const admin = new Kafka({ brokers: [...options.brokers], logLevel: logLevel.NOTHING }).admin();
await admin.connect();
afterAll(async () => {
  await Promise.all([log.close(), other.close(), admin.disconnect()]);
  connection.close();
});

const textOf = (value: Uint8Array | null): string => Buffer.from(value ?? []).toString();

/** Appends the numbers from 0 for each key, and keeps the positions of the acknowledged ones. */
function appendAll(to: EventLog, copied: ReadonlySet<string>) {
  const acknowledged = new Map<string, RecordPosition>();
  let isOver = false;
  const one = async (key: string) => {
    const ahead: string[] = [];
    for (let number = 0; !isOver; number += 1) {
      while (ahead[0] !== undefined && copied.has(ahead[0])) ahead.shift();
      if (ahead.length >= MAX_AHEAD) {
        await pause(APPEND_PAUSE_MS);
        continue;
      }
      const text = `${key}:${number}`;
      const record: NewRecord = { topic: 'in', key, value: Buffer.from(text) };
      // A client would send a failed record again; here the next number follows.
      const [position] = await to.append([record]).catch(() => []);
      if (position !== undefined) {
        acknowledged.set(text, position);
        ahead.push(text);
      }
      await pause(APPEND_PAUSE_MS);
    }
  };
  const appending = Promise.all(keys.map(one));
  return {
    acknowledged,
    stop: async () => {
      isOver = true;
      await appending;
    },
  };
}

/** Resolves when every broker has every record. */
async function untilCopied(names: readonly string[]): Promise<void> {
  const missing = async () => {
    const found = await admin.fetchTopicMetadata({ topics: [...names] }).catch(() => ({ topics: [] }));
    const partitions = found.topics.flatMap((topic) => topic.partitions);
    return partitions.length === 0 ? -1 : partitions.filter(({ isr }) => isr.length < 3).length;
  };
  await eventually(async () => expect(await missing()).toBe(0), patiently);
}

async function readAll(topic: string): Promise<Map<string, string[]>> {
  const places = new Map<string, string[]>();
  for await (const records of log.read({ topic, from: 'earliest', follow: false })) {
    for (const { value, partition, offset } of records) {
      const text = textOf(value);
      places.set(text, [...(places.get(text) ?? []), `${partition}@${offset}`]);
    }
  }
  return places;
}

test('after the loss of a broker work continues, and nothing acknowledged is lost or stored twice', async () => {
  const plan = { partitions: 6, cleanup: 'delete' } as const;
  const made = () =>
    log.ensureTopics([
      { name: 'in', ...plan },
      { name: 'out', ...plan },
    ]);
  // Three brokers that start together need a while to become a cluster, so the test tries again, as a service does.
  await eventually(made, patiently);
  const consumed = new Set<string>();
  await other.consume({
    group: 'consumers',
    topics: ['in'],
    concurrency: 4,
    handler: async (records) => {
      for (const { value } of records) consumed.add(textOf(value));
    },
  });
  await other.process({
    group: 'copiers',
    topics: ['in'],
    createProcessor: async () => {
      const copies: NewRecord[] = [];
      return {
        handle: (records) => {
          copies.push(...records.map(({ key, value }) => ({ topic: 'out', key, value })));
          return false;
        },
        outputs: () => copies.splice(0),
      };
    },
  });
  const copied = new Set<string>();
  const reading = (async () => {
    for await (const records of other.read({ topic: 'out', from: 'earliest', follow: true }))
      for (const { value } of records) copied.add(textOf(value));
  })();
  const { acknowledged, stop } = appendAll(log, copied);

  /** Resolves when `MANY` records of each key that were acknowledged after the call are consumed and copied. */
  const untilAllMove = async () => {
    const before = new Set(acknowledged.keys());
    const isThrough = (text: string) => !before.has(text) && consumed.has(text) && copied.has(text);
    const still = () => {
      const through = [...acknowledged.keys()].filter(isThrough);
      return keys.filter((key) => through.filter((text) => text.startsWith(`${key}:`)).length < MANY);
    };
    await eventually(() => expect(still()).toEqual([]), patiently);
  };
  await untilAllMove();
  for (const group of ['consumers', 'copiers']) {
    await untilCopied(['in', 'out', '__consumer_offsets', '__transaction_state']);
    const lost = cluster[(await coordinatorOf(connection, group)) - 1];
    await lost?.kill();
    await untilAllMove();
    await lost?.restart();
  }
  await stop();

  const [appended, put] = [await readAll('in'), () => readAll('out')];
  for (const [text, { partition, offset }] of acknowledged)
    expect(appended.get(text), text).toEqual([`${partition}@${offset}`]);
  const unread = () => [...appended.keys()].filter((text) => !consumed.has(text));
  await eventually(() => expect(unread()).toEqual([]), patiently);
  const placesOf = (all: ReadonlyMap<string, readonly string[]>) => [...all.values()].flat().length;
  await eventually(async () => expect(placesOf(await put())).toBe(placesOf(appended)), patiently);
  // One copy for each record in the log: a record whose append has failed may stand there all the same.
  const counts = (places: ReadonlyMap<string, readonly string[]>) =>
    [...places].map(([text, found]) => `${text} × ${found.length}`).toSorted();
  expect(counts(await put())).toEqual(counts(appended));
  await other.close();
  await reading;
}, 420_000);

/**
 * kafkajs sends a transaction's outputs to all their brokers at once. Where Kafka asked it to wait at one of them (the transaction before
 * was still being completed), it sent all again while another broker was about to acknowledge its part: that part stood there twice,
 * in one transaction, and was committed twice.
 */
test('outputs of consecutive transactions to partitions of several brokers are stored once', async () => {
  const plan = { partitions: 6, cleanup: 'delete' } as const;
  const topics = [
    { name: 'one', ...plan, partitions: 1 },
    { name: 'many', ...plan },
  ];
  await eventually(() => log.ensureTopics(topics), patiently);
  const numbers = Array.from({ length: 900 }, (_, number) => number);
  await log.append(
    numbers.map((number) => ({ topic: 'one', key: `${number}`, value: Buffer.from(`${number}`) })),
  );
  await log.process({
    group: 'spreaders',
    topics: ['one'],
    maxBatchRecords: 6,
    createProcessor: () => {
      const copies: NewRecord[] = [];
      return {
        handle: (records) => {
          copies.push(...records.map(({ key, value }) => ({ topic: 'many', key, value })));
          return true;
        },
        outputs: () => copies.splice(0),
      };
    },
  });
  await eventually(async () => expect((await readAll('many')).size).toBe(numbers.length), {
    ...patiently,
  });
  const twice = [...(await readAll('many'))].filter(([, places]) => places.length !== 1);
  expect(twice).toEqual([]);
}, 240_000);

test('a table follows through the loss of the broker that it reads from, and says how far it is behind', async () => {
  const topic = 'table';
  await eventually(() => log.ensureTopics([{ name: topic, partitions: 3, cleanup: 'compact' }]), patiently);
  const newest = new Map<string, string>();
  const put = async (round: number) => {
    const values = keys.map((key) => [key, `${key}:${round}`] as const);
    const records = values.map(([key, text]) => ({ topic, key, value: Buffer.from(text) }));
    // An append that was refused may stand there all the same; the same values again change nothing.
    await eventually(() => log.append(records), patiently);
    for (const [key, text] of values) newest.set(key, text);
  };
  await put(0);
  const table = await openTable({
    log,
    topic,
    decode: ({ value }) => textOf(value),
    onError: () => undefined,
  });
  const isCurrent = async () => {
    expect(new Map(table.entries())).toEqual(newest);
    expect(await table.lag()).toEqual({ records: 0, since: null });
  };
  await isCurrent();
  for (const [round, broker] of cluster.entries()) {
    await untilCopied([topic]);
    await broker.kill();
    await put(round + 1);
    await eventually(isCurrent, patiently);
    await broker.restart();
  }
  await put(cluster.length + 1);
  await eventually(isCurrent, patiently);
  await table.close();
}, 420_000);
