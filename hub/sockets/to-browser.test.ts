import { openChannel } from '@tidings/client/index.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import {
  publish,
  type RunningHub,
  startHub,
  startNetwork,
  type TestNotification,
} from '@tidings/testing/services/hub.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defaultHubLimits } from '../limits.ts';
import { durable, type FakeSocket, openSubscription, padding, range } from '../test/fake-socket.ts';
import { frame, join, PONG, TEXT } from '../test/raw-client.ts';
import { Clients } from './clients.ts';

const BOUND_BYTES = 1024 * 1024;

/** The client is told why, gets a moment to read that, and nothing more is written. */
function expectEnd(socket: FakeSocket): void {
  expect(socket.closings).toMatchObject([{ code: 'slow', retriable: true }]);
  expect(socket.conn.close).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(defaultHubLimits.closingMs - 1);
  expect(socket.destroy).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(socket.destroy).toHaveBeenCalledTimes(1);
  expect(socket.closings).toHaveLength(1);
}

describe('a slow client', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('a client that reads nothing is disconnected in time', () => {
    const { subscription, socket } = openSubscription();
    for (const seq of range(1, 200)) subscription.send(durable(seq));
    vi.advanceTimersByTime(defaultHubLimits.slowReaderMs - 1);
    expect(socket.closings).toEqual([]);
    vi.advanceTimersByTime(1);
    expectEnd(socket);
  });

  // A hundred of two hundred clients that never read were counted nowhere: the heartbeat had ended them first.
  test.each([
    { unread: 200, reason: 'ping timeout', counted: 1 },
    { unread: 100, reason: 'ping timeout', counted: 0 },
    { unread: 200, reason: 'transport close', counted: 0 },
  ])('$unread unread, and the end by `$reason`: counted $counted times', async (ending) => {
    const { subscription, socket, writer } = openSubscription();
    for (const seq of range(1, ending.unread)) subscription.send(durable(seq));
    socket.conn.emit('close', ending.reason);
    const { values } = await writer.metrics.slowReaders.get();
    expect(values[0]?.value).toBe(ending.counted);
    expect(socket.closings).toEqual([]);
  });

  // Callbacks behind the one that had failed were never called: an opening that waits for room never got its answer.
  test('what fails as the client reads ends its connection, and everybody who waits is called', () => {
    const { subscription, socket, onGap, writer } = openSubscription();
    for (const seq of range(1, 200)) subscription.send(durable(seq));
    subscription.dropBuffer();
    const [before, after, progress] = [vi.fn(), vi.fn(), vi.fn()];
    for (const flushProgress of [before, progress]) writer.flushWhenDrained({ flushProgress });
    before.mockImplementationOnce(() => {
      throw new Error('no progress');
    });
    writer.whenDrained(after);
    onGap.mockImplementationOnce(() => {
      throw new Error('no history');
    });
    // The first ping stands behind little of it.
    for (const _pong of [1, 2]) socket.read();
    for (const called of [before, after]) expect(called).toHaveBeenCalledTimes(1);
    expect(socket.closings).toMatchObject([{ code: 'behind', retriable: true }]);
    expect(writer.isClosed).toBe(true);
  });

  test('one who waits and fails keeps none behind it waiting', () => {
    const { subscription, socket, onGap, writer } = openSubscription();
    for (const seq of range(1, 200)) subscription.send(durable(seq));
    subscription.dropBuffer();
    const after = vi.fn();
    writer.whenDrained(after);
    onGap.mockImplementationOnce(() => {
      throw new Error('no history');
    });
    for (const _pong of [1, 2]) socket.read();
    expect(after).toHaveBeenCalledTimes(1);
    expect(socket.closings).toMatchObject([{ code: 'behind', retriable: true }]);
  });

  test('what cannot be told to one client is that client’s alone', async () => {
    const [failing, other] = [openSubscription(), openSubscription()];
    const told = vi.spyOn(other.socket, 'emit');
    vi.spyOn(failing.socket, 'emit').mockImplementation(() => {
      throw new Error('no transport');
    });
    const clients = new Clients();
    for (const { writer } of [failing, other]) clients.add(writer);
    clients.tell({ since: '2026-01-01T00:00:00Z', reason: 'notifications_late' });
    expect(failing.writer.isClosed).toBe(true);
    expect(told).toHaveBeenCalledTimes(1);
    const again = openSubscription();
    vi.spyOn(again.socket, 'emit').mockImplementation(() => {
      throw new Error('no transport');
    });
    const drained = new Clients();
    for (const { writer } of [again, other]) drained.add(writer);
    await drained.drain(1_000);
    expect([again.socket.conn.close, other.socket.conn.close].map(({ mock }) => mock.calls.length)).toEqual([
      1, 1,
    ]);
    expect(other.socket.closings.at(-1)).toMatchObject({ code: 'draining' });
  });

  test('where a client cannot be told either, its connection ends all the same', () => {
    const { subscription, socket, writer } = openSubscription();
    vi.spyOn(socket.conn, 'write').mockImplementation(() => {
      throw new Error('no transport');
    });
    vi.spyOn(socket, 'emit').mockImplementation(() => {
      throw new Error('no transport');
    });
    writer.cork();
    subscription.send(durable(1));
    writer.uncork();
    expect([writer.isClosed, socket.conn.close.mock.calls.length]).toEqual([true, 1]);
  });

  test('a client that reads one long message has more time, for it cannot report how far it is', () => {
    const { subscription, socket } = openSubscription();
    socket.write('x'.repeat(2 * BOUND_BYTES));
    subscription.send(durable(1));
    vi.advanceTimersByTime(8 * defaultHubLimits.slowReaderMs - 1);
    expect(socket.closings).toEqual([]);
    vi.advanceTimersByTime(1);
    expectEnd(socket);
  });
});

