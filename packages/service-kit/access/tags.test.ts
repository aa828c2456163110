import { expect, test } from 'vitest';
import { createTags } from './tags.ts';

const old = 'o'.repeat(32);
const current = 'c'.repeat(32);

test('a tag holds for its text and its purpose alone', () => {
  const tags = createTags([current]);
  const tag = tags.make('lease', 'a');
  expect(tag).toMatch(/^[\w-]{16}$/);
  expect(tags.isOurs('lease', 'a', tag)).toBe(true);
  for (const [purpose, text, given] of [
    ['lease', 'b', tag],
    ['request', 'a', tag],
    ['lease', 'a', ''],
    ['lease', 'a', tag.slice(1)],
    ['lease', 'a', `${tag.startsWith('A') ? 'B' : 'A'}${tag.slice(1)}`],
  ] as const)
    expect(tags.isOurs(purpose, text, given)).toBe(false);
});

test('a tag of the secret before holds until that secret goes', () => {
  const tag = createTags([old]).make('lease', 'a');
  expect(createTags([current, old]).isOurs('lease', 'a', tag)).toBe(true);
  expect(createTags([current]).isOurs('lease', 'a', tag)).toBe(false);
});
