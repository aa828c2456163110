import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { logClosed } from '../engine/failures.ts';
import { type EventLog, EventLogError } from '../event-log.ts';
import { WaitingOrders } from './waiting-orders.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A record waits for an hour, and every read of the log fails with the error. Resolves with the reads of the first 35 ms. */
async function looksBehind(error: Error): Promise<number> {
  let looks = 0;
  const describeTopic = () => {
    looks += 1;
    return Promise.reject(error);
  };
  const log = { describeTopic } as unknown as EventLog;
  const orders = new WaitingOrders(log, { controlTopic: 'control', group: 'group', lookMs: 10 });
  orders.watch(3_600_000);
  await vi.advanceTimersByTimeAsync(35);
  orders.stop();
  return looks;
}

test('looks for orders again where the log is away', async () => {
  expect(await looksBehind(new EventLogError('log_unavailable', 'The log is away.'))).toBe(3);
});

test('looks for orders no more once the log is closed, though a record still waits', async () => {
  expect(await looksBehind(logClosed())).toBe(1);
});
