/** Expects of the sources that errors have one base class, and that logs have one field for them. */
import { expect, test } from 'vitest';
import { readSources } from './sources.ts';

const THIS_FILE = 'packages/testing/tree/errors.test.ts';
const sources = readSources();
/** A class that extends one of the language's own errors. */
const OWN_BASE = /\bextends (?:Aggregate|Range|Syntax|Type)?Error\b/;
/** The object that is the first argument of a log call. */
const LOG_FIELDS = /\blogger(?:\??\.\w+|\[[^\]]+\])(?:\?\.)?\(\s*\{(?<fields>[^}]*)\}/gi;

test('every error class extends Failure, which alone extends Error', () => {
  const found = sources.filter(({ path, text }) => path !== THIS_FILE && OWN_BASE.test(text));
  expect(found.map(({ path }) => path)).toEqual(['packages/failures/failure.ts']);
});

test('a log call names its error `err`: the logger writes out an error under that name alone', () => {
  const calls = sources.flatMap(({ path, text }) =>
    [...text.matchAll(LOG_FIELDS)].map(({ groups }) => {
      const names = (groups?.fields ?? '').split(',').map((field) => field.split(':')[0]?.trim());
      return { path, names };
    }),
  );
  expect(calls.filter(({ names }) => names.includes('err')).length).toBeGreaterThan(10);
  expect(calls.filter(({ names }) => names.includes('error'))).toEqual([]);
});
