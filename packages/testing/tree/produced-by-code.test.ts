/**
 * Expects that running code produces every status, code and constant of the contracts, so that each comes and goes with the code that needs
 * it. The test reads the sources as text, so it does not find a word that is only compared.
 */
import { problemKinds, rowCodes } from '@tidings/contracts/codes.ts';
import { damageCodes, delimiters, encodings } from '@tidings/contracts/files/csv.ts';
import { buckets, importStatuses, uploadErrors, uploadStatuses } from '@tidings/contracts/imports/import.ts';
import { importNotificationTypes } from '@tidings/contracts/imports/import-notification.ts';
import { importCommandSchema } from '@tidings/contracts/schemas/imports/import-commands.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { describe, expect, test } from 'vitest';
import { isTestOnly, packageOf, readSources } from './sources.ts';

const sources = readSources().map(({ path, text }) => ({
  path,
  text: path.endsWith('.mjs') ? text : withoutComments(text),
}));
const product = sources.filter(({ path }) => !isTestOnly(path));
/** Besides the product, what starts it: benches, and the real processes of tests. */
const users = sources.filter(
  ({ path }) => !isTestOnly(path) || /^(?:bench|packages\/testing\/stack)\//.test(path),
);
/** Rooms that read what others produce. */
const readers = new Set(['packages/contracts', 'packages/client', 'web-client']);
const producers = product.filter(({ path }) => !readers.has(packageOf(path)));

/** In JavaScript comments are types. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** The words for which no room matches the pattern. */
function missing(
  words: readonly string[],
  rooms: readonly string[],
  patternOf: (word: string) => RegExp = quoted,
): string[] {
  const texts = producers.filter(({ path }) => rooms.length === 0 || rooms.includes(packageOf(path)));
  return words.filter((word) => !texts.some(({ text }) => patternOf(word).test(text)));
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const quoted = (word: string) => new RegExp(`(['"\`])${escaped(word)}\\1`);
const named = (word: string) => new RegExp(`\\b${escaped(word)}\\b`);
/** The notification of an end is named `import.` and the status. */
const notificationNamed = (type: string) =>
  new RegExp(`'(?:import\\.)?${escaped(type.replace('import.', ''))}'`);
const member = (object: string) => (name: string) => new RegExp(`\\b${object}\\.${escaped(name)}\\b`);

describe('running code produces', () => {
  test.each([
    ['every status of an import', importStatuses, ['aggregator'], quoted],
    ['every status of an upload', uploadStatuses, ['aggregator'], quoted],
    [
      'every notification of an import',
      importNotificationTypes,
      ['aggregator', 'jobs-service'],
      notificationNamed,
    ],
    ['every reason for an upload to end early', uploadErrors, ['jobs-service', 'aggregator'], quoted],
    ['every bucket', buckets, ['packages/contact-store', 'aggregator'], named],
    ['every code of a problem', Object.keys(problemKinds), [], quoted],
    ['every code of a row', rowCodes, [], quoted],
    ['every code of damage', damageCodes, ['packages/csv'], quoted],
    ['every encoding', encodings, ['packages/csv'], quoted],
    [
      'every command',
      importCommandSchema.options.map(({ shape }) => shape.type.value),
      ['jobs-service', 'importer'],
      quoted,
    ],
  ] as const)('%s', (_name, words, rooms, patternOf) => {
    expect(words.length).toBeGreaterThan(0);
    expect(missing(words, rooms, patternOf)).toEqual([]);
  });

  test('a record for every topic, and reads it in every group', () => {
    const inContracts = product.filter(({ path }) => path === 'packages/contracts/topics.ts');
    const used = (name: string, pattern: RegExp) =>
      [...producers, ...inContracts].some(({ text }) => pattern.test(text)) ? [] : [name];
    expect(Object.keys(topics).flatMap((name) => used(name, member('topics')(name)))).toEqual([]);
    expect(Object.keys(consumerGroups).flatMap((name) => used(name, member('consumerGroups')(name)))).toEqual(
      [],
    );
  });
});

test('types, constants and words of the contracts import no schema', () => {
  const own = /^packages\/contracts\/(?!schemas\/)(?:[\w-]+\/)*[\w-]+\.ts$/;
  const types = readSources().filter(({ path }) => own.test(path));
  expect(types.length).toBeGreaterThan(10);
  const outside = types.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => target === null || !own.test(target))
      .map(({ specifier }) => `${path} imports ${specifier}`),
  );
  expect(outside).toEqual([]);
});

test('no delimiter stands twice, and no code of a row', () => {
  for (const words of [delimiters, rowCodes]) expect(new Set<string>(words).size).toBe(words.length);
});

test('what the product exports is used, and not by tests alone', () => {
  const declared = /^export (?:async )?(?:const|let|function\*?|class|enum) (\w+)/gm;
  const unused = product.flatMap(({ path, text }) =>
    [...text.matchAll(declared)]
      .map(([, name = '']) => name)
      .filter((name) => {
        const elsewhere = users.some((other) => other.path !== path && named(name).test(other.text));
        const here = text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? [];
        return !elsewhere && here.length < 2;
      })
      .map((name) => `${path}: ${name}`),
  );
  expect(unused).toEqual([]);
});
