import { expect, test } from 'vitest';
import { z } from 'zod';
import { check } from './mistakes.ts';

const schema = z.strictObject({
  limit: z.int().min(1).max(500).default(50),
  count: z.int().min(1).max(9).default(1),
  name: z.string().min(1).max(3).default('a'),
  code: z.enum(['a', 'b']).default('a'),
  kind: z.literal('x').default('x'),
  id: z.uuid().optional(),
  at: z.iso.datetime().optional(),
  url: z.url().optional(),
  rows: z
    .array(z.strictObject({ row: z.int().min(1) }))
    .min(1)
    .max(2)
    .optional(),
  cells: z.record(z.string().min(1), z.string()).optional(),
  either: z.union([z.strictObject({ json: z.string() }), z.strictObject({ text: z.string() })]).optional(),
  above: z.number().gt(0).optional(),
  code4: z.string().length(4).optional(),
  pair: z.array(z.string()).length(2).optional(),
  date: z.date().optional(),
  own: z.string().regex(/^x$/, { error: 'it is an x' }).optional(),
});

// Answers said `cells: Invalid input: expected record, received array`, which are the words of a library.
test.each([
  [{ limit: 'x' }, 'limit', 'must be a whole number from 1 to 500'],
  [{ limit: 501 }, 'limit', 'must be 500 or less'],
  [{ count: 1.5 }, 'count', 'must be a whole number from 1 to 9'],
  [{ count: 0 }, 'count', 'must be 1 or more'],
  [{ name: 5 }, 'name', 'must be a text'],
  [{ name: ['a', 'b'] }, 'name', 'must be a single text'],
  [{ name: '' }, 'name', 'must not be empty'],
  [{ name: 'long' }, 'name', 'must have 3 characters at most'],
  [{ code: 'c' }, 'code', 'must be one of `a`, `b`'],
  [{ kind: 'c' }, 'kind', 'must be `x`'],
  [{ id: 'c' }, 'id', 'must be an id, as `01890a5d-ac96-774b-bcce-b302099a8057`'],
  [{ at: 'c' }, 'at', 'must be a time of ISO 8601, as `2026-01-31T12:00:00Z`'],
  [{ url: 'c' }, 'url', 'must be an address, as `https://example.org/`'],
  [{ rows: {} }, 'rows', 'must be a list'],
  [{ rows: [] }, 'rows', 'must have 1 entry at least'],
  [{ rows: [{}] }, 'rows.0.row', 'is missing'],
  [{ rows: [{ row: 1 }, { row: 2 }, { row: 3 }] }, 'rows', 'must have 2 entries at most'],
  [{ rows: [{ row: 1 }, 5] }, 'rows.1', 'must be a JSON object'],
  [{ cells: [] }, 'cells', 'must be a JSON object'],
  [{ cells: { a: 1 } }, 'cells.a', 'must be a text'],
  [{ cells: { '': 'a' } }, 'cells.', 'holds a name that is not allowed'],
  [{ either: 5 }, 'either', 'has none of the forms that it may have'],
  [{ own: 'y' }, 'own', 'it is an x'],
  // A bound that is excluded was told as allowed, an exact length as a bound, and every other type as a whole number.
  [{ above: 0 }, 'above', 'must be more than 0'],
  [{ above: 'x' }, 'above', 'must be a number'],
  [{ code4: 'abc' }, 'code4', 'must have 4 characters exactly'],
  [{ pair: ['a'] }, 'pair', 'must have 2 entries exactly'],
  [{ date: 5 }, 'date', 'must be of another type'],
  [5, '', 'must be a JSON object'],
  [undefined, '', 'is missing'],
])('what is wrong with %j is told in plain words', (value, path, words) => {
  const checked = check(schema, value);
  expect('mistake' in checked && { ...checked.mistake, path: checked.mistake.path.join('.') }).toEqual({
    path,
    words,
  });
});

test('a name that is not known is told with those that are', () => {
  const checked = check(z.strictObject({ reason: z.string().optional(), who: z.string().optional() }), {
    raeson: 'x',
  });
  expect(checked).toEqual({
    mistake: { path: ['raeson'], words: 'is not known: choose of `reason`, `who`' },
  });
});

test('what fits is read', () => {
  expect(check(schema, { limit: 5 })).toMatchObject({ value: { limit: 5, code: 'a' } });
});
