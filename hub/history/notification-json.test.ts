import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import { durableNotification, progressNotification } from '@tidings/testing/notification.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonOf, placeNotification, readNotification } from './notification-json.ts';

const numbered = fc.record({ data: fc.jsonValue(), epoch: fc.string(), seq: fc.integer({ min: 1 }) });

test('the JSON of a notification that gets its place is the notification, in either lane', () => {
  fc.assert(
    fc.property(numbered, ({ data, epoch, seq }) => {
      for (const [whole, position] of [
        [durableNotification(seq, { data }), { epoch, seq }],
        [progressNotification(seq, { data }), { epoch }],
      ] as const) {
        const { epoch: _epoch, seq: _seq, ...body } = whole;
        const placed = placeNotification(body, JSON.stringify(body), position);
        expect(placed).toEqual({ ...body, ...position });
        expect(jsonOf(placed)).toBe(JSON.stringify(placed));
      }
    }),
  );
});

test('another hub reads what one has written, and passes on the same JSON', () => {
  const sent: Notification = durableNotification(7, { data: { rows: 3 } });
  const read = readNotification(jsonOf(sent));
  expect(read).toEqual(sent);
  expect(read && jsonOf(read)).toBe(jsonOf(sent));
});

test('what is no notification is null', () => {
  expect(readNotification('no JSON')).toBeNull();
  expect(readNotification('{"lane":"durable"}')).toBeNull();
});
