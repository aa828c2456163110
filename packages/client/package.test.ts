/** The package as it is published: what is in it, and what of it is ours. `e2e/flows/clients/client-package.test.ts` installs and runs it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPackage } from './build-package.mjs';

/** Bytes of gzip (level 9) that a program loads of this package, whichever entries it imports; socket.io-client is not counted. */
const MOST_BYTES = 6 * 1024;

let folder = '';
let remove = async () => {};
beforeAll(async () => {
  ({ path: folder, remove } = await makeFolder());
  await buildPackage(folder);
});
afterAll(() => remove());

const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const files = () => readdirSync(folder, { recursive: true, encoding: 'utf8' });
const importsOf = (name: string) =>
  [...read(name).matchAll(/\b(?:from|import)\s*\(?(["'`])([\w@./-]+)\1/g)].map(
    ([, , specifier = '']) => specifier,
  );

/** The entry and every file of the package that it loads. */
function loadedBy(entry: string): ReadonlySet<string> {
  const loaded = new Set([entry]);
  for (const name of loaded)
    for (const specifier of importsOf(name)) if (specifier.startsWith('./')) loaded.add(specifier.slice(2));
  return loaded;
}

describe('the published package', () => {
  test.each(['index.js', 'serve.js', 'support.js'])(
    '%s and what it loads are 6 KB of gzip at most',
    (entry) => {
      const sizes = [...loadedBy(entry)].map((name) => gzipSync(read(name), { level: 9 }).length);
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      expect(bytes).toBeGreaterThan(1_000);
      expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    },
  );

  test('needs socket.io-client, and nothing of this repository', () => {
    const manifest = JSON.parse(read('package.json')) as { dependencies: object; private?: boolean };
    expect(Object.keys(manifest.dependencies)).toEqual(['socket.io-client']);
    expect(manifest.private).toBeUndefined();
    const scripts = files().filter((name) => name.endsWith('.js'));
    const outside = scripts.flatMap(importsOf).filter((specifier) => !specifier.startsWith('./'));
    expect(new Set(outside)).toEqual(new Set(['socket.io-client']));
    const types = files().filter((name) => name.endsWith('.d.ts'));
    const quoted = types.flatMap((name) => read(name).match(/(?<=from |import\()["'][^"']+["']/g) ?? []);
    expect(quoted.length).toBeGreaterThan(20);
    expect(quoted.filter((specifier) => !/^["']\.\.?\/[\w./-]+\.js["']$/.test(specifier))).toEqual([]);
  });

  test('has types for every entry, a licence and a description of its use', () => {
    const { exports } = JSON.parse(read('package.json')) as {
      exports: Record<string, string | { types: string; default: string }>;
    };
    const targets = Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : [entry.types, entry.default],
    );
    const there = new Set(files().map((name) => `./${name}`));
    expect(targets.filter((target) => !there.has(target))).toEqual([]);
    expect(targets.length).toBeGreaterThan(3);
    expect(there).toContain('./LICENSE');
    expect(read('README.md')).toContain("from '@tidings/client'");
  });
});
