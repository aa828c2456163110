import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UploadLease, type UploadLeaseTimes } from './lease.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const times: UploadLeaseTimes = { intervalMs: 5_000, lostAfterMs: 30_000 };

/** A lease that begins now, what its heartbeats come to, and what became of it. */
function begin(beat: (number: number) => Promise<void>) {
  const sent: number[] = [];
  const state = { lost: 0 };
  const lease = new UploadLease(
    (number) => {
      sent.push(number);
      return beat(number);
    },
    () => {
      state.lost += 1;
    },
    times,
  );
  lease.begin(performance.now());
  return { lease, sent, state };
}

const away = () => Promise.reject(new Error('away'));

test('a lease is held as long as heartbeats become durable, each under the next number', async () => {
  const { lease, sent, state } = begin(() => Promise.resolve());
  await vi.advanceTimersByTimeAsync(300_000);
  expect(sent).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  expect([lease.isHeld, state.lost]).toEqual([true, 0]);
});

test('a lease without a durable heartbeat for 30 s is lost, once, and sends no more', async () => {
  const { lease, sent, state } = begin(away);
  await vi.advanceTimersByTimeAsync(29_999);
  expect([lease.isHeld, state.lost]).toEqual([true, 0]);
  await vi.advanceTimersByTimeAsync(1);
  expect([lease.isHeld, state.lost]).toEqual([false, 1]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.lost).toBe(1);
  expect(sent).toEqual([1, 2, 3, 4, 5]);
});

test('a heartbeat that fails costs its number: it may be on the log all the same', async () => {
  const { sent, lease } = begin((number) => (number <= 3 ? away() : Promise.resolve()));
  await vi.advanceTimersByTimeAsync(40_000);
  expect(sent).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(lease.isHeld).toBe(true);
});

test('while a heartbeat is undecided no other is sent, and it renews the lease from when it was sent', async () => {
  let decide = () => {};
  const { sent, lease, state } = begin(
    () =>
      new Promise((resolve) => {
        decide = resolve;
      }),
  );
  await vi.advanceTimersByTimeAsync(24_000);
  expect(sent).toEqual([1]);
  decide();
  await vi.advanceTimersByTimeAsync(10_999);
  expect([lease.isHeld, state.lost]).toEqual([true, 0]);
  await vi.advanceTimersByTimeAsync(1);
  expect([lease.isHeld, state.lost]).toEqual([false, 1]);
});

test('a heartbeat that becomes durable after the lease was lost gives it to nobody again', async () => {
  let decide = () => {};
  const { lease, state } = begin(
    () =>
      new Promise((resolve) => {
        decide = resolve;
      }),
  );
  await vi.advanceTimersByTimeAsync(30_000);
  decide();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([lease.isHeld, state.lost]).toEqual([false, 1]);
});

test('a process that was paused finds its lease lost before any timer has run', () => {
  const { lease } = begin(() => Promise.resolve());
  const awoken = performance.now() + 70_000;
  vi.spyOn(performance, 'now').mockReturnValue(awoken);
  expect(lease.isHeld).toBe(false);
});

test('a lease that has ended is not lost, also where its last heartbeat is still undecided', async () => {
  let decide = () => {};
  const { lease, state, sent } = begin(
    () =>
      new Promise((resolve) => {
        decide = resolve;
      }),
  );
  await vi.advanceTimersByTimeAsync(5_000);
  lease.end();
  decide();
  await vi.advanceTimersByTimeAsync(100_000);
  expect([state.lost, sent.length]).toEqual([0, 1]);
});
