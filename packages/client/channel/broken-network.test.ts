import { MemoryHistory } from '@tidings/hub/history/memory-history.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { randomNumbers } from '@tidings/testing/random.ts';
import { publish, type RunningHub, startHub, startNetwork } from '@tidings/testing/services/hub.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Channel, openChannel } from '../index.ts';

/** What may happen, with weights: publishing in either lane, broken connections, a reader that stalls or reads on, a new hub. */
const actions = { durable: 10, progress: 2, cut: 2, stall: 1, catchUp: 4, restart: 1 };

function pickAction(random: number): string | undefined {
  const all = Object.entries(actions).flatMap(([action, weight]) =>
    Array.from({ length: weight }, () => action),
  );
  return all[Math.floor(random * all.length)];
}

/** What the client has received. Throws at a repetition, and at a gap that no snapshot has announced. */
function followNumbers(channel: Channel) {
  const received = { durable: [] as number[], progress: -1 };
  channel.onSnapshot(({ durable, progress }) => {
    received.durable = durable.map(({ data }) => Number(data));
    received.progress = Math.max(received.progress, ...progress.map(({ version = 0 }) => version));
  });
  channel.onNotification(({ lane, data, version = 0 }) => {
    const last = received.durable.at(-1);
    if (lane === 'progress') received.progress = Math.max(received.progress, version);
    else if (last !== undefined && data !== last + 1) throw new Error(`${data} came after ${last}`);
    else received.durable.push(Number(data));
  });
  return received;
}

async function runSchedule(seed: number, durablePerChannel: number): Promise<void> {
  const random = randomNumbers(seed);
  const log = await openTestLog();
  const limits = { drainRetryMs: 20, closingMs: 20, backlogPackets: 20 };
  const startOne = () =>
    startHub({ log, limits, history: new MemoryHistory({ limits: { durablePerChannel } }) });
  let hub: RunningHub = await startOne();
  const network = await startNetwork(hub.port);
  const channel = openChannel({ url: network.url, random });
  onTestFinished(() => channel.close());
  const received = followNumbers(channel);
  const { channelId } = await channel.ready();
  let published = 0;
  const step = async (number: number) => {
    const action = pickAction(random());
    if (action === 'durable') {
      const count = 1 + Math.floor(random() * 4);
      const batch = Array.from({ length: count }, (_, index) => ({ channelId, data: published + index }));
      published += count;
      await publish(log, ...batch);
    } else if (action === 'progress') {
      await publish(log, { channelId, lane: 'progress', subject: 'other', version: number });
    } else if (action === 'cut') {
      network.cut();
    } else if (action === 'stall') {
      network.holdAnswers();
    } else if (action === 'catchUp') {
      network.pass();
      await eventually(() => expect(received.durable.at(-1) ?? -1).toBe(published - 1));
    } else {
      await hub.stop();
      // On a port of its own: another process may have taken the first one.
      hub = await startOne();
      network.pointTo(hub.port);
    }
  };
  for (let number = 0; number < 60; number += 1) await step(number);
  network.pass();
  await publish(log, { channelId, lane: 'progress', subject: 'other', version: 1_000 });
  await eventually(() => expect(received.durable.at(-1)).toBe(published - 1));
  await eventually(() => expect(received.progress).toBe(1_000));
  const first = durablePerChannel > published ? 0 : (received.durable[0] ?? 0);
  expect(received.durable).toEqual(Array.from({ length: published - first }, (_, index) => first + index));
}

describe('whatever happens to the network and the hub', { timeout: 60_000 }, () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'every durable notification is passed on exactly once, in order (seed %d)',
    (seed) => runSchedule(seed, 256),
  );

  test.each([11, 12, 13, 14])(
    'with a short history a snapshot replaces what is missing, and nothing is skipped (seed %d)',
    (seed) => runSchedule(seed, 5),
  );
});
