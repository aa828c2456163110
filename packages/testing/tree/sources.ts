/** Reads the sources of the tree as text: the files, and what each imports. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Source {
  /** Relative to the root, with `/` between the parts. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** The text between the quotes. */
  readonly specifier: string;
  /** Whether the compiler drops the import. */
  readonly typeOnly: boolean;
  /** The path of our file, relative to the root; null where the specifier names a package of npm or a module of Node.js. */
  readonly target: string | null;
}

const IGNORED = new Set(['node_modules', 'dist', 'data', 'artifacts', '.git']);
const IMPORT =
  /(?:^|[\s;}])(?:(?:import|export)\s(?<names>[^'"`;]*?)\bfrom\s*|import\s*|import\()'(?<specifier>[\w@./:-]+)'/g;
/** What CommonJS gives, by `createRequire`. */
const REQUIRE =
  /\b(?:require|require\.resolve|\(import\.meta\.url\)(?:\.resolve)?)\(\s*'(?<specifier>[\w@./:-]+)'/g;

/** Every TypeScript and JavaScript file of the repository. */
export function readSources(): readonly Source[] {
  return listFiles('')
    .filter((path) => /\.(?:ts|tsx|mjs)$/.test(path))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

/** Every file of the repository below a folder, but what is installed, built or made by a run. */
export function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (IGNORED.has(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

function importsOf(path: string, text: string): Import[] {
  const found: Import[] = [];
  for (const { groups } of [...text.matchAll(IMPORT), ...text.matchAll(REQUIRE)]) {
    const { names = '', specifier = '' } = groups ?? {};
    found.push({ specifier, typeOnly: isTypeOnly(names), target: targetOf(path, specifier) });
  }
  return found;
}

function isTypeOnly(names: string): boolean {
  if (/^type\s/.test(names)) return true;
  const inner = /^\{(.*)\}\s*$/s.exec(names)?.[1]?.split(',') ?? [''];
  return inner.every((name) => name.trim() === '' || /^\s*type\s/.test(name)) && names !== '';
}

function targetOf(path: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier);
  // Examples are programs of others, who install the published client.
  if (path.startsWith('examples/')) return null;
  const [, name = '', rest = ''] = /^@tidings\/([^/]+)\/(.+)$/.exec(specifier) ?? [];
  return name === '' ? null : posix.join(folderOf(name), rest);
}

/** The folder of a package of ours, from the root. */
export function folderOf(name: string): string {
  return services.has(name) ? name : `packages/${name}`;
}

const services: ReadonlySet<string> = new Set(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] }).workspaces,
);

/** The package that a file belongs to: `hub`, `packages/csv`, …; `e2e` and `bench` count as one each, the root as ``. */
export function packageOf(path: string): string {
  const [first = '', second = '', ...rest] = path.split('/');
  if (first === 'packages') return `packages/${second}`;
  return second === '' && rest.length === 0 ? '' : first;
}

/** Whether the file runs in tests alone. */
export function isTestOnly(path: string): boolean {
  return /\.test\.tsx?$|(?:^|\/)(?:test|conformance|states)\/|^(?:e2e|bench|packages\/testing)\//.test(path);
}
