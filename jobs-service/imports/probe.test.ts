import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Probe } from './probe.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An engine that answers when it is told to, and how often it was asked. */
function engine() {
  const open: ((answer: string | Error) => void)[] = [];
  const probe = new Probe(
    () =>
      new Promise<string>((resolve, reject) => {
        open.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      }),
    { freshMs: 1_000, waitMs: 500, patienceMs: 3_000 },
  );
  return { probe, asked: () => open.length, answer: (answer: string | Error) => open.at(-1)?.(answer) };
}

test('an engine is asked once, however many ask at a time, and again when its answer is a second old', async () => {
  const { probe, asked, answer } = engine();
  const all = [probe.read(), probe.read()];
  answer('one');
  expect(await Promise.all(all)).toEqual(['one', 'one']);
  await vi.advanceTimersByTimeAsync(999);
  expect([await probe.read(), asked()]).toEqual(['one', 1]);
  await vi.advanceTimersByTimeAsync(1);
  const next = probe.read();
  answer('two');
  expect([await next, asked()]).toEqual(['two', 2]);
});

test('an engine that never answers is away after three seconds, for the next who asks without waiting, until it answers', async () => {
  const { probe, asked, answer } = engine();
  const first = probe.read();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await first).toBeNull();
  expect([await probe.read(), asked()]).toEqual([null, 1]);
  answer('back');
  await vi.advanceTimersByTimeAsync(0);
  expect([await probe.read(), asked()]).toEqual(['back', 1]);
});

test('an engine that takes its time is not away: its last answer counts for three seconds', async () => {
  const { probe, answer } = engine();
  const first = probe.read();
  answer('one');
  await first;
  await vi.advanceTimersByTimeAsync(1_000);
  const early = probe.read();
  await vi.advanceTimersByTimeAsync(500);
  expect(await early).toBe('one');
  await vi.advanceTimersByTimeAsync(2_200);
  const late = probe.read();
  await vi.advanceTimersByTimeAsync(300);
  expect(await late).toBeNull();
});

test('an engine that fails is away, and is asked again after a second', async () => {
  const { probe, asked, answer } = engine();
  const first = probe.read();
  answer(new Error('refused'));
  expect(await first).toBeNull();
  expect([await probe.read(), asked()]).toEqual([null, 1]);
  await vi.advanceTimersByTimeAsync(1_000);
  const next = probe.read();
  answer('back');
  expect(await next).toBe('back');
});

test('an answer does not count for whoever wants to know what was so later', async () => {
  const { probe, asked, answer } = engine();
  const first = probe.read();
  const since = performance.now() + 1;
  await vi.advanceTimersByTimeAsync(1);
  answer('one');
  expect(await first).toBe('one');
  expect([await probe.read(since), asked()]).toEqual([null, 1]);
  await vi.advanceTimersByTimeAsync(1_000);
  const next = probe.read(since);
  await vi.advanceTimersByTimeAsync(500);
  expect(await next).toBeNull();
  answer('two');
  await vi.advanceTimersByTimeAsync(0);
  expect([await probe.read(since), asked()]).toEqual(['two', 2]);
});
