import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rules } from './rules.ts';

const document = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
/** A rule is an item of a list that begins with its name; its text may go on in further lines. */
const items = document.split('\n').reduce<string[]>((found, line) => {
  if (line.startsWith('  ') && found.length > 0) found.push(`${found.pop()} ${line.trim()}`);
  else found.push(line);
  return found;
}, []);
const named = items.flatMap((text) => {
  const [, name] = /^- \*\*((?:hub|client)\.[a-z.-]+)\*\*: /.exec(text) ?? [];
  return name === undefined ? [] : [{ name, text }];
});

test('every MUST of the document has a rule of its name in the suite, in the same order, and every rule stands there', () => {
  expect(rules.map(({ name }) => name)).toEqual(named.map(({ name }) => name));
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});

test('every rule of the document says MUST, and no MUST stands outside a rule', () => {
  for (const { name, text } of named) expect(text, name).toContain('MUST');
  const introduction = items.findIndex((text) => text.includes('RFC 2119'));
  const elsewhere = items.filter(
    (text, index) =>
      text.includes('MUST') && index !== introduction && !named.some((rule) => rule.text === text),
  );
  expect(elsewhere).toEqual([]);
});
