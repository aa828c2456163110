/** The table “Libraries we lean on” of ARCHITECTURE. The tests beside this one look at its rows, each in the library itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../tree/sources.ts';

test('the table of ARCHITECTURE names these libraries, in the versions that are installed', () => {
  const rows = readTable();
  const tested = [
    '@electric-sql/pglite',
    '@socket.io/redis-adapter',
    'engine.io',
    'engine.io-client',
    'ioredis',
    'kafkajs',
    'libphonenumber-js',
    'socket.io',
  ];
  expect([...new Set(rows.map(({ library }) => library))].sort()).toEqual(tested);
  for (const { library, version } of rows) {
    const manifest = readFileSync(join(root, 'node_modules', library, 'package.json'), 'utf8');
    expect(`${library} ${JSON.parse(manifest).version}.`).toContain(`${library} ${version}.`);
  }
});

interface Row {
  readonly library: string;
  readonly version: string;
}

/** The first column of the table: a library and its version, as far as the table says it. */
function readTable(): Row[] {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const [, section = ''] = text.split('\n## Libraries we lean on\n');
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| ([\w@./-]+) ([\d.]+) \|/gm)].map(([, library = '', version = '']) => ({
    library,
    version,
  }));
}
