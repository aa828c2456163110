import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { retryUntil } from '@tidings/failures/retry.ts';
import { startProxiedTestBroker } from '@tidings/testing/engines/kafka-broker.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { Kafka, logLevel } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import type { ChildOrders } from '../conformance/children/child-orders.ts';
import { copier } from '../conformance/copier.ts';
import {
  barrier,
  failure,
  numbered,
  numbersOf,
  record,
  text,
  topicFor,
  unique,
  upTo,
} from '../conformance/fixtures.ts';
import type { EventLog, LogRecord } from '../event-log.ts';
import type { KafkaLogOptions } from './connections/settings.ts';
import { openKafkaLog } from './kafka-log.ts';
import { testSettings } from './test/settings.ts';

const { broker, proxy, proxiedBrokers } = await startProxiedTestBroker();
const { brokers } = broker;
const timeout = 120_000;
const patiently = <Result>(expectations: () => Result | Promise<Result>): Promise<Result> =>
  eventually(expectations, { withinMs: 60_000, everyMs: 20 });

async function open(options: Partial<KafkaLogOptions> = {}): Promise<EventLog> {
  const log = await openKafkaLog({ ...testSettings(brokers), ...options });
  onTestFinished(async () => {
    const closed = log.close();
    // A log that was cut off tries in vain for half a minute to write what it has, and the broker outlives it.
    if (!options.cut?.aborted) await closed;
  });
  return log;
}

/** Between two attempts of an append. */
const appendPauses = { firstMs: 50, longestMs: 50 };

