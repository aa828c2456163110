import { EventEmitter } from 'node:events';
import type { Notification } from '@tidings/contracts/notification.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultHubLimits } from '../limits.ts';
import { createHubMetrics } from '../metrics.ts';
import { ChannelSubscription } from './channel-subscription.ts';
import { Listeners } from './listeners.ts';
import type { BrowserSocket } from './socket-types.ts';
import { SocketWriter } from './to-browser.ts';

const MIB = 1024 * 1024;
const padding = 'x'.repeat(8_000);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A socket whose network takes everything at once, and whose client reads when it is told to. */
class FakeSocket {
  readonly written: Notification[] = [];
  readonly destroy = vi.fn();
  readonly websocket = Object.assign(new EventEmitter(), { ping: (word: string) => this.#words.push(word) });
  readonly conn = Object.assign(new EventEmitter(), {
    request: { websocket: this.websocket, socket: { destroy: this.destroy } },
    transport: new EventEmitter(),
  });
  readonly #words: string[] = [];

  emit(_name: string, notification: Notification): void {
    this.written.push(notification);
    this.write(JSON.stringify(notification));
  }

  write(data: string): void {
    this.conn.emit('packetCreate', { data });
    this.conn.emit('flush');
    this.conn.emit('drain');
    this.conn.transport.emit('drain');
    this.conn.transport.emit('ready');
  }

  /** All that was written until now. */
  read(): void {
    for (const word of this.#words.splice(0)) this.websocket.emit('pong', Buffer.from(word));
  }
}

function open() {
  const socket = new FakeSocket();
  const metrics = createHubMetrics(new Registry());
  const logger = silentLogger;
  const writer = new SocketWriter(socket as unknown as BrowserSocket, defaultHubLimits, metrics, logger);
  const onGap = vi.fn();
  const subscription = new ChannelSubscription('c', writer, null, onGap);
  const seqs = () => socket.written.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
  subscription.hold();
  subscription.complete(() => undefined, history(0, 0));
  return { socket, writer, subscription, onGap, seqs };
}

function durable(seq: number): Notification {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    channelId: 'c',
    lane: 'durable',
    subject: 'job',
    type: 'job.changed',
    epoch: 'e',
    seq,
    at,
    data: padding,
  };
}

function progress(version: number): Notification {
  const { seq: _, ...rest } = durable(0);
  return { ...rest, lane: 'progress', version, data: version };
}

/** What the history says to whom knows `from`, when `to` is the newest. */
function history(from: number, to: number, live: readonly Notification[] = []) {
  const missed = range(from + 1, to).map(durable);
  return { epoch: 'e', seq: to, recovered: true, durable: missed, progress: live };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

test('what a client missed is written as far as there is room, and the rest when it has read that', () => {
  const { socket, subscription, onGap, seqs } = open();
  subscription.resume(subscription.hold(), history(0, 256));
  const first = seqs().length;
  expect(first * padding.length).toBeLessThan(MIB);
  expect(onGap).not.toHaveBeenCalled();
  socket.read();
  socket.read();
  expect(onGap).toHaveBeenCalledTimes(1);
  subscription.resume(subscription.hold(), history(first, 256));
  expect(seqs()).toEqual(range(1, Math.min(256, 2 * first)));
});

test('a client that has room again while its channel is opened anew is brought up to date once, after that', () => {
  const { socket, subscription, onGap, seqs } = open();
  for (const seq of range(1, 200)) subscription.send(durable(seq));
  subscription.dropBuffer();
  const reached = seqs().length;
  expect(reached).toBeLessThan(200);
  subscription.hold();
  socket.read();
  socket.read();
  expect(onGap).not.toHaveBeenCalled();
  subscription.complete(() => undefined, history(reached, 190));
  expect(onGap).toHaveBeenCalledTimes(1);
  expect(seqs()).toEqual(range(1, 190));
});

test('progress that came while the history was asked is neither lost nor replaced by the older one', () => {
  const { socket, subscription } = open();
  const hold = subscription.hold();
  subscription.send(progress(5));
  subscription.resume(hold, history(0, 0, [progress(4)]));
  expect(socket.written.map(({ version }) => version)).toEqual([5]);
  const again = subscription.hold();
  subscription.send(progress(6));
  subscription.resume(again, history(0, 0));
  expect(socket.written.map(({ version }) => version)).toEqual([5, 6]);
});

test('progress that came while the history was asked waits for a client that has much to read', () => {
  const { socket, subscription } = open();
  const hold = subscription.hold();
  subscription.send(progress(5));
  subscription.resume(hold, history(0, 20, [progress(4)]));
  socket.read();
  socket.read();
  expect(socket.written.at(-1)?.version).toBe(5);
});

test('the connection of a client that reads nothing is ended in time', () => {
  const { subscription, socket } = open();
  for (const seq of range(1, 200)) subscription.send(durable(seq));
  vi.advanceTimersByTime(defaultHubLimits.slowReaderMs - 1);
  expect(socket.destroy).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(socket.destroy).toHaveBeenCalledTimes(1);
});

test('one that has a long message before it has more time, for it cannot tell how far it is', () => {
  const { subscription, socket } = open();
  socket.write('x'.repeat(2 * MIB));
  subscription.send(durable(1));
  vi.advanceTimersByTime(8 * defaultHubLimits.slowReaderMs - 1);
  expect(socket.destroy).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(socket.destroy).toHaveBeenCalledTimes(1);
});

test('a client that is cut off is not asked about again', () => {
  const { subscription, writer, onGap } = open();
  for (const seq of range(1, 200)) subscription.send(durable(seq));
  writer.disconnectSlowReader();
  expect(onGap).not.toHaveBeenCalled();
});

test('the hub waits for a client that reads, and little for one that does not', async () => {
  const { subscription, socket, seqs } = open();
  const listeners = new Listeners();
  listeners.add(subscription);
  for (const seq of range(1, 200)) listeners.send(durable(seq));
  const waits = listeners.waitForSlow(200 * padding.length);
  await vi.advanceTimersByTimeAsync(100);
  expect(seqs().length).toBeLessThan(200);
  socket.read();
  socket.read();
  await waits;
  expect(seqs()).toEqual(range(1, 200));
  for (const seq of range(201, 600)) listeners.send(durable(seq));
  const waitsInVain = listeners.waitForSlow(padding.length);
  expect(subscription.isBuffering).toBe(true);
  await vi.advanceTimersByTimeAsync(250);
  await waitsInVain;
  expect(subscription.isBuffering).toBe(false);
  for (const seq of range(601, 700)) listeners.send(durable(seq));
  await listeners.waitForSlow(100 * padding.length);
});
