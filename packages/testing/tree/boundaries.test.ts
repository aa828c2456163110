/**
 * Compares the table “Who may import whom” of ARCHITECTURE with every import, and what each package declares and
 * exports with what it uses and what others use of it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isTestOnly, packageOf, readSources, root, type Source } from './sources.ts';

const sources = readSources();
const byPath = new Map(sources.map((source) => [source.path, source]));
const product = sources.filter(({ path }) => !isTestOnly(path));

interface Row {
  readonly room: string;
  /** null: everything. */
  readonly mayImport: ReadonlySet<string> | null;
  readonly external: ReadonlySet<string> | null;
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Longest room first: the first that matches a path is the one that speaks for it. */
const table = readTable().sort((one, other) => other.room.length - one.room.length);

describe('the table of ARCHITECTURE', () => {
  test('names rooms that exist, and every package and service', () => {
    for (const { room } of table) expect(existsSync(join(root, room)), room).toBe(true);
    const rooms = new Set(table.map(({ room }) => room));
    const missing = new Set(
      sources.map(({ path }) => packageOf(path)).filter((name) => name !== '' && !rooms.has(name)),
    );
    expect([...missing]).toEqual([]);
  });

  test('allows every import of a package of ours', () => {
    const forbidden = product.flatMap((source) =>
      source.imports
        .filter(({ target }) => target !== null && !mayImport(source.path, target))
        .map(({ specifier }) => `${source.path} imports ${specifier}`),
    );
    expect(forbidden).toEqual([]);
  });

  test('allows every import of a package of others that it reserves for a room', () => {
    const reserved = new Set(table.flatMap(({ external }) => [...(external ?? [])]));
    const forbidden = product.flatMap(({ path, imports }) => {
      const { external } = rowOf(path);
      return imports
        .map(({ specifier }) => nameOf(specifier))
        .filter((name) => external !== null && reserved.has(name) && !external.has(name))
        .map((name) => `${path} imports ${name}`);
    });
    expect(forbidden).toEqual([]);
  });

  test('lets no product file import what only tests need', () => {
    const forbidden = product.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target !== null && isTestOnly(target))
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    expect(forbidden).toEqual([]);
  });
});

describe('imports', () => {
  test('reach into another package by its name, never by its path', () => {
    const relative = sources
      .filter(({ path }) => path.endsWith('.ts') || path.endsWith('.tsx'))
      .flatMap(({ path, imports }) =>
        imports
          .filter(
            ({ specifier, target }) =>
              specifier.startsWith('.') && target !== null && packageOf(target) !== packageOf(path),
          )
          .map(({ specifier }) => `${path} imports ${specifier}`),
      );
    expect(relative).toEqual([]);
  });

  test('give the pages one way to the server: the client library', () => {
    const pages = product.filter(({ path }) => path.startsWith('web-client/') && /\.tsx?$/.test(path));
    expect(pages.length).toBeGreaterThan(50);
    const byThemselves = /\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon)\s*\(|socket\.io/;
    expect(pages.filter(({ text }) => byThemselves.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('bring no schema library into the pages', () => {
    const reached = new Set(['web-client/main.tsx']);
    const external = new Set<string>();
    for (const path of reached) {
      for (const { specifier, target, typeOnly } of byPath.get(path)?.imports ?? []) {
        if (typeOnly) continue;
        if (target === null) external.add(nameOf(specifier));
        else reached.add(target);
      }
    }
    expect(reached.size).toBeGreaterThan(20);
    expect([...external].sort()).toEqual(['@preact/signals', 'preact', 'socket.io-client']);
  });
});

describe.each(packages())('%s', (folder) => {
  const manifest = readManifest(folder);
  const own = sources.filter(({ path }) => packageOf(path) === folder);
  const isPages = folder === 'web-client' || folder === 'packages/testing';

  test('declares what its product imports, and nothing else', () => {
    const used = externalOf(own.filter(({ path }) => !isTestOnly(path) && !isBuildTool(path)));
    if (isPages) expect(manifest.dependencies ?? {}).toEqual({});
    else expect(Object.keys(manifest.dependencies ?? {}).sort()).toEqual([...used].sort());
  });

  test('declares what its tests and tools import besides, and nothing else', () => {
    const used = externalOf(own);
    for (const name of Object.keys(manifest.dependencies ?? {})) used.delete(name);
    expect(Object.keys(manifest.devDependencies ?? {}).sort()).toEqual([...used].sort());
  });

  test('exports what others import, and nothing else', () => {
    const exported = Object.values(manifest.exports ?? {}).map(
      (path) => `${folder}/${path.replace('./', '')}`,
    );
    const imported = new Set(
      sources
        .filter(({ path }) => packageOf(path) !== folder)
        .flatMap(({ imports }) => imports.flatMap(({ target }) => target ?? []))
        .filter((target) => packageOf(target) === folder && !target.endsWith('.mjs')),
    );
    expect(exported.filter((path) => !path.endsWith('.mjs')).sort()).toEqual([...imported].sort());
  });
});

test('every package names one version of what several of them use', () => {
  const versions = new Map<string, Set<string>>();
  for (const folder of ['', ...packages()]) {
    const { dependencies = {}, devDependencies = {} } = readManifest(folder);
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  expect([...versions].filter(([, found]) => found.size > 1)).toEqual([]);
});

function readTable(): Row[] {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const [, section = ''] = /^## Who may import whom$([\s\S]*?)^## /m.exec(text) ?? [];
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) => {
    const [, room = '', mayImport = '', external = ''] = line.split('|');
    return { room: namesIn(room)[0] ?? '', mayImport: readCell(mayImport), external: readCell(external) };
  });
}

function readCell(cell: string): ReadonlySet<string> | null {
  return cell.trim() === 'everything' ? null : new Set(namesIn(cell));
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

function rowOf(path: string): Row {
  const row = table.find(({ room }) => path.startsWith(`${room}/`));
  // Files of the root belong to no room: they configure tools.
  return row ?? { room: '', mayImport: null, external: null };
}

function mayImport(path: string, target: string): boolean {
  const { mayImport: allowed } = rowOf(path);
  if (packageOf(target) === packageOf(path) || allowed === null) return true;
  return [...allowed].some((room) => target.startsWith(`${room}/`));
}

function nameOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

/** Programs that run before the build, and make it. */
function isBuildTool(path: string): boolean {
  return path.endsWith('.mjs') || path.endsWith('/vite.config.ts');
}

function externalOf(files: readonly Source[]): Set<string> {
  const names = files.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .map(({ specifier }) => nameOf(specifier))
      .filter((name) => name !== readManifest(packageOf(path)).name),
  );
  return new Set(names);
}

function packages(): string[] {
  const folders = new Set(sources.map(({ path }) => packageOf(path)));
  return [...folders]
    .filter((folder) => folder !== '' && existsSync(join(root, folder, 'package.json')))
    .sort();
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}
