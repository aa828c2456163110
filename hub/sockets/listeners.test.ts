import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { durable, openSubscription, padding, range } from '../test/fake-socket.ts';
import { ChannelListeners } from './listeners.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the hub waits for a client that reads, and briefly for one that does not', async () => {
  const { subscription, socket, seqs } = openSubscription();
  const listeners = new ChannelListeners();
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
