import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { publish, startHub, WireClient } from '@tidings/testing/services/hub.ts';
import { expect, test, vi } from 'vitest';
import { useRedis, whenUp } from '../test/redis-harness.ts';

const redis = useRedis();

/**
 * A Redis that stood still for longer than a command may take executed it all the same. Delivered again, the progress was no newer than
 * what stood there, and so no socket on any hub was sent that version.
 */
test('progress that Redis has set, and has not answered for, is sent to the sockets of all hubs', async () => {
  const log = await openTestLog();
  const start = async () => {
    const connections = redis.connect();
    const hub = await startHub({ log, redis: connections });
    await whenUp(connections);
    return { ...hub, connections };
  };
  const hubs = [await start(), await start()];
  let unanswered = 0;
  for (const { connections } of hubs) {
    const { commands } = connections;
    const set = commands.tidingsSetProgress.bind(commands);
    vi.spyOn(commands, 'tidingsSetProgress').mockImplementationOnce(async (...words) => {
      await set(...words);
      unanswered += 1;
      throw new Error('Command timed out');
    });
  }
  const first = new WireClient(hubs[0]?.url ?? '');
  const { channelId, token } = await first.open();
  const second = new WireClient(hubs[1]?.url ?? '');
  await second.open({ channelId, token });
  await publish(log, { channelId, lane: 'progress', version: 1 });
  for (const client of [first, second])
    await eventually(() => expect(client.notifications).toMatchObject([{ lane: 'progress', version: 1 }]));
  expect(unanswered).toBe(1);
});
