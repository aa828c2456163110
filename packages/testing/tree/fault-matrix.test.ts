/** Reads the table of `docs/faults.md`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './sources.ts';

const rows = readFileSync(join(root, 'docs/faults.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test('every fault at every moment has a promise, and a test that is there', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const [, moment, promise, tests = ''] of rows) {
    expect([moment, promise]).not.toContain('');
    const files = [...tests.matchAll(/`([^`]+\.ts)`/g)].map(([, file = '']) => file);
    expect(files.length, promise).toBeGreaterThan(0);
    for (const file of files) expect(existsSync(join(root, file)), `${promise}: ${file}`).toBe(true);
  }
});
