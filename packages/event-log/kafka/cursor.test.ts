import { expect, test } from 'vitest';
import type { LogRecord } from '../event-log.ts';
import { Cursor } from './cursor.ts';

const recordAt = (offset: number, bytes: number): LogRecord => ({
  topic: 'topic',
  partition: 0,
  offset,
  key: 'key',
  value: new Uint8Array(bytes),
  headers: {},
  timestamp: 0,
});
const cursorAt = (position: number | null): Cursor =>
  new Cursor({ topic: 'topic', partition: 0 }, position, 10_000, () => undefined);
const batch = (offsets: readonly number[], next: number, bytes = 100) => ({
  records: offsets.map((offset) => recordAt(offset, bytes)),
  next,
  isIncomplete: false,
});

test('takes by records, bytes and offset; goes on behind markers once all is taken', () => {
  const cursor = cursorAt(0);
  cursor.fetching()(batch([0, 1, 2, 3, 4], 7));
  expect(cursor.wanted).toBe(0);
  expect(cursor.take({ maxRecords: 2, maxBytes: 1_000 })).toMatchObject({ next: 2 });
  expect(cursor.take({ maxRecords: 9, maxBytes: 150 })).toMatchObject({ next: 3 });
  expect(cursor.take({ maxRecords: 9, maxBytes: 1, until: 3 })).toBeNull();
  expect(cursor.take({ maxRecords: 9, maxBytes: 1 })).toMatchObject({ next: 4 });
  expect(cursor.hasPassed(5)).toBe(false);
  expect(cursor.take({ maxRecords: 9, maxBytes: 1_000 })).toMatchObject({ next: 7 });
  expect(cursor.hasPassed(7)).toBe(true);
  expect(cursor.take({ maxRecords: 9, maxBytes: 1_000 })).toBeNull();
});

test('fetches nothing ahead while a large batch is being handled, and less while a small one is', () => {
  const cursor = cursorAt(0);
  expect(cursor.wanted).toBe(10_000);
  cursor.fetching()(batch([0, 1], 2, 4_000));
  const large = cursor.take({ maxRecords: 9, maxBytes: 10_000 });
  expect(cursor.wanted).toBe(0);
  if (large) cursor.release(large);
  expect(cursor.wanted).toBe(10_000);
  cursor.fetching()(batch([2], 3, 1_000));
  cursor.take({ maxRecords: 9, maxBytes: 10_000 });
  expect(cursor.wanted).toBeGreaterThan(8_000);
  expect(cursor.heldBytes).toBeLessThan(2_000);
});

test('takes in nothing that was asked for before it was rewound', () => {
  const cursor = cursorAt(5);
  const late = cursor.fetching();
  cursor.rewind(null);
  expect(cursor.wanted).toBe(0);
  late(batch([5, 6], 7));
  expect(cursor.hasRecords).toBe(false);
  cursor.rewind(3);
  late(batch([5, 6], 7));
  expect(cursor.position).toBe(3);
});
