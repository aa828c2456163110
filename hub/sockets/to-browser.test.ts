import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultHubLimits } from '../limits.ts';
import { durable, openSubscription, range } from '../test/fake-socket.ts';

const MIB = 1024 * 1024;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a client that reads nothing is disconnected in time', () => {
  const { subscription, socket } = openSubscription();
  for (const seq of range(1, 200)) subscription.send(durable(seq));
  vi.advanceTimersByTime(defaultHubLimits.slowReaderMs - 1);
  expect(socket.destroy).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(socket.destroy).toHaveBeenCalledTimes(1);
});

test('a client that reads one long message has more time, for it cannot report how far it is', () => {
  const { subscription, socket } = openSubscription();
  socket.write('x'.repeat(2 * MIB));
  subscription.send(durable(1));
  vi.advanceTimersByTime(8 * defaultHubLimits.slowReaderMs - 1);
  expect(socket.destroy).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(socket.destroy).toHaveBeenCalledTimes(1);
});
