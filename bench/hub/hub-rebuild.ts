/**
 * Measures how long channels stay closed after their histories are lost, and checks that every channel then holds what it held: a hub on
 * Kafka and an empty Redis, and a hub on one machine, whose history in memory begins empty. The baseline, in the same run, is reading
 * the same records from the same log and nothing else.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { consumerGroups, planTopics, topics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { pause } from '@tidings/failures/retry.ts';
import { createHub } from '@tidings/hub/app.ts';
import { MemoryHistory } from '@tidings/hub/history/memory-history.ts';
import { connectRedis } from '@tidings/hub/redis/connections.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { startEngines } from '@tidings/testing/engines/start-engines.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { Redis } from 'ioredis';
import { cpuSeconds, megabytes, numberOption } from '../measure.ts';
import { makeEvent } from './notifications.ts';

const PARTITIONS = 4;
const PER_CHANNEL = 10;
const APPENDED_AT_ONCE = 5_000;
/** Channels that one request to Redis asks for. */
const CHECKED_AT_ONCE = 1_000;
const channelName = (number: number) => `channel-${number}`;

/** `--notifications 1000000`: ten for each channel. Prints the seconds of each, and the ratio to reading alone. */
export async function run(words: string[]): Promise<void> {
  const count = numberOption(words, 'notifications', 1_000_000);
  const channels = Math.ceil(count / PER_CHANNEL);
  await measureShared(count, channels);
  await measureAlone(count, channels);
}

async function measureShared(count: number, channels: number): Promise<void> {
  const engines = await startEngines({ kafka: true, redis: true, onProgress: console.log });
  const operator = new Redis(engines.redisUrl);
  const log = await openKafkaLog({
    brokers: engines.kafkaBrokers.split(','),
    clientId: 'bench',
    replication: 1,
  });
  const connections = connectRedis(engines.redisUrl, silentLogger);
  try {
    await fill(log, count, channels);
    await commitAll(log);
    const baseline = await timeReading(log);
    const { hub, registry } = buildHub(log, { redis: connections });
    const { pid } = engines.redis;
    const before = { start: performance.now(), hub: process.cpuUsage(), redis: cpuSeconds(pid) };
    await hub.start();
    while (!hub.isReady()) await pause(10);
    report('Kafka and an empty Redis', count, performance.now() - before.start, baseline);
    const { user, system } = process.cpuUsage(before.hub);
    const each = [(user + system) / count, ((cpuSeconds(pid) - before.redis) * 1e6) / count];
    console.log(`  CPU of each: ${each.map((one) => one.toFixed(0)).join(' µs in the hub, ')} µs in Redis`);
    const [, scripts = ''] =
      /^latency_percentiles_usec_evalsha:(.*)$/m.exec(await operator.info('latencystats')) ?? [];
    console.log(
      `  Redis executes nothing else for so many µs, while one of the hub's scripts runs: ${scripts}`,
    );
    await checkRedis(operator, count, channels);
    const [, used = ''] = /^used_memory:(\d+)/m.exec(await operator.info('memory')) ?? [];
    const read = registry.getSingleMetric('tidings_hub_history_rebuilt_records_total');
    const { values = [] } = (await read?.get()) ?? {};
    console.log(
      `  ${values[0]?.value} records were read again; every channel holds its own, in order; Redis has ${megabytes(Number(used))} MB`,
    );
    await hub.stop();
  } finally {
    connections.close();
    operator.disconnect();
    await log.close();
    await engines.stop();
  }
}

