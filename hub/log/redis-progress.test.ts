import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { publish, startHub, startNetwork, WireClient } from '@tidings/testing/services/hub.ts';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { useRedis, whenUp } from '../test/redis-harness.ts';

const redis = useRedis();

/** A command soon fails. No probe finds out meanwhile, so that the connections hold, and no hub catches up from the history. */
const times = { commandTimeoutMs: 1_000, probeIntervalMs: 3_600_000 };

/**
 * A Redis that stood still for longer than a command may take executed it all the same. Delivered again, the progress was no newer than
 * what stood there, and so no socket on any hub was sent that version.
 */
test('progress that Redis has set, and has not answered for, is sent to the sockets of all hubs', async () => {
  const log = await openTestLog();
  const failures: string[] = [];
  const logger = pino(
    { level: 'warn' },
    { write: (line: string) => void failures.push(JSON.parse(line).msg) },
  );
  const start = async () => {
    const network = await startNetwork(redis.server.port);
    const connections = redis.connect(times, network.port);
    const hub = await startHub({ log, logger, redis: connections });
    await whenUp(connections);
    return { ...hub, network };
  };
  const hubs = [await start(), await start()];
  const first = new WireClient(hubs[0]?.url ?? '');
  const { channelId, token } = await first.open();
  const second = new WireClient(hubs[1]?.url ?? '');
  await second.open({ channelId, token });
  failures.length = 0;
  for (const { network } of hubs) network.holdAnswers();
  await publish(log, { channelId, lane: 'progress', version: 1 });
  await eventually(() => expect(failures).toContain('handling notifications failed; retrying'));
  expect(await redis.operator().hkeys(`tidings:{${channelId}}:values`)).toEqual(['sjob']);
  expect([...first.notifications, ...second.notifications]).toEqual([]);
  for (const { network } of hubs) network.pass();
  for (const client of [first, second])
    await eventually(() => expect(client.notifications[0]).toMatchObject({ lane: 'progress', version: 1 }));
  expect(failures).not.toContain('Redis is down');
});
