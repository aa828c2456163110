import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { durable, historyAfter, openSubscription, padding, progress, range } from '../test/fake-socket.ts';

const MIB = 1024 * 1024;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what a client missed is written as far as there is room, and the rest when the client has read that', () => {
  const { socket, subscription, onGap, seqs } = openSubscription();
  subscription.resume(subscription.hold(), historyAfter(0, 256));
  const first = seqs().length;
  expect(first * padding.length).toBeLessThan(MIB);
  expect(onGap).not.toHaveBeenCalled();
  socket.read();
  socket.read();
  expect(onGap).toHaveBeenCalledTimes(1);
  subscription.resume(subscription.hold(), historyAfter(first, 256));
  expect(seqs()).toEqual(range(1, Math.min(256, 2 * first)));
});

test('a client that has room again while its channel is opened anew catches up once, after the opening', () => {
  const { socket, subscription, onGap, seqs } = openSubscription();
  for (const seq of range(1, 200)) subscription.send(durable(seq));
  subscription.dropBuffer();
  const reached = seqs().length;
  expect(reached).toBeLessThan(200);
  subscription.hold();
  socket.read();
  socket.read();
  expect(onGap).not.toHaveBeenCalled();
  subscription.complete(() => undefined, historyAfter(reached, 190));
  expect(onGap).toHaveBeenCalledTimes(1);
  expect(seqs()).toEqual(range(1, 190));
});

test('progress that arrives while the history is read is neither lost nor replaced by older progress', () => {
  const { socket, subscription } = openSubscription();
  const hold = subscription.hold();
  subscription.send(progress(5));
  subscription.resume(hold, historyAfter(0, 0, [progress(4)]));
  expect(socket.written.map(({ version }) => version)).toEqual([5]);
  const again = subscription.hold();
  subscription.send(progress(6));
  subscription.resume(again, historyAfter(0, 0));
  expect(socket.written.map(({ version }) => version)).toEqual([5, 6]);
});

test('progress that arrives while the history is read waits for a client that has much to read', () => {
  const { socket, subscription } = openSubscription();
  const hold = subscription.hold();
  subscription.send(progress(5));
  subscription.resume(hold, historyAfter(0, 20, [progress(4)]));
  socket.read();
  socket.read();
  expect(socket.written.at(-1)?.version).toBe(5);
});

test('a client that is disconnected does not catch up', () => {
  const { subscription, writer, onGap } = openSubscription();
  for (const seq of range(1, 200)) subscription.send(durable(seq));
  writer.disconnect('slow');
  expect(onGap).not.toHaveBeenCalled();
});

test('a client whose history is gone is told to come back for a snapshot', () => {
  const { subscription, socket } = openSubscription();
  const hold = subscription.hold();
  expect(subscription.resume(hold, { ...historyAfter(0, 5), recovered: false })).toBe('lost');
  expect(socket.closings).toMatchObject([{ code: 'behind', retriable: true }]);
  subscription.send(durable(6));
  expect(socket.written).toEqual([]);
});
