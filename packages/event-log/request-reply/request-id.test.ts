import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRequestId, newRequestId } from './request-id.ts';

test('an id tells time and partition, and sorts by time', () => {
  const places = fc.record({
    sentAt: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    partition: fc.integer({ min: 0, max: 999 }),
  });
  fc.assert(
    fc.property(places, places, (one, other) => {
      const ids = [newRequestId(one), newRequestId(other)] as const;
      expect(ids.map(decodeRequestId)).toEqual([one, other]);
      if (one.sentAt !== other.sentAt) expect(ids[0] < ids[1]).toBe(one.sentAt < other.sentAt);
    }),
  );
});

test('no two ids of one moment are the same, and what is no id tells nothing', () => {
  const place = { sentAt: 1, partition: 2 };
  expect(newRequestId(place)).not.toBe(newRequestId(place));
  const id = '0193a1b2-c3d4-8002-9abc-def012345678';
  expect(decodeRequestId(id)).toEqual({ sentAt: 0x0193a1b2c3d4, partition: 2 });
  const others = ['', 'constructor', `${id} `, id.replace('-8', '-7'), id.slice(1), id.toUpperCase()];
  expect(others.map(decodeRequestId)).toEqual(others.map(() => null));
});
