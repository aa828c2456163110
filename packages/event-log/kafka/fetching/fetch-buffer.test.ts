import { expect, test } from 'vitest';
import type { LogRecord } from '../../event-log.ts';
import { FetchBuffer } from './fetch-buffer.ts';

const recordAt = (offset: number, bytes: number): LogRecord => ({
  topic: 'topic',
  partition: 0,
  offset,
  key: 'key',
  value: new Uint8Array(bytes),
  headers: {},
  timestamp: 0,
});
const bufferAt = (position: number | null): FetchBuffer =>
  new FetchBuffer({ topic: 'topic', partition: 0 }, position, 10_000, () => undefined);
const batch = (offsets: readonly number[], next: number, bytes = 100) => ({
  records: offsets.map((offset) => recordAt(offset, bytes)),
  next,
  isIncomplete: false,
});

test('takes by records, bytes and offset; goes on behind markers once all is taken', () => {
  const buffer = bufferAt(0);
  buffer.fetching()(batch([0, 1, 2, 3, 4], 7));
  expect(buffer.wanted).toBe(0);
  expect(buffer.take({ maxRecords: 2, maxBytes: 1_000 })).toMatchObject({ next: 2 });
  expect(buffer.take({ maxRecords: 9, maxBytes: 150 })).toMatchObject({ next: 3 });
  expect(buffer.take({ maxRecords: 9, maxBytes: 1, until: 3 })).toBeNull();
  expect(buffer.take({ maxRecords: 9, maxBytes: 1 })).toMatchObject({ next: 4 });
  expect(buffer.hasPassed(5)).toBe(false);
  expect(buffer.take({ maxRecords: 9, maxBytes: 1_000 })).toMatchObject({ next: 7 });
  expect(buffer.hasPassed(7)).toBe(true);
  expect(buffer.take({ maxRecords: 9, maxBytes: 1_000 })).toBeNull();
});

// After a handler of more than five seconds the fetches were long, and what it had held came again a second later.
test('is idle only while nothing is held and its position is known', () => {
  expect(bufferAt(null).isIdle).toBe(false);
  const buffer = bufferAt(0);
  expect(buffer.isIdle).toBe(true);
  buffer.fetching()(batch([0], 1));
  expect(buffer.isIdle).toBe(false);
  const taken = buffer.take({ maxRecords: 9, maxBytes: 1_000 });
  expect([buffer.isFull, buffer.isIdle]).toEqual([false, false]);
  if (taken) buffer.release(taken);
  expect(buffer.isIdle).toBe(true);
});

test('fetches nothing ahead while a large batch is being handled, and less while a small one is', () => {
  const buffer = bufferAt(0);
  expect(buffer.wanted).toBe(10_000);
  buffer.fetching()(batch([0, 1], 2, 4_000));
  const large = buffer.take({ maxRecords: 9, maxBytes: 10_000 });
  expect(buffer.wanted).toBe(0);
  if (large) buffer.release(large);
  expect(buffer.wanted).toBe(10_000);
  buffer.fetching()(batch([2], 3, 1_000));
  buffer.take({ maxRecords: 9, maxBytes: 10_000 });
  expect(buffer.wanted).toBeGreaterThan(8_000);
  expect(buffer.heldBytes).toBeLessThan(2_000);
});

test('takes in nothing that was asked for before it was rewound', () => {
  const buffer = bufferAt(5);
  const late = buffer.fetching();
  buffer.rewind(null);
  expect(buffer.wanted).toBe(0);
  late(batch([5, 6], 7));
  expect(buffer.hasRecords).toBe(false);
  buffer.rewind(3);
  late(batch([5, 6], 7));
  expect(buffer.position).toBe(3);
});