/** A client whose network can be stalled, and what the client has received. */
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

/** Publishes three at a time, and waits until the hub has read them, until `done` is true. Returns how many were published. */
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

describe('a client that does not read', { timeout: 60_000 }, () => {
  test('gets the newest progress when it reads on, and costs one notification per subject until then', async () => {
    const log = await openTestLog();
    // On a busy machine the network is stalled for longer than a connection without pongs may live.
    const hub = await startHub({ log, limits: { heartbeatAnswerMs: 60_000 } });
    const { network, channel, channelId, progress, received } = await startReader(hub);
    const subjects = ['a', 'b', 'c'];
    const make = (number: number): TestNotification => ({
      channelId,
      lane: 'progress',
      subject: subjects[number % 3],
      version: number,
      data: padding,
    });
    network.holdAnswers();
    const written = () => hub.metric('tidings_hub_notifications_written_total');
    let before = -1;
    let unchanged = 0;
    const filling = await publishUntil(log, hub, make, async () => {
      const now = await written();
      unchanged = now === before ? unchanged + 1 : 0;
      before = now;
      return unchanged > 20;
    });
    const conflated = () => hub.metric('tidings_hub_progress_conflated_total');
    const conflatedBefore = await conflated();
    const more = 450;
    await publish(log, ...range(0, more - 1).map((number) => ({ ...make(filling + number), data: 'small' })));
    await eventually(async () => expect(await conflated()).toBe(conflatedBefore + more));
    expect(await written()).toBe(before);
    network.pass();
    const newest = filling + more;
    await eventually(() => {
      expect([...progress.values()].sort()).toEqual([newest - 3, newest - 2, newest - 1].sort());
    });
    expect(received()).toBe(before + subjects.length);
    expect(await hub.metric('tidings_hub_slow_readers_closed_total')).toBe(0);
    channel.close();
  });

  test('costs at most one megabyte of durable notifications, those in the network included, and is disconnected when it reads none', async () => {
    const log = await openTestLog();
    const hub = await startHub({ log, limits: { slowReaderMs: 500 } });
    const { network, channel, channelId, durable, progress } = await startReader(hub);
    const make = (number: number): TestNotification => ({ channelId, version: number, data: padding });
    network.holdAnswers();
    const isCut = async () => (await hub.metric('tidings_hub_slow_readers_closed_total')) > 0;
    const published = await publishUntil(log, hub, make, isCut);
    const written = await hub.metric('tidings_hub_notifications_written_total');
    expect(written).toBeLessThan(published);
    expect((written - 1) * padding.length).toBeLessThan(BOUND_BYTES);
    await publish(log, ...Array.from({ length: 20 }, (_, index) => make(published + index)));
    await publish(log, { channelId, lane: 'progress', subject: 'other', version: 1 });
    network.pass();
    const total = published + 20;
    await eventually(() => expect(channel.position?.seq).toBe(total));
    await eventually(() => expect(progress.get('other')).toBe(1));
    const seqs = durable.map(({ seq = 0 }) => seq);
    expect(seqs.at(-1)).toBe(total);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => total - seqs.length + index + 1));
    channel.close();
  });

  test('that reads on in time continues in order, without a new connection', async () => {
    const log = await openTestLog();
    const hub = await startHub({ log, limits: { slowReaderMs: 60_000 } });
    const { network, channel, channelId, durable } = await startReader(hub);
    network.holdAnswers();
    await publish(log, ...Array.from({ length: 250 }, (_, index) => ({ channelId, data: padding + index })));
    const received = () => hub.metric('tidings_hub_notifications_received_total');
    await eventually(async () => expect(await received()).toBe(250));
    expect(await hub.metric('tidings_hub_notifications_written_total')).toBeLessThan(250);
    network.pass();
    await eventually(() => expect(durable.map(({ seq }) => seq)).toEqual(range(1, 250)));
    expect(durable.map(({ data }) => data)).toEqual(range(1, 250).map((seq) => padding + (seq - 1)));
    expect(await hub.metric('tidings_hub_slow_readers_closed_total')).toBe(0);
    expect(await hub.metric('tidings_hub_channel_opens_total')).toBe(1);
    channel.close();
  });

  test('that reads gets a burst of more than the history keeps, over one connection', async () => {
    const log = await openTestLog();
    const hub = await startHub({ log });
    const { channel, channelId, durable } = await startReader(hub);
    await publish(
      log,
      ...Array.from({ length: 1_000 }, (_, index) => ({ channelId, data: padding + index })),
    );
    await eventually(() => expect(channel.position?.seq).toBe(1_000));
    expect(durable.map(({ seq }) => seq)).toEqual(range(1, 1_000));
    expect(await hub.metric('tidings_hub_channel_opens_total')).toBe(1);
    channel.close();
  });

  // Pongs without a ping must not make room: else the client could lift the limit.
  test('cannot pretend to have read', async () => {
    const log = await openTestLog();
    // So many pongs that nobody has asked for would end the connection.
    const hub = await startHub({ log, limits: { slowReaderMs: 200, messagesPerSocketMinute: 1e6 } });
    const { socket, received } = await join(hub.port);
    socket.write(frame(TEXT, '421["channel:open",{}]'));
    const [, channelId = ''] = await eventually(
      () => /431\[\{"channelId":"([^"]+)"/.exec(received()) ?? expect.fail(),
    );
    socket.pause();
    const make = (number: number): TestNotification => ({ channelId, data: padding + number });
    const isCut = async () => {
      for (const payload of ['1000000', 'AAAAAAAAAAAA', '']) socket.write(frame(PONG, payload));
      return (await hub.metric('tidings_hub_slow_readers_closed_total')) > 0;
    };
    await publishUntil(log, hub, make, isCut);
    const written = await hub.metric('tidings_hub_notifications_written_total');
    expect((written - 1) * padding.length).toBeLessThan(BOUND_BYTES);
  });
});
