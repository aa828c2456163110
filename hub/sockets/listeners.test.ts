import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { durable, openSubscription, padding, progress, range } from '../test/fake-socket.ts';
import { ChannelListeners } from './listeners.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the hub waits for a client that reads, and briefly for one that does not', async () => {
  const { subscription, socket, seqs } = openSubscription();
  const listeners = new ChannelListeners();
  listeners.add(subscription);
  for (const seq of range(1, 200)) listeners.send([durable(seq)]);
  const waits = listeners.waitForSlow(200 * padding.length);
  await vi.advanceTimersByTimeAsync(100);
  expect(seqs().length).toBeLessThan(200);
  socket.read();
  socket.read();
  await waits;
  expect(seqs()).toEqual(range(1, 200));
  for (const seq of range(201, 600)) listeners.send([durable(seq)]);
  const waitsInVain = listeners.waitForSlow(padding.length);
  expect(subscription.isBuffering).toBe(true);
  await vi.advanceTimersByTimeAsync(250);
  await waitsInVain;
  expect(subscription.isBuffering).toBe(false);
  for (const seq of range(601, 700)) listeners.send([durable(seq)]);
  await listeners.waitForSlow(100 * padding.length);
});

// Each notification was a write to the network of its own, which cost a fifth of a busy hub's CPU.
test('a batch is one write to each socket, in order, also where its end is the end of the connection', () => {
  const { subscription, socket, seqs } = openSubscription();
  const other = openSubscription();
  const listeners = new ChannelListeners();
  for (const one of [subscription, other.subscription]) listeners.add(one);
  listeners.send([durable(1), progress(1), durable(2), { ...progress(1), subject: 'other' }, durable(3)]);
  expect([socket.writes, other.socket.writes]).toEqual([1, 1]);
  expect(socket.written.map(({ lane, seq, subject }) => seq ?? [lane, subject])).toEqual([
    1,
    ['progress', progress(1).subject],
    2,
    ['progress', 'other'],
    3,
  ]);
  expect(other.socket.written).toEqual(socket.written);
  listeners.send([durable(4)]);
  expect(socket.writes).toBe(2);
  subscription.hold();
  listeners.send(range(5, 2_000).map(durable));
  expect(socket.closings).toMatchObject([{ code: 'slow' }]);
  expect(seqs()).toEqual(range(1, 4));
});

test('of a batch that is more than a socket may have unread, the rest follows as its client reads', () => {
  const { subscription, socket, seqs } = openSubscription();
  const listeners = new ChannelListeners();
  listeners.add(subscription);
  const small = (seq: number) => ({ ...durable(seq), data: seq });
  listeners.send(range(1, 1_000).map(small));
  expect(socket.writes).toBeLessThan(10);
  while (seqs().length < 1_000) {
    const before = seqs().length;
    socket.read();
    expect(seqs().length).toBeGreaterThan(before);
  }
  expect(seqs()).toEqual(range(1, 1_000));
});

// Every socket of the batch stayed corked, and whoever came behind the failure got nothing of the batch.
test('a failure at one client ends its connection, and keeps no other one from anything', () => {
  const listeners = new ChannelListeners();
  const [first, failing, last] = [openSubscription(), openSubscription(), openSubscription()];
  for (const { subscription } of [first, failing, last]) listeners.add(subscription);
  for (const { subscription } of [first, last]) subscription.send(durable(1));
  failing.onGap.mockImplementationOnce(() => {
    throw new Error('no history');
  });
  listeners.send([durable(2), durable(3)]);
  expect([first.seqs(), last.seqs()]).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect(failing.socket.closings).toMatchObject([{ code: 'behind', retriable: true }]);
  vi.spyOn(first.socket.conn, 'write').mockImplementation(() => {
    throw new Error('no transport');
  });
  listeners.send([durable(4)]);
  expect(last.seqs()).toEqual([1, 2, 3, 4]);
  expect(first.socket.closings).toMatchObject([{ code: 'behind', retriable: true }]);
});
