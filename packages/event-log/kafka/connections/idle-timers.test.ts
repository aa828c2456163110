import { createRequire } from 'node:module';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import './idle-timers.ts';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttleCheckTimeoutId: unknown;
  push(request: object): void;
  fulfillRequest(answer: object): void;
  scheduleRequestTimeoutCheck(): void;
  destroy(): void;
}

const RequestQueue: new (options: object) => RequestQueue = createRequire(import.meta.url)(
  'kafkajs/src/network/requestQueue/index.js',
);
const requestTimeout = 1_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function createQueue(options: object = {}): RequestQueue {
  return new RequestQueue({
    requestTimeout,
    enforceRequestTimeout: true,
    clientId: 'client',
    broker: 'broker',
    logger: { debug: () => undefined, warn: () => undefined },
    ...options,
  });
}

function push(queue: RequestQueue, correlationId: number, reject: () => void = () => undefined): void {
  const entry = { correlationId, resolve: () => undefined, reject };
  queue.push({ entry, expectResponse: true, sendRequest: () => undefined });
}

const answer = (correlationId: number) => ({ correlationId, payload: null, size: 0 });

/** Shows that kafkajs by itself sets the timer again and again. */
test('a connection on which nothing waits sets no timers', () => {
  const queue = createQueue({ maxInFlightRequests: 1 });
  push(queue, 1);
  push(queue, 2);
  expect(queue.throttleCheckTimeoutId).not.toBeNull();
  queue.destroy();
  queue.fulfillRequest(answer(1));
  queue.fulfillRequest(answer(2));
  expect(queue.pending).toEqual([]);
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

/** By itself kafkajs looks ten times a second: with a dozen connections, most of what an idle process did. */
test('an idle connection looks for late requests once in the time that a request may take', () => {
  let looks = 0;
  const isConnected = (): boolean => {
    looks += 1;
    return true;
  };
  createQueue({ isConnected }).scheduleRequestTimeoutCheck();
  vi.advanceTimersByTime(10 * requestTimeout);
  expect(looks).toBe(10);
});

test('a request fails when its time is over, whenever others are sent and answered', () => {
  const requestArbitrary = fc.record({
    sentAfterMs: fc.nat(1_500),
    answeredAfterMs: fc.option(fc.nat(requestTimeout), { nil: null }),
  });
  fc.assert(
    fc.property(fc.array(requestArbitrary, { maxLength: 10 }), (requests) => {
      const queue = createQueue();
      queue.scheduleRequestTimeoutCheck();
      const start = Date.now();
      const failed = new Map<number, number>();
      for (const [index, { sentAfterMs, answeredAfterMs }] of requests.entries()) {
        setTimeout(() => {
          push(queue, index, () => failed.set(index, Date.now() - start));
          if (answeredAfterMs !== null)
            setTimeout(() => queue.fulfillRequest(answer(index)), answeredAfterMs);
        }, sentAfterMs);
      }
      vi.advanceTimersByTime(5_000);
      const late = requests.flatMap(({ sentAfterMs, answeredAfterMs }, index) =>
        answeredAfterMs === null ? [[index, sentAfterMs + requestTimeout + 1] as const] : [],
      );
      expect([...failed].sort(([one], [other]) => one - other)).toEqual(late);
      queue.destroy();
    }),
  );
});

test('a connection that has ended is looked at no more', () => {
  let looks = 0;
  const connection = { isOpen: true };
  const isConnected = (): boolean => {
    looks += 1;
    return connection.isOpen;
  };
  createQueue({ isConnected }).scheduleRequestTimeoutCheck();
  connection.isOpen = false;
  vi.advanceTimersByTime(10 * requestTimeout);
  expect(looks).toBe(1);
});
