import { describe, expect, test } from 'vitest';
import { openChannel } from '../client/index.ts';
import type { Notification } from '../contracts/notification.ts';
import type { EventLog } from '../event-log/event-log.ts';
import {
  eventually,
  publish,
  type RunningHub,
  startHub,
  startLog,
  startNetwork,
  type TestNotification,
} from './hub-harness.ts';

const padding = 'x'.repeat(50_000);

/** A client whose network can be stalled, and what it has been told. */
async function startReader(hub: RunningHub) {
  const network = await startNetwork(hub.port);
  const channel = openChannel({ url: network.url });
  const durable: Notification[] = [];
  const progress = new Map<string, number | undefined>();
  let received = 0;
  const receive = (notification: Notification) => {
    received += 1;
    if (notification.lane === 'durable') durable.push(notification);
    else progress.set(notification.subject, notification.version);
  };
  channel.onNotification(receive);
  channel.onSnapshot((snapshot) => {
    durable.length = 0;
    for (const notification of [...snapshot.durable, ...snapshot.progress]) receive(notification);
  });
  const { channelId } = await channel.ready();
  return { network, channel, channelId, durable, progress, received: () => received };
}

/** Publishes three at a time until something is true, each time after the hub has read them. Returns how many. */
async function publishUntil(
  log: EventLog,
  hub: RunningHub,
  make: (number: number) => TestNotification,
  done: () => Promise<boolean>,
): Promise<number> {
  const read = () => hub.metric('tidings_hub_notifications_received_total');
  const before = await read();
  let published = 0;
  while (!(await done())) {
    await publish(log, make(published), make(published + 1), make(published + 2));
    published += 3;
    const expected = before + published;
    await eventually(async () => expect(await read()).toBe(expected));
  }
  return published;
}

describe('a reader that does not read', { timeout: 60_000 }, () => {
  test('gets the newest progress when it reads on; until then it costs one notification per subject', async () => {
    const log = await startLog();
    const hub = await startHub({ log });
    const { network, channel, channelId, progress, received } = await startReader(hub);
    const subjects = ['a', 'b', 'c'];
    const make = (number: number): TestNotification => ({
      channelId,
      lane: 'progress',
      subject: subjects[number % 3],
      version: number,
      data: padding,
    });
    network.stall();
    const written = () => hub.metric('tidings_hub_notifications_written_total');
    let before = -1;
    let unchanged = 0;
    const filling = await publishUntil(log, hub, make, async () => {
      const now = await written();
      unchanged = now === before ? unchanged + 1 : 0;
      before = now;
      return unchanged > 20;
    });
    const conflated = await hub.metric('tidings_hub_progress_conflated_total');
    let rounds = 0;
    const more = await publishUntil(
      log,
      hub,
      (number) => ({ ...make(filling + number), data: 'small' }),
      async () => rounds++ === 150,
    );
    expect(await written()).toBe(before);
    expect(await hub.metric('tidings_hub_progress_conflated_total')).toBe(conflated + more);
    network.flow();
    const newest = filling + more;
    await eventually(() => {
      expect([...progress.values()].sort()).toEqual([newest - 3, newest - 2, newest - 1].sort());
    });
    expect(received()).toBe(before + subjects.length);
    expect(await hub.metric('tidings_hub_slow_readers_closed_total')).toBe(0);
    channel.close();
  });

  test('is cut off when too much durable waits for it, comes back, and misses nothing', async () => {
    const log = await startLog();
    const hub = await startHub({ log });
    const { network, channel, channelId, durable, progress } = await startReader(hub);
    const make = (number: number): TestNotification => ({ channelId, version: number, data: padding });
    network.stall();
    const isCut = async () => (await hub.metric('tidings_hub_slow_readers_closed_total')) > 0;
    const published = await publishUntil(log, hub, make, isCut);
    await publish(log, ...Array.from({ length: 20 }, (_, index) => make(published + index)));
    await publish(log, { channelId, lane: 'progress', subject: 'other', version: 1 });
    network.flow();
    const total = published + 20;
    await eventually(() => expect(channel.position?.seq).toBe(total));
    await eventually(() => expect(progress.get('other')).toBe(1));
    const seqs = durable.map(({ seq = 0 }) => seq);
    expect(seqs.at(-1)).toBe(total);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => total - seqs.length + index + 1));
    channel.close();
  });
});
