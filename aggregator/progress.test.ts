import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fold } from './fold/fold.ts';
import { createProgressSender, PROGRESS_INTERVAL_MS, PROGRESS_PATIENCE_MS } from './progress.ts';
import type { ImportFold } from './state/import-fold.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function accepted(importId = 'import-1'): ImportFold {
  const cause = { eventId: importId, correlationId: importId, traceparent: '' };
  const data = {
    uploadId: 'upload',
    channelId: 'c',
    owner: 'o',
    fileName: 'a.csv',
    clientReference: null,
    autoUndo: false,
  };
  const { next } = fold(undefined, {
    importId,
    command: { type: 'import.accepted', data },
    cause,
    offset: 0,
    timestamp: 1_000_000,
  });
  if (next == null) throw new Error('no import');
  return next;
}

const at = (live: ImportFold, version: number): ImportFold => ({
  ...live,
  state: { ...live.state, version },
});

function start(send: () => Promise<void> = async () => undefined) {
  const sent: { readonly importId: string; readonly version: number; readonly at: number }[] = [];
  const sender = createProgressSender(({ state: { importId, version } }) => {
    sent.push({ importId, version, at: performance.now() });
    return send();
  });
  return { sender, sent, versions: () => sent.map(({ version }) => version) };
}

test('of many commands that are folded at once, the state after the last is sent without delay', async () => {
  const { sender, versions } = start();
  for (let version = 1; version <= 5; version += 1) sender.update(at(accepted(), version));
  await vi.advanceTimersByTimeAsync(0);
  expect(versions()).toEqual([5]);
});

test('at most one state is sent in an interval; after it the next change is sent at once', async () => {
  const { sender, sent } = start();
  const begin = performance.now();
  for (let elapsed = 0; elapsed <= 3_000; elapsed += 30) {
    sender.update(at(accepted(), elapsed));
    await vi.advanceTimersByTimeAsync(30);
  }
  expect(sent.length).toBeGreaterThan(20);
  for (const [index, { version, at: when }] of sent.entries()) {
    expect(when - begin).toBe(version);
    expect(when - (sent[index - 1]?.at ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(
      PROGRESS_INTERVAL_MS,
    );
  }
});

test('the last state is sent by a timer where no change follows', async () => {
  const { sender, versions } = start();
  sender.update(at(accepted(), 1));
  await vi.advanceTimersByTimeAsync(1);
  sender.update(at(accepted(), 2));
  await vi.advanceTimersByTimeAsync(PROGRESS_INTERVAL_MS + PROGRESS_PATIENCE_MS);
  expect(versions()).toEqual([1, 2]);
});

test('imports do not wait for one another', async () => {
  const { sender, sent } = start();
  for (const importId of ['one', 'two', 'three']) sender.update(at(accepted(importId), 1));
  await vi.advanceTimersByTimeAsync(0);
  expect(sent.map(({ importId }) => importId)).toEqual(['one', 'two', 'three']);
});

test('a slow log gets one state after another, each time the newest', async () => {
  const pending: (() => void)[] = [];
  const { sender, versions } = start(() => new Promise((resolve) => pending.push(resolve)));
  for (let version = 1; version <= 50; version += 1) {
    sender.update(at(accepted(), version));
    await vi.advanceTimersByTimeAsync(PROGRESS_INTERVAL_MS);
  }
  expect(versions()).toEqual([1]);
  pending.shift()?.();
  await vi.advanceTimersByTimeAsync(PROGRESS_PATIENCE_MS);
  expect(versions()).toEqual([1, 50]);
});

test('no state of an ended import is sent', async () => {
  const { sender, versions } = start();
  const ended = (version: number): ImportFold => {
    const live = at(accepted(), version);
    return { ...live, state: { ...live.state, status: 'completed' } };
  };
  sender.update(at(accepted(), 1));
  sender.update(ended(2));
  await vi.advanceTimersByTimeAsync(PROGRESS_INTERVAL_MS + PROGRESS_PATIENCE_MS);
  expect(versions()).toEqual([]);
  sender.update(at(accepted(), 3));
  await vi.advanceTimersByTimeAsync(0);
  sender.update(at(accepted(), 4));
  sender.update(ended(5));
  await vi.advanceTimersByTimeAsync(PROGRESS_INTERVAL_MS + PROGRESS_PATIENCE_MS);
  expect(versions()).toEqual([3]);
});

test('nothing is sent after the stop', async () => {
  const { sender, versions } = start();
  sender.update(at(accepted(), 1));
  await vi.advanceTimersByTimeAsync(0);
  sender.update(at(accepted(), 2));
  sender.stop();
  sender.update(at(accepted(), 3));
  await vi.advanceTimersByTimeAsync(PROGRESS_INTERVAL_MS + PROGRESS_PATIENCE_MS);
  expect(versions()).toEqual([1]);
});
