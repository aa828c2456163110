/** Expects that a name which two packages export means one thing, so that whoever meets it need not ask whose it is. */
import { expect, test } from 'vitest';
import { isTestOnly, packageOf, readSources } from './sources.ts';

/** Names that product files of several packages may declare, each with the reason. */
const ALLOWED: Readonly<Record<string, string>> = {
  createMetrics: 'Each service makes its own metrics.',
  deleteContact: 'The route and the store’s function do the same, one for the other.',
  getContact: 'The route and the store’s function do the same, one for the other.',
  getImport: 'The route and the store’s function do the same, one for the other.',
  listContacts: 'The route and the store’s function do the same, one for the other.',
  listImports: 'The route and the store’s function do the same, one for the other.',
  listRejected: 'The route and the store’s function do the same, one for the other.',
  listUndo: 'The route and the store’s function do the same, one for the other.',
  serveRequests: 'A worker on the log and one by HTTP do the same.',
  patchContact: 'The route and the store’s function do the same, one for the other.',
};

const DECLARED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:interface|class|type|const|let|enum|function\*?) (\w+)/gm;

/** What the pages say has one name in every language, and where they read it. English declares it for all. */
const TRANSLATED = /^web-client\/words\/(?:words\.ts$|(?!english\/|format\/)\w+\/)/;

/** By exported name, the product files that declare it. A declaration stands at the beginning of its line. */
const filesByName = new Map<string, string[]>();
for (const { path, text } of readSources()) {
  if (isTestOnly(path) || TRANSLATED.test(path)) continue;
  for (const name of new Set([...text.matchAll(DECLARED)].map(([, declared = '']) => declared)))
    filesByName.set(name, [...(filesByName.get(name) ?? []), path]);
}

/** Declared in several packages, or in several files of one: the two engines of a port are as far apart as two packages. */
const repeated = [...filesByName].filter(([, files]) => files.length > 1);

test('no two product files export the same name for different things', () => {
  expect(filesByName.size).toBeGreaterThan(500);
  expect(
    repeated.filter(([name]) => !(name in ALLOWED)).map(([name, files]) => `${name}: ${files.join(', ')}`),
  ).toEqual([]);
});

test('every allowed name is still declared in several packages', () => {
  const needed = repeated.filter(([, files]) => new Set(files.map(packageOf)).size > 1).map(([name]) => name);
  expect(needed.toSorted()).toEqual(Object.keys(ALLOWED).toSorted());
});
