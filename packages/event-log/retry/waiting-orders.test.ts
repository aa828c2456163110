import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { logClosed } from '../engine/failures.ts';
import { type EventLog, EventLogError } from '../event-log.ts';
import { WaitingOrders } from './waiting-orders.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A record waits for an hour, and every read of the log fails with the error. */
async function lookOnce(error: Error): Promise<void> {
  const log = { describeTopic: () => Promise.reject(error) } as unknown as EventLog;
  new WaitingOrders(log, { controlTopic: 'control', group: 'group', lookMs: 10 }).watch(3_600_000);
  await vi.advanceTimersByTimeAsync(15);
}

test('looks for orders again where the log is away', async () => {
  await lookOnce(new EventLogError('log_unavailable', 'The log is away.'));
  expect(vi.getTimerCount()).toBe(1);
});

test('looks for orders no more once the log is closed, though a record still waits', async () => {
  await lookOnce(logClosed());
  expect(vi.getTimerCount()).toBe(0);
});
