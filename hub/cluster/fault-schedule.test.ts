import { setImmediate as nextTurn } from 'node:timers/promises';
import { openChannel } from '@tidings/client/index.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { randomNumbers } from '@tidings/testing/random.ts';
import { type Network, publish, startHub, startNetwork } from '@tidings/testing/services/hub.ts';
import { expect, onTestFinished, test } from 'vitest';
import { useRedis, whenUp } from '../test/redis-harness.ts';

const redis = useRedis();
const CHANNELS = 6;
const STEPS = 40;

/** A hub behind a network that can be cut. Another hub can take its place at the same address. */
class ReplaceableHub {
  readonly #log: EventLog;
  #running: Awaited<ReturnType<typeof startHub>> | undefined;
  network: Network | undefined;

  constructor(log: EventLog) {
    this.#log = log;
  }

  async start(): Promise<void> {
    const connections = redis.connect();
    const port = this.#running?.port;
    this.#running = await startHub({
      log: this.#log,
      redis: connections,
      limits: { drainRetryMs: 20, opensPerAddressMinute: 100_000 },
      ...(port === undefined ? {} : { port }),
    });
    this.network ??= await startNetwork(this.#running.port);
  }

  async replace(): Promise<void> {
    await this.#running?.stop();
    await this.start();
  }
}

/** Opens a channel, and notes every number that arrives out of turn without a snapshot before it. */
function follow(url: string, random: () => number) {
  const channel = openChannel({ url, random });
  onTestFinished(() => channel.close());
  const known = { data: [] as number[], snapshots: 0, faults: [] as string[], published: 0 };
  const receive = (data: unknown) => {
    const last = known.data.at(-1);
    if (last !== undefined && data !== last + 1) known.faults.push(`${data} after ${last}`);
    known.data.push(Number(data));
  };
  channel.onSnapshot(({ durable }) => {
    known.snapshots += 1;
    known.data = [];
    for (const { data } of durable) receive(data);
  });
  channel.onNotification(({ data }) => receive(data), { lane: 'durable' });
  return { channel, known };
}

async function runSchedule(seed: number, { mayFlush = false, mayGoBack = false } = {}) {
  const random = randomNumbers(seed);
  const log = await openTestLog();
  const hubs = [new ReplaceableHub(log), new ReplaceableHub(log)];
  for (const hub of hubs) await hub.start();
  const control = redis.connect();
  await whenUp(control);
  const followed = Array.from({ length: CHANNELS }, (_, index) =>
    follow(hubs[index % 2]?.network?.url ?? '', random),
  );
  for (const { channel } of followed) await channel.ready();
  const tell = async (index: number) => {
    const one = followed[index];
    if (one === undefined) return;
    const { channelId } = one.channel.credentials ?? { channelId: '' };
    const count = 1 + Math.floor(random() * 8);
    const data = Array.from({ length: count }, (_, number) => one.known.published + number);
    one.known.published += count;
    await publish(log, ...data.map((number) => ({ channelId, data: number })));
  };
  const outage = async (steps: () => Promise<void>) => {
    await steps();
    for (let number = 0; number < 3; number += 1) await tell(Math.floor(random() * CHANNELS));
  };
  let goBack: (() => Promise<void>) | null = null;
  for (let step = 0; step < STEPS; step += 1) {
    if (mayGoBack && random() < 0.2) {
      if (goBack !== null) await outage(goBack);
      goBack = goBack === null ? await redis.remember() : null;
    }
    const dice = random();
    const hub = hubs[Math.floor(random() * 2)];
    if (dice < 0.7) await tell(Math.floor(random() * CHANNELS));
    else if (dice < 0.82) hub?.network?.cut();
    else if (dice < 0.87) await hub?.replace();
    else if (dice < 0.91) await outage(() => redis.restart());
    else if (dice < 0.95) {
      await outage(() => redis.server.kill());
      await redis.restart();
    } else if (dice < 0.98) {
      await outage(async () => redis.server.pause());
      redis.server.resume();
    } else if (mayFlush) {
      await whenUp(control);
      await control.commands.flushall();
    }
    if (random() < 0.5) for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  }
  return { followed, tell, control };
}

test.each([1, 2, 3, 4, 5, 6])(
  'whatever is cut, restarted or paused, every durable notification arrives exactly once, in order (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const { followed } = await runSchedule(seed);
    for (const { known } of followed) {
      await eventually(() => expect(known.data).toHaveLength(known.published));
      expect(known.data).toEqual(Array.from({ length: known.published }, (_, index) => index));
      expect(known).toMatchObject({ faults: [], snapshots: 1 });
    }
  },
);

test.each([11, 12, 13])(
  'where Redis is flushed as well, everything arrives in the end, behind a snapshot that holds what was there (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const { followed, tell, control } = await runSchedule(seed, { mayFlush: true });
    await whenUp(control);
    await control.commands.flushall();
    for (const index of followed.keys()) await tell(index);
    for (const { known } of followed) {
      await eventually(() =>
        expect(known.data).toEqual(Array.from({ length: known.published }, (_, index) => index)),
      );
      expect(known.faults).toEqual([]);
      expect(known.snapshots).toBeGreaterThan(1);
    }
  },
);

test.each([21, 22, 23, 24, 25, 26])(
  'where Redis comes back on older data as well, everything arrives in the end, behind a snapshot where it was lost (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const { followed, tell } = await runSchedule(seed, { mayGoBack: true });
    const all = async () => {
      for (const { known } of followed) {
        await eventually(() => expect(known.data).toHaveLength(known.published));
        expect(known.data).toEqual(Array.from({ length: known.published }, (_, index) => index));
        expect(known.faults).toEqual([]);
      }
    };
    await all();
    const snapshots = followed.map(({ known }) => known.snapshots);
    const goBack = await redis.remember();
    for (const index of followed.keys()) await tell(index);
    await all();
    await goBack();
    for (const [index, { known }] of followed.entries())
      await eventually(() => expect(known.snapshots).toBeGreaterThan(snapshots[index] ?? 0));
    await all();
  },
);