/** Appends numbers one after another until it is stopped, each until it is acknowledged. */
function appendNumbers(
  log: EventLog,
  topic: string,
): { readonly acknowledged: number[]; stop(): Promise<void> } {
  const acknowledged: number[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  let next = 0;
  const appendInTurn = async (): Promise<void> => {
    while (!signal.aborted) {
      const number = next++;
      const append = () => log.append([record(topic, `key-${number % 20}`, String(number))]);
      await retryUntil(append, {
        ...appendPauses,
        signal,
        onFailure: (error) => expect(error).toMatchObject({ code: 'log_unavailable', retriable: true }),
      }).then(
        () => acknowledged.push(number),
        (error: unknown) => expect(error).toBe(signal.reason),
      );
    }
  };
  const appending = upTo(4).map(appendInTurn);
  return {
    acknowledged,
    async stop() {
      stopping.abort();
      await Promise.all(appending);
    },
  };
}

/** Resolves when the group has committed every record. */
async function allCommitted(log: EventLog, group: string, input: string): Promise<void> {
  const ends = await log.endOffsets(input);
  await patiently(async () => {
    const committed = await log.committedOffsets(group, input);
    expect(committed.map((offset) => offset ?? 0)).toEqual(ends);
  });
}

/** The committed records that Kafka's own consumer reads. */
async function numbersSeenByKafka(topic: string): Promise<number[]> {
  const lines = await broker.consoleConsumer(topic);
  return lines.map((line) => Number(line.trim())).sort((a, b) => a - b);
}

test('a broker that is killed and comes back: what was acknowledged is there, outputs are there once', {
  timeout,
}, async () => {
  const log = await open({ callTimeoutMs: 2_000 });
  const [input, output] = [await topicFor(log), await topicFor(log)];
  const [group, copying] = [unique('group'), unique('group')];
  const consumed: LogRecord[] = [];
  await log.consume({ group, topics: [input], handler: async (records) => void consumed.push(...records) });
  await log.process({ group: copying, topics: [input], createProcessor: () => copier(output, false) });
  const appending = appendNumbers(log, input);
  for (const _ of upTo(2)) {
    const before = { acknowledged: appending.acknowledged.length, consumed: consumed.length };
    await patiently(() => {
      expect(appending.acknowledged.length).toBeGreaterThan(before.acknowledged + 200);
      expect(consumed.length).toBeGreaterThan(before.consumed + 200);
    });
    await broker.kill();
    await expect(log.endOffsets(input)).rejects.toMatchObject(failure('log_unavailable', true));
    await broker.restart();
  }
  const before = appending.acknowledged.length;
  await patiently(() => expect(appending.acknowledged.length).toBeGreaterThan(before + 200));
  await appending.stop();
  await allCommitted(log, copying, input);
  const appended = numbersOf(await readAll(log, input));
  expect(appending.acknowledged.filter((number) => !appended.includes(number))).toEqual([]);
  await patiently(() => expect(new Set(numbersOf(consumed))).toEqual(new Set(appended)));
  expect(await numbersSeenByKafka(output)).toEqual(appended);
});

/** The number of Kafka's request to join a group. */
const JOIN_GROUP = 11;

/** Whether one of the requests is of this kind. kafkajs writes each as a whole, so that the bytes begin with one. */
function holdsRequest(sent: Buffer, kind: number): boolean {
  for (let at = 0; at + 6 <= sent.length; at += 4 + sent.readUInt32BE(at))
    if (sent.readInt16BE(at + 4) === kind) return true;
  return false;
}

/**
 * A group rebalances, and its broker is started again before a member has joined: the broker then knows nothing of the rebalance, and
 * kafkajs goes on as the same member. The handlers, which are held for a join, once stayed held for ever.
 */
test('a member continues when the join that it was about to send is not needed', { timeout }, async () => {
  const log = await open({ brokers: [proxiedBrokers], sessionTimeoutMs: 30_000 });
  const [topic, group] = [await topicFor(log, { partitions: 1 }), unique('group')];
  const handled: number[] = [];
  const handler = async (records: readonly LogRecord[]): Promise<void> => {
    handled.push(...numbersOf(records));
  };
  await log.consume({ group, topics: [topic], handler });
  await log.append([record(topic, 'key', '0')]);
  await patiently(() => expect(handled).toEqual([0]));
  let refused = 0;
  proxy.refuse((sent) => {
    const isRefused = holdsRequest(sent, JOIN_GROUP);
    if (isRefused) refused += 1;
    return isRefused;
  });
  onTestFinished(() => proxy.pass());
  const death = new AbortController();
  const other = await open({ cut: death.signal });
  await other.consume({ group, topics: [topic], handler: async () => undefined });
  await patiently(() => expect(refused).toBeGreaterThan(0));
  death.abort();
  await broker.kill();
  await broker.restart();
  await log.append([record(topic, 'key', '1')]);
  await patiently(() => expect(handled).toEqual([0, 1]));
});

test('a broker that falls silent for a while: appends wait, and are there once and in order', {
  timeout,
}, async () => {
  const messages: string[] = [];
  const logger = {
    warn: () => undefined,
    debug: (_: object, message: string) => void messages.push(message),
  };
  const log = await open({ logger, deliveryTimeoutMs: 60_000 });
  const topic = await topicFor(log, { partitions: 1 });
  await log.append([record(topic, 'key', '0')]);
  broker.pause();
  const appended = upTo(100).map((number) => log.append([record(topic, 'key', String(number + 1))]));
  // One attempt has failed, and the same request is sent again.
  await patiently(() => expect(messages.filter((one) => /Produce.*timed out/.test(one))).not.toEqual([]));
  broker.resume();
  await Promise.all(appended);
  const records = await readAll(log, topic);
  expect(records.map(({ value }) => Number(text(value)))).toEqual(upTo(101));
});

// Of a starting cluster, some brokers answer before the others.
// The end of the time had cut off the last attempt, and was told in place of Kafka's reason.
test('a topic that needs more brokers than run can be made later', { timeout }, async () => {
  const log = await open({ replication: 3, callTimeoutMs: 5_000 });
  const made = log.ensureTopics([{ name: unique('topic'), partitions: 1, cleanup: 'delete' }]);
  await expect(made).rejects.toMatchObject(failure('log_unavailable', true));
  await expect(made).rejects.toThrow(/replication.factor/i);
});

test('while Kafka is away every call ends in bounded time, and afterwards it succeeds', {
  timeout,
}, async () => {
  const nowhere = openKafkaLog({ ...testSettings('127.0.0.1:1'), callTimeoutMs: 300 });
  await expect(nowhere).rejects.toMatchObject(failure('log_unavailable', true));
  const log = await open({ callTimeoutMs: 500, deliveryTimeoutMs: 500 });
  const topic = await topicFor(log);
  await log.append(numbered(topic, 10));
  await broker.kill();
  const unavailable = failure('log_unavailable', true);
  await expect(log.append(numbered(topic, 10))).rejects.toMatchObject(unavailable);
  await expect(log.describeTopic(topic)).rejects.toMatchObject(unavailable);
  await expect(log.committedOffsets('group', topic)).rejects.toMatchObject(unavailable);
  await expect(log.ensureTopics([{ name: topic, partitions: 4, cleanup: 'delete' }])).rejects.toMatchObject(
    unavailable,
  );
  await expect(readAll(log, topic)).rejects.toMatchObject(unavailable);
  const value = new Uint8Array(1024 * 1024 - 1024);
  const large = upTo(70).map((number) => ({ topic, key: String(number), value }));
  await expect(log.append(large)).rejects.toMatchObject(failure('log_overloaded', true));
  await broker.restart();
  await patiently(() => log.append(numbered(topic, 10)));
  expect((await readAll(log, topic)).length).toBeGreaterThanOrEqual(20);
});

/** A process that appends numbers, and copies them. */
function startCopier(topicsAndGroup: Pick<ChildOrders, 'input' | 'output' | 'group'>): ChildProcess {
  const program = join(import.meta.dirname, 'test/conformance-child.ts');
  const orders: ChildOrders = { work: 'copy', settings: brokers, dieAt: null, first: 0, ...topicsAndGroup };
  const words = JSON.stringify(orders);
  const child = spawn(process.execPath, ['--import', 'tsx', program, words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('a process that is paused past its session is fenced when it goes on', { timeout }, async () => {
  const log = await open();
  const [input, output] = [await topicFor(log, { partitions: 3 }), await topicFor(log, { partitions: 3 })];
  const group = unique('group');
  const zombie = startCopier({ input, output, group });
  for (const _ of upTo(2)) {
    const copied = (await readAll(log, output)).length;
    await patiently(async () => expect((await readAll(log, output)).length).toBeGreaterThan(copied + 50));
    zombie.kill('SIGSTOP');
    const successor = await log.process({
      group,
      topics: [input],
      createProcessor: () => copier(output, false),
    });
    await allCommitted(log, group, input);
    zombie.kill('SIGCONT');
    const ends = await log.endOffsets(input);
    await patiently(async () => expect(await log.endOffsets(input)).not.toEqual(ends));
    await successor.stop();
  }
  const exited = once(zombie, 'exit');
  zombie.kill('SIGKILL');
  await exited;
  await log.process({ group, topics: [input], createProcessor: () => copier(output, false) });
  await allCommitted(log, group, input);
  expect(await numbersSeenByKafka(output)).toEqual(numbersOf(await readAll(log, input)));
});

test('a reader waits for a transaction that began before it, and sees nothing of one that is aborted', {
  timeout,
}, async () => {
  const log = await open();
  const topic = await topicFor(log, { partitions: 1 });
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    transactionalId: unique('foreign'),
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  await log.append([record(topic, 'a', '0')]);
  const aborted = await producer.transaction();
  await aborted.send({ topic, messages: [{ key: 'a', value: '1' }] });
  await log.append([record(topic, 'a', '2')]);
  await aborted.abort();
  const committed = await producer.transaction();
  await committed.send({ topic, messages: [{ key: 'a', value: '3' }] });
  await log.append([record(topic, 'a', '4')]);
  const held = barrier();
  const reading = readAll(log, topic).finally(held.open);
  expect(
    await Promise.race([held.opened.then(() => 'ended'), log.endOffsets(topic).then(() => 'waiting')]),
  ).toBe('waiting');
  await committed.commit();
  expect(numbersOf(await reading)).toEqual([0, 2, 3, 4]);
});

test('reading leaves no group behind, and the refusal of a topic with other settings names topic and settings', {
  timeout,
}, async () => {
  const log = await open();
  const topic = await topicFor(log);
  await log.append(numbered(topic, 10));
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  const groups = (await admin.listGroups()).groups.length;
  for (const _ of upTo(3)) expect(await readAll(log, topic)).toHaveLength(10);
  expect((await admin.listGroups()).groups).toHaveLength(groups);

  const foreign = unique('foreign');
  await admin.createTopics({ topics: [{ topic: foreign, numPartitions: 2 }], waitForLeaders: false });
  const asked = () => log.ensureTopics([{ name: foreign, partitions: 2, cleanup: 'delete' }]);
  await patiently(() => expect(asked()).rejects.toMatchObject(failure('topic_mismatch')));
  await expect(asked()).rejects.toThrow(
    new RegExp(`${foreign}.*retentionMs.*maxRecordBytes.*timestamps`, 's'),
  );
});

test('a topic that was deleted and made again has another incarnation', { timeout }, async () => {
  const log = await open();
  const topic = await topicFor(log);
  const before = await log.describeTopic(topic);
  await log.append(numbered(topic, 10));
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  await admin.deleteTopics({ topics: [topic] });
  await patiently(() => expect(log.describeTopic(topic)).rejects.toMatchObject(failure('topic_unknown')));
  await patiently(() => log.ensureTopics([{ name: topic, partitions: 2, cleanup: 'delete' }]));
  expect((await log.describeTopic(topic)).incarnation).not.toBe(before.incarnation);
  await patiently(() => log.append(numbered(topic, 10)));
  expect(numbersOf(await readAll(log, topic))).toEqual(upTo(10));
});

/** Resolves when Kafka has given up a member that fell silent after the call: as long as a session has passed. */
async function untilASessionHasPassed(log: EventLog): Promise<void> {
  const topic = await topicFor(log, { partitions: 1 });
  const [group, death] = [unique('group'), new AbortController()];
  const silent = await open({ cut: death.signal });
  const [bySilent, byHeir]: [number[], number[]] = [[], []];
  const handlerOf = (handled: number[]) => async (records: readonly LogRecord[]) => {
    handled.push(...numbersOf(records));
  };
  await silent.consume({ group, topics: [topic], handler: handlerOf(bySilent) });
  await log.append([record(topic, 'key', '0')]);
  await patiently(() => expect(bySilent).toEqual([0]));
  death.abort();
  await log.consume({ group, topics: [topic], handler: handlerOf(byHeir) });
  await log.append([record(topic, 'key', '1')]);
  await patiently(() => expect(byHeir).toContain(1));
}

test('a handler that takes longer than the session keeps its partition', { timeout }, async () => {
  const log = await open();
  const topic = await topicFor(log, { partitions: 1 });
  const group = unique('group');
  const held = barrier();
  const handled: number[] = [];
  const handler = async (records: readonly LogRecord[]): Promise<void> => {
    handled.push(...numbersOf(records));
    await held.opened;
  };
  await log.consume({ group, topics: [topic], handler });
  await log.append([record(topic, 'key', '0')]);
  await patiently(() => expect(handled).toEqual([0]));
  await untilASessionHasPassed(log);
  await log.append([record(topic, 'key', '1')]);
  held.open();
  await allCommitted(log, group, topic);
  expect(handled).toEqual([0, 1]);
});
