/** Publishing where several hubs share a Kafka and a Redis. */
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { testSettings } from '@tidings/event-log/kafka/test/settings.ts';
import { startTestBroker } from '@tidings/testing/engines/kafka-broker.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import { startHub, WireClient } from '@tidings/testing/services/hub.ts';
import { expect, onTestFinished, test } from 'vitest';
import type { HubOptions } from '../app.ts';
import { RUNNING_MS } from '../once/once.ts';
import { changed, publishByHttp } from '../test/publishing.ts';
import { useRedis, whenUp } from '../test/redis-harness.ts';

const redis = useRedis();
const broker = await startTestBroker();

async function startSharedHub(
  options: Partial<HubOptions> = {},
  standIn: (log: EventLog) => EventLog = (log) => log,
) {
  const log = await openKafkaLog(testSettings(broker.brokers));
  onTestFinished(() => log.close());
  const names: readonly string[] = [topics.notifications, topics.progress];
  await log.ensureTopics(planTopics(2).filter(({ name }) => names.includes(name)));
  const connections = redis.connect();
  const hub = await startHub({ ...options, log: standIn(log), redis: connections });
  await whenUp(connections);
  return { ...hub, log, connections };
}

test('what one hub takes reaches the clients of another, and a repeat at another hub publishes nothing', async () => {
  const [one, two] = [await startSharedHub(), await startSharedHub()];
  const client = new WireClient(two.url);
  const { channelId } = await client.open();
  const batch = [0, 1, 2].map((data) => ({ ...changed, data }));
  const [first, ...others] = (
    await Promise.all(
      [one, two, one, two].map(({ url }) => publishByHttp(url, channelId, batch, { key: 'nightly' })),
    )
  ).toSorted((a, b) => a.status - b.status || Number(a.isReplayed) - Number(b.isReplayed));
  expect(first).toMatchObject({ status: 202, isReplayed: false });
  for (const { status, code, isReplayed } of others)
    expect(isReplayed ? status : code).toBe(isReplayed ? 202 : 'request_in_progress');
  const again = await publishByHttp(two.url, channelId, batch, { key: 'nightly' });
  expect(again).toEqual({ ...first, isReplayed: true });
  expect(await publishByHttp(two.url, channelId, changed, { key: 'nightly' })).toMatchObject({ status: 422 });
  await publishByHttp(one.url, channelId, { ...changed, data: 'the last' });
  await eventually(() =>
    expect(client.notifications.map(({ data, seq }) => [data, seq])).toEqual([
      ...batch.map(({ data }, index) => [data, index + 1]),
      ['the last', 4],
    ]),
  );
  expect(client.notifications.slice(0, 3).map(({ eventId }) => eventId)).toEqual(first?.eventIds);
  expect(await readAll(one.log, topics.notifications)).toHaveLength(4);
});

test('a hub that dies between log and answer leaves the key to the next one, and the same ids', async () => {
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const dying = await startSharedHub({}, (log) =>
    standInFor(log, {
      append: async (records) => {
        await log.append(records);
        reach();
        return new Promise(() => undefined);
      },
    }),
  );
  const channelId = dying.tokens.newChannelId();
  const lost = publishByHttp(dying.url, channelId, changed, { key: 'a' }).catch(() => 'no answer');
  await reached;
  await dying.stop();
  expect(await lost).toBe('no answer');
  const early = await startSharedHub();
  expect(await publishByHttp(early.url, channelId, changed, { key: 'a' })).toMatchObject({
    status: 409,
    code: 'request_in_progress',
  });
  const later = await startSharedHub({ now: () => Date.now() + RUNNING_MS });
  const { status, eventIds } = await publishByHttp(later.url, channelId, changed, { key: 'a' });
  expect(status).toBe(202);
  const records = (await readAll(later.log, topics.notifications)).filter(({ key }) => key === channelId);
  expect(records.map(({ value }) => decodeEvent(value).eventId)).toEqual([eventIds?.[0], eventIds?.[0]]);
});

test('while Redis is down, notifications are taken and arrive later; only a key is refused', async () => {
  const { url, connections } = await startSharedHub();
  const client = new WireClient(url);
  const { channelId } = await client.open();
  await redis.server.kill();
  await whenUp(connections, false);
  expect(await publishByHttp(url, channelId, changed)).toMatchObject({ status: 202 });
  expect(await publishByHttp(url, channelId, changed, { key: 'a' })).toMatchObject({
    status: 503,
    code: 'unavailable',
  });
  await redis.restart();
  await whenUp(connections);
  await eventually(() => expect(client.notifications).toMatchObject([changed]));
});
