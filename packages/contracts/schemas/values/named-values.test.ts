import { expect, test } from 'vitest';
import { z } from 'zod';
import { contactPatchSchema } from '../contacts/contact.ts';
import { uploadFieldsSchema } from '../files/upload.ts';
import { mendRowBodySchema, mendRowsBodySchema } from '../imports/rejected-rows.ts';
import { ownerSettingsSchema, putSettingsBodySchema } from '../owners/settings.ts';
import { namedValues } from './named-values.ts';

const names = [
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  'then',
  '__proto__',
];
const all = Object.fromEntries(names.map((name) => [name, `of ${name}`]));
const lower = Object.fromEntries(names.map((name) => [name.toLowerCase(), `of ${name}`]));
const mapping = { header: ['a'], mapping: all };

// z.record drops the name `__proto__`: a mended cell, an attribute or a mapping of that name was lost without a word.
test.each<[string, z.ZodType, unknown, unknown]>([
  ['cells of a mended row', mendRowBodySchema, { cells: all }, { cells: all }],
  [
    'cells of mended rows',
    mendRowsBodySchema,
    { rows: [{ row: 1, cells: all }] },
    { rows: [{ row: 1, cells: all }] },
  ],
  ['attributes of a contact', contactPatchSchema, { attributes: all }, { attributes: lower }],
  ['the mapping of an upload', uploadFieldsSchema, { mapping: all }, { mapping: all }],
  ['mappings that are set', putSettingsBodySchema, { mappings: [mapping] }, { mappings: [mapping] }],
  [
    'mappings that are kept',
    ownerSettingsSchema,
    { defaultCountry: null, duplicates: 'update', mappings: [mapping] },
    { defaultCountry: null, duplicates: 'update', mappings: [mapping] },
  ],
])('%s have any name', (_what, schema, given, expected) => {
  const read = schema.parse(JSON.parse(JSON.stringify(given)));
  // Not `toEqual`, which does not see a property of the name `__proto__`.
  expect(JSON.stringify(read)).toBe(JSON.stringify(expected));
});

test('a name is read as others are, and its value as well', () => {
  const schema = z.object({
    all: namedValues(z.string().trim().toLowerCase(), z.string().max(3)).optional(),
  });
  const parse = (text: string) => schema.safeParse(JSON.parse(text));
  expect(JSON.stringify(parse('{"all":{" __PROTO__ ":"abc"}}').data)).toBe('{"all":{"__proto__":"abc"}}');
  expect(parse('{"all":{"__proto__":"abcd"}}').error?.issues).toMatchObject([
    { code: 'too_big', path: ['all', '__proto__'] },
  ]);
  expect(parse('{"all":{"__proto__":{"polluted":"yes"}}}').success).toBe(false);
  expect(({} as { polluted?: string }).polluted).toBeUndefined();
});
