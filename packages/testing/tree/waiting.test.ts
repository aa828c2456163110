/** Expects of the sources that tests wait for a condition in one way, whose patience is meant for busy machines. */
import { expect, test } from 'vitest';
import { readSources } from './sources.ts';

/** Ways of the test runner to wait, which give up after a second unless they are told otherwise. */
const OF_THE_RUNNER = /\bvi\s*\.wait(?:For|Until)\b|\bexpect\s*\.poll\b/;

test('tests wait by `eventually`', () => {
  const found = readSources().filter(({ text }) => OF_THE_RUNNER.test(text));
  expect(found.map(({ path }) => path)).toEqual(['packages/testing/eventually.ts']);
});
