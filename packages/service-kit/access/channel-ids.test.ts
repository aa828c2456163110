import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChannelIds } from './channel-ids.ts';

const first = 'a'.repeat(32);
const second = 'b'.repeat(32);
const ids = createChannelIds([first]);

test('an id proves that it is ours, and whose it is', () => {
  const channelId = ids.make('mira');
  expect(channelId).toMatch(/^[\w-]{36}$/);
  expect(ids.isOurs(channelId)).toBe(true);
  expect(ids.isOf(channelId, 'mira')).toBe(true);
  expect(ids.isOf(channelId, 'noor')).toBe(false);
  expect(ids.make('mira')).not.toBe(channelId);
});

test('no two ids begin alike', () => {
  const beginnings = Array.from({ length: 1_000 }, () => ids.make('mira').slice(0, 21));
  expect(new Set(beginnings).size).toBe(1_000);
});

test('any other text is not ours: altered ids, ids of another secret, and what is no id', () => {
  fc.assert(
    fc.property(fc.nat(26), fc.integer({ min: 1, max: 255 }), (place, change) => {
      const bytes = Buffer.from(ids.make('mira'), 'base64url');
      bytes.writeUInt8(bytes.readUInt8(place) ^ change, place);
      const altered = bytes.toString('base64url');
      // The last five bytes say whose it is, the others that it is ours.
      expect(ids.isOurs(altered)).toBe(place >= 22);
      expect(ids.isOf(altered, 'mira')).toBe(false);
    }),
  );
  expect(ids.isOurs(createChannelIds([second]).make('mira'))).toBe(false);
  fc.assert(fc.property(fc.string(), (text) => !ids.isOurs(text) && !ids.isOf(text, 'mira')));
  for (const text of ['support', '', `${ids.make('mira')} `, `${ids.make('mira')}\n`])
    expect(ids.isOurs(text)).toBe(false);
});

test('with two secrets, ids of both are ours, and the first makes new ones', () => {
  const former = ids.make('mira');
  const changed = createChannelIds([second, first]);
  expect(changed.isOf(former, 'mira')).toBe(true);
  expect(createChannelIds([second]).isOurs(changed.make('mira'))).toBe(true);
});
