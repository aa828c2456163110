import { eventually } from '@tidings/testing/eventually.ts';
import { publish, startHub, WireClient } from '@tidings/testing/hub.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { expect, test } from 'vitest';
import { useRedis, whenUp } from '../test/redis-harness.ts';

const redis = useRedis();

test('a hub survives whatever is published on the Redis channels of the adapter', async () => {
  const log = await openTestLog();
  const connections = redis.connect();
  const hub = await startHub({ log, redis: connections });
  await whenUp(connections);
  const client = new WireClient(hub.url);
  const { channelId } = await client.open();
  const messages: unknown[] = [
    null,
    7,
    { uid: 'other', type: 5 },
    { uid: 'other', type: 6, data: 7 },
    {},
    [],
    { uid: 'other', type: 6 },
    ...[
      'nonsense',
      [['x']],
      [[channelId, 'no JSON']],
      [[channelId, '{"lane":"durable"}']],
      [[channelId, 7]],
    ].map((relayed) => ({ uid: 'other', type: 6, data: ['notifications', relayed] })),
  ];
  for (const message of messages)
    await connections.commands.publish('tidings-request#/#', JSON.stringify(message));
  await connections.commands.publish('tidings-request#/#', 'no JSON');
  for (const channel of ['tidings#/#', 'tidings-request#/#', 'tidings-response#/#'])
    await connections.commands.publish(channel, Buffer.from([0xc0, 0xff, 0x93, 0xc1]));
  await publish(log, { channelId });
  await eventually(() => expect(client.seqs()).toEqual([1]));
  expect(client.notifications).toHaveLength(1);
  expect(connections.isUp()).toBe(true);
});
