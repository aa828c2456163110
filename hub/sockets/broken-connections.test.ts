/** A network that breaks connections at any byte, delays them, or lets them go silent: by a WebSocket, by polling, and by an event stream. */

import { createChannel } from '@tidings/testing/connections/requests.ts';
import { type ConnectionFault, startTcpProxy } from '@tidings/testing/connections/tcp-proxy.ts';
import { type CountedClient, followChannel } from '@tidings/testing/delivery/counted-client.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { randomNumbers } from '@tidings/testing/random.ts';
import { publish, startHub, toRecord } from '@tidings/testing/services/hub.ts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { range } from '../test/fake-socket.ts';

const TOTAL = 120;
/** Connections of each client that break; the one after them holds. */
const BROKEN = 8;

/** A proxy whose first connections each break at a byte of their own. */
async function startBreakingProxy(port: number, random: () => number, mayFallMute: boolean): Promise<string> {
  let connections = 0;
  const faultOf = (): ConnectionFault | null => {
    connections += 1;
    if (connections > BROKEN) return null;
    return {
      direction: random() < 0.3 ? 'to' : 'back',
      // From the first byte of the handshake to the middle of the notifications.
      afterBytes: Math.floor(random() ** 3 * 20_000),
      kind: mayFallMute && random() < 0.3 ? 'mute' : 'reset',
      delayMs: Math.floor(random() * 4),
    };
  };
  const proxy = await startTcpProxy(() => port, faultOf);
  onTestFinished(() => proxy.close());
  return `http://127.0.0.1:${proxy.port}`;
}

function arrived({ knowledge }: CountedClient, count: number): Promise<void> {
  const { numbers } = knowledge;
  const faults = { lost: 0, doubled: 0, outOfOrder: 0 };
  return eventually(() =>
    expect({ ...knowledge.faults, count: numbers.length }).toEqual({ ...faults, count }),
  );
}

test.each([1, 2, 3, 4])(
  'wherever connections break, each client gets exactly what it missed, in order, once (seed %i)',
  { timeout: 60_000 },
  async (seed) => {
    const random = randomNumbers(seed);
    const log = await openTestLog();
    const limits = { heartbeatMs: 100, heartbeatAnswerMs: 100, opensPerChannelMinute: 10_000 };
    const hub = await startHub({ log, limits, transports: ['websocket', 'polling'] });
    const transports = ['websocket', 'polling', 'stream'] as const;
    const all = await Promise.all(
      transports.map(async (transport) => {
        // Nobody tells the client of an event stream that its connection is silent: it has no heartbeat to answer.
        const url = await startBreakingProxy(hub.port, random, transport !== 'stream');
        return followChannel(url, await createChannel(hub.url), { transport, pauses: [5, 20] });
      }),
    );
    onTestFinished(() => {
      for (const client of all) client.close();
    });
    let published = 0;
    while (published < TOTAL) {
      const count = Math.min(TOTAL - published, 1 + Math.floor(random() * 4));
      const numbers = range(published + 1, published + count);
      await publish(log, ...all.flatMap(({ channelId }) => numbers.map((data) => ({ channelId, data }))));
      published += count;
      // Now and then all are up to date, so that connections break before, in and behind every number.
      if (random() < 0.4) for (const client of all) await arrived(client, published);
    }
    for (const client of all) {
      await arrived(client, TOTAL);
      expect(client.knowledge).toMatchObject({ replaced: 0, numbers: range(1, TOTAL) });
    }
  },
);

test('a client that finds its connection dead as it opens asks once, by its next connection', async () => {
  const log = await openTestLog();
  const hub = await startHub({ log, limits: { opensPerChannelMinute: 10_000 } });
  let connections = 0;
  const proxy = await startTcpProxy(
    () => hub.port,
    () => {
      connections += 1;
      return null;
    },
  );
  onTestFinished(() => proxy.close());
  const channel = await createChannel(hub.url);
  const url = `http://127.0.0.1:${proxy.port}`;
  const client = followChannel(url, channel, { transport: 'websocket', pauses: [5, 20] });
  onTestFinished(() => client.close());
  await eventually(() => expect(client.isOpen()).toBe(true));
  await publish(log, { ...channel, data: 1 });
  await arrived(client, 1);
  // As on a machine that stands still: more than a heartbeat passes between two looks at the clock. Socket.IO's client then ends the
  // connection at its first message, and would send that message by the next one, before what is asked there.
  // Its id is made before the clock jumps: ids never go back, and other tests of this process make some, too.
  const second = toRecord({ ...channel, data: 2 });
  const { now } = Date;
  let passed = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
    passed += 30_000;
    return now() + passed;
  });
  onTestFinished(() => clock.mockRestore());
  const before = connections;
  proxy.cut();
  proxy.pass();
  await eventually(() => expect(connections).toBeGreaterThan(before + 2));
  await log.append([second]);
  clock.mockRestore();
  await arrived(client, 2);
});