async function measureAlone(count: number, channels: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
  const log = await openEmbeddedLog({ directory });
  try {
    await fill(log, count, channels);
    const baseline = await timeReading(log);
    // Without its bounds on all channels: the check expects every channel.
    const history = new MemoryHistory({ limits: { bytes: Number.POSITIVE_INFINITY, channels } });
    const { hub } = buildHub(log, { history });
    const start = performance.now();
    const before = { rss: process.memoryUsage.rss(), cpu: process.cpuUsage() };
    await hub.start();
    report('one machine, a history in memory', count, performance.now() - start, baseline);
    const { user, system } = process.cpuUsage(before.cpu);
    console.log(`  CPU of each: ${((user + system) / count).toFixed(0)} µs`);
    const rss = process.memoryUsage.rss() - before.rss;
    console.log(
      `  ${history.channelCount} channels are held, with ${megabytes(history.byteCount)} MB of records, in ${megabytes(rss)} MB of memory`,
    );
    for (let number = 0; number < channels; number += 1) {
      const { durable } = await history.open(channelName(number), null);
      check(
        number,
        durable.map(({ data }) => data),
        count,
        channels,
      );
    }
    await hub.stop();
  } finally {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function buildHub(log: EventLog, rest: Partial<Parameters<typeof createHub>[0]>) {
  const registry = new Registry();
  const tokens = createTokenAuthority({
    authSecret: 'the-secret-of-the-bench-0123456789',
    supportToken: 'support-token-of-the-bench',
    publishApiKey: 'api-key-of-the-bench-0123456789abcdef',
  });
  const site = siteOf({ HOST: '127.0.0.1', ALLOWED_ORIGINS: [], ALLOWED_HOSTS: [] });
  return { registry, hub: createHub({ log, tokens, logger: silentLogger, registry, site, ...rest }) };
}

/** The channels get their notifications in turns, so that those of one channel lie far apart. */
async function fill(log: EventLog, count: number, channels: number): Promise<void> {
  const wanted: readonly string[] = [topics.notifications, topics.progress];
  await log.ensureTopics(planTopics(PARTITIONS).filter(({ name }) => wanted.includes(name)));
  for (let first = 0; first < count; first += APPENDED_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(APPENDED_AT_ONCE, count - first) }, (_, i) => first + i);
    await log.append(
      numbers.map((number) => ({
        topic: topics.notifications,
        key: channelName(number % channels),
        value: encodeEvent({ ...makeEvent(number), data: number }),
      })),
    );
  }
}

/** The group's position moves to the end, as if hubs had worked everything off into a Redis that is gone. */
async function commitAll(log: EventLog): Promise<void> {
  const topic = topics.notifications;
  const consumer = await log.consume({
    group: consumerGroups.hub,
    topics: [topic, topics.progress],
    concurrency: PARTITIONS,
    handler: async () => undefined,
  });
  const ends = await log.endOffsets(topic);
  const isDone = async () => {
    const committed = await log.committedOffsets(consumerGroups.hub, topic);
    return ends.every((end, partition) => (committed[partition] ?? 0) >= end);
  };
  while (!(await isDone())) await pause(100);
  await consumer.stop();
}

/** @returns milliseconds */
async function timeReading(log: EventLog): Promise<number> {
  const start = performance.now();
  for await (const _ of log.read({ topic: topics.notifications, from: 'earliest', follow: false }));
  return performance.now() - start;
}

function report(name: string, count: number, milliseconds: number, baseline: number): void {
  const seconds = milliseconds / 1000;
  console.log(
    `${name}: ${count} notifications in ${seconds.toFixed(1)} s, ${(count / seconds).toFixed(0)} a second; ` +
      `${(milliseconds / baseline).toFixed(1)} × the time of reading them alone`,
  );
}

async function checkRedis(redis: Redis, count: number, channels: number): Promise<void> {
  for (let first = 0; first < channels; first += CHECKED_AT_ONCE) {
    const pipeline = redis.pipeline();
    for (let number = first; number < Math.min(channels, first + CHECKED_AT_ONCE); number += 1)
      pipeline.lrange(`tidings:{${channelName(number)}}:durable`, 0, -1);
    for (const [index, [error, entries]] of ((await pipeline.exec()) ?? []).entries()) {
      if (error !== null) throw error;
      const bodies = (entries as string[]).map((entry) => JSON.parse(entry.replace(/^(?:\S+ ){3}/, '')));
      check(
        first + index,
        bodies.map(({ data }) => data),
        count,
        channels,
      );
    }
  }
}

/** @throws Error where a channel does not hold exactly what it was told, in order */
function check(channel: number, held: readonly unknown[], count: number, channels: number): void {
  const told = [];
  for (let number = channel; number < count; number += channels) told.push(number);
  if (held.join() !== told.join())
    throw new Error(`channel ${channel} holds ${held.join()} instead of ${told.join()}`);
}
