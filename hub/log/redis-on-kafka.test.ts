/** Losses where the log is Kafka: offsets have a gap behind each transaction, and offsets are committed some time after the handlers. */
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { testSettings } from '@tidings/event-log/kafka/test/settings.ts';
import { startTestBroker } from '@tidings/testing/engines/kafka-broker.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type RunningHub, startHub, toRecord, WireClient } from '@tidings/testing/services/hub.ts';
import { expect, onTestFinished, test } from 'vitest';
import { useRedis, whenUp } from '../test/redis-harness.ts';

const redis = useRedis();
const broker = await startTestBroker();
const patiently = { withinMs: 60_000, everyMs: 50 };
const sequence = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function openLog(): Promise<EventLog> {
  const log = await openKafkaLog(testSettings(broker.brokers));
  onTestFinished(() => log.close());
  return log;
}

async function startSharedHub(): Promise<RunningHub> {
  const connections = redis.connect();
  const hub = await startHub({ log: await openLog(), redis: connections });
  await whenUp(connections);
  return hub;
}

/** A service that makes each number appended to `numbers` a notification, in transactions. */
async function startNotifier(log: EventLog, channelId: () => string): Promise<void> {
  await log.process({
    group: 'notifier',
    topics: ['numbers'],
    createProcessor: () => {
      let waiting: number[] = [];
      return {
        handle(records) {
          waiting.push(...records.map(({ key }) => Number(key)));
          return true;
        },
        outputs() {
          const outputs = waiting.map((data) => toRecord({ channelId: channelId(), data }));
          waiting = [];
          return outputs;
        },
      };
    },
  });
}

async function allCommitted(log: EventLog): Promise<void> {
  await eventually(async () => {
    const [committed, ends] = await Promise.all([
      log.committedOffsets('hub', topics.notifications),
      log.endOffsets(topics.notifications),
    ]);
    // The marker of a transaction stands behind its records.
    expect(committed.every((offset, partition) => (offset ?? 0) >= (ends[partition] ?? 0) - 1)).toBe(true);
  }, patiently);
}

test('partitions that move between hubs are no loss; records that Redis forgets are', {
  timeout: 240_000,
}, async () => {
  const log = await openLog();
  const names: readonly string[] = [topics.notifications, topics.progress];
  await log.ensureTopics(planTopics(2).filter(({ name }) => names.includes(name)));
  await log.ensureTopics([{ name: 'numbers', partitions: 1, cleanup: 'delete' }]);
  let channel = '';
  await startNotifier(log, () => channel);
  const tell = async (from: number, to: number) => {
    for (const number of sequence(from, to))
      await log.append([{ topic: 'numbers', key: String(number), value: null }]);
  };
  const known = async (hub: RunningHub, seq: number, count: number) => {
    const client = new WireClient(hub.url);
    const opened = await client.open({ ...first, seq });
    const data = () =>
      [...opened.snapshot.durable, ...client.notifications].flatMap((one) =>
        one.lane === 'durable' ? [one.data] : [],
      );
    const from = opened.recovered ? seq + 1 : 1;
    await eventually(() => expect(data()).toEqual(sequence(from, count)), patiently);
    return opened;
  };
  const one = await startSharedHub();
  const { channelId, token, epoch } = await new WireClient(one.url).open();
  const first = { channelId, token, epoch };
  channel = channelId;
  await tell(1, 10);
  expect(await known(one, 0, 10)).toMatchObject({ recovered: true });
  const two = await startSharedHub();
  await tell(11, 20);
  expect(await known(two, 5, 20)).toMatchObject({ recovered: true, epoch });
  await one.stop();
  await tell(21, 30);
  expect(await known(two, 5, 30)).toMatchObject({ recovered: true, epoch });
  for (const hub of [one, two])
    expect(await hub.metric('tidings_hub_history_losses_total', { extent: 'some' })).toBe(0);
  await allCommitted(log);
  const goBack = await redis.remember();
  await tell(31, 40);
  expect(await known(two, 30, 40)).toMatchObject({ recovered: true, epoch });
  await allCommitted(log);
  await two.stop();
  await goBack();
  await tell(41, 50);
  const three = await startSharedHub();
  const opened = await known(three, 40, 50);
  expect(opened.recovered).toBe(false);
  expect(opened.epoch).not.toBe(epoch);
  expect(await three.metric('tidings_hub_history_losses_total', { extent: 'some' })).toBe(1);
});

// Each script that met the value failed, so no channel of the partition got anything any more.
test('a value that another program has put in the place of a channel stops no partition', {
  timeout: 240_000,
}, async () => {
  const log = await openLog();
  const names: readonly string[] = [topics.notifications, topics.progress];
  await log.ensureTopics(planTopics(2).filter(({ name }) => names.includes(name)));
  const hub = await startSharedHub();
  const clients = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const client = new WireClient(hub.url);
      return { client, ...(await client.open()) };
    }),
  );
  const tell = (data: number) =>
    log.append(
      clients.flatMap(({ channelId }) => [
        toRecord({ channelId, data }),
        toRecord({ channelId, lane: 'progress', version: data, data }),
      ]),
    );
  const newestOf = ({ client }: (typeof clients)[number]) => [
    client.notifications.findLast(({ lane }) => lane === 'durable')?.data,
    client.notifications.findLast(({ lane }) => lane === 'progress')?.data,
  ];
  await tell(1);
  for (const one of clients) await eventually(() => expect(newestOf(one)).toEqual([1, 1]), patiently);
  const [spoilt, ...others] = clients;
  if (spoilt === undefined) throw new Error('no client');
  const operator = redis.operator();
  const key = `tidings:{${encodeURIComponent(spoilt.channelId)}}`;
  await operator.rename(`${key}:durable`, `${key}:values`);
  await operator.set(`${key}:durable`, 'foreign');
  await tell(2);
  for (const one of others) await eventually(() => expect(newestOf(one)).toEqual([2, 2]), patiently);
  // Its client is told that it has missed something, and finds what there is.
  await eventually(() => expect(spoilt.client.closings).toMatchObject([{ code: 'behind' }]), patiently);
  const { channelId, token, epoch } = spoilt;
  const back = await new WireClient(hub.url).open({ channelId, token, epoch, seq: 1 });
  expect(back.recovered).toBe(false);
  expect(back.snapshot.durable.map(({ data }) => data)).toEqual([2]);
  expect(back.snapshot.progress.map(({ data }) => data)).toEqual([2]);
  expect(await hub.metric('tidings_hub_channels_damaged_total')).toBeGreaterThan(0);
});
