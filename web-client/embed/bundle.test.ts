import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BuiltFile, buildElement } from './build-element.mjs';

/** Bytes on the wire of the script with all that it loads before anything is shown, as gzip, at most. */
const MAX_SCRIPT_BYTES = 60_000;
const SCRIPT = 'tidings-import.js';

let files: readonly BuiltFile[] = [];
beforeAll(async () => {
  files = await buildElement();
});

function loadedBy(entry: string): BuiltFile[] {
  const names = new Set([entry]);
  for (const name of names) for (const one of fileNamed(name).imports) names.add(one);
  return [...names].map(fileNamed);
}

function fileNamed(name: string): BuiltFile {
  const file = files.find((one) => one.name === name);
  if (file === undefined) throw new Error(`${name} is not built`);
  return file;
}

const codeOf = ({ bytes }: BuiltFile) => Buffer.from(bytes).toString();

describe('the script of the element', () => {
  it('has a name that stays, and parts whose names change with their content', () => {
    const parts = files.map(({ name }) => name).filter((name) => name !== SCRIPT);
    expect(files.length - parts.length).toBe(1);
    expect(parts.length).toBeGreaterThan(5);
    for (const name of parts) expect(name).toMatch(/^assets\/[\w.-]+-[A-Z\d]{8}\.js$/);
  });

  it('is few bytes as served, and fetches the later steps when they are wanted', () => {
    const first = loadedBy(SCRIPT);
    const bytes = first.reduce((sum, file) => sum + gzipSync(file.bytes, { level: 9 }).length, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
    const names = first.map(({ name }) => name);
    for (const step of ['check-step', 'import-run', 'fix-table', 'german']) {
      const later = files.filter(({ name }) => name.startsWith(`assets/${step}-`));
      expect([step, later.length, later.some(({ name }) => names.includes(name))]).toEqual([step, 1, false]);
    }
  });

  it('carries its styles as text, and adds no element to the head of the page', () => {
    const code = files.map(codeOf).join('\n');
    expect(code).toContain('adoptedStyleSheets');
    expect(code).toContain('--tidings-accent');
    expect(code).not.toMatch(/createElement\(\s*["'`](?:style|link|script)|document\.head/);
  });

  it('finds its parts from where it stands', () => {
    expect(codeOf(fileNamed(SCRIPT))).toMatch(/import\(["'`]\.\/assets\//);
    expect(files.map(codeOf).join('\n')).not.toMatch(/import\(["'`]\//);
  });

  it('carries no schema library', () => {
    expect(files.map(codeOf).join('\n')).not.toContain('ZodError');
  });
});

it('the tokens that a page may set are those of the pages', () => {
  const theme = readFileSync(new URL('../shell/styles/theme.css', import.meta.url), 'utf8');
  const guide = readFileSync(new URL('../../docs/embedding.md', import.meta.url), 'utf8');
  const tokens = new Set([...theme.matchAll(/^\s+--([\w-]+):/gm)].map(([, name = '']) => name));
  const named = [...guide.matchAll(/`--tidings-([\w-]+)`/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((name) => name !== 'rem' && !tokens.has(name))).toEqual([]);
});
