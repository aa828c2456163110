import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GIVES_WAY_MS, SHORT_FOR_MS, UploadTurns } from './upload-turns.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a chunk of a long upload goes on at once, by the time, or when `end` is called. */
function chunkOf(turns: UploadTurns) {
  let wentOn = false;
  void turns.giveWay().then(() => {
    wentOn = true;
  });
  return async (milliseconds: number) => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    return wentOn;
  };
}

test('without short imports a long upload waits for nothing', async () => {
  const turns = new UploadTurns();
  turns.beginShort()();
  expect(await chunkOf(turns)(0)).toBe(true);
});

test('a chunk of a long upload waits until the last short import has ended', async () => {
  const turns = new UploadTurns();
  const ends = [turns.beginShort(), turns.beginShort()];
  const goesOn = chunkOf(turns);
  ends.pop()?.();
  expect(await goesOn(1)).toBe(false);
  ends.pop()?.();
  expect(await goesOn(0)).toBe(true);
});

test('however many short imports there are, each chunk of a long upload goes on after a moment', async () => {
  const turns = new UploadTurns();
  for (let chunk = 0; chunk < 5; chunk += 1) {
    turns.beginShort();
    const goesOn = chunkOf(turns);
    expect(await goesOn(GIVES_WAY_MS - 1)).toBe(false);
    expect(await goesOn(1)).toBe(true);
  }
});

// A short form that trickled in slowed every long upload for as long as it came.
test('a short import counts for some seconds, however long it takes', async () => {
  const turns = new UploadTurns();
  const end = turns.beginShort();
  await vi.advanceTimersByTimeAsync(SHORT_FOR_MS - 1);
  const goesOn = chunkOf(turns);
  expect(await goesOn(0)).toBe(false);
  expect(await goesOn(1)).toBe(true);
  turns.beginShort();
  end();
  expect(await chunkOf(turns)(0)).toBe(false);
});
