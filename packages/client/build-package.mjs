// Makes the package that is published, `dist/`: `npm publish packages/client/dist`. It needs nothing of this repository. What the client
// takes from the other workspaces is in its files; the workspace itself stays private.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const workspace = fileURLToPath(new URL('.', import.meta.url));
const root = join(workspace, '..', '..');
/** What a program imports, by the name behind `@tidings/client`. */
const entries = { index: '.', serve: './serve', support: './support' };
const siblings = ['contracts', 'failures'];

/** @param {string} folder is replaced */
export async function buildPackage(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await compile(folder);
  declareTypes(folder);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(createManifest(), null, 2)}\n`);
  cpSync(join(workspace, 'README.md'), join(folder, 'README.md'));
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
}

/** @param {string} folder */
async function compile(folder) {
  const bundle = await rolldown({
    cwd: workspace,
    input: Object.fromEntries(Object.keys(entries).map((name) => [name, `./${name}.ts`])),
    external: ['socket.io-client'],
    resolve: {
      alias: Object.fromEntries(siblings.map((name) => [`@tidings/${name}`, join(workspace, '..', name)])),
    },
    platform: 'neutral',
    transform: { target: 'es2022' },
    logLevel: 'warn',
  });
  await bundle.write({ dir: folder, format: 'esm', chunkFileNames: '[hash].js', minify: true });
  await bundle.close();
}

/**
 * Types of the client and of what it takes from its siblings, each file on its own. Their imports lead to each other.
 * @param {string} folder
 */
function declareTypes(folder) {
  const types = join(folder, 'types');
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [compiler, '-p', workspace, '--outDir', types],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The types of the client do not compile:\n${stdout}${stderr}`);
  for (const name of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const path = join(types, name);
    writeFileSync(path, withRelativeImports(readFileSync(path, 'utf8'), name));
  }
}

/** `from '@tidings/contracts/x.ts'`, `from './x.ts'`, and the same in `import()` of a type. */
const SPECIFIER = /(?<=\bfrom |\bimport\()(["'])(@tidings\/|\.\.?\/)([\w./-]+)\.ts\1/g;

/**
 * The text of a file of types, with imports that lead from file to file.
 * @param {string} text
 * @param {string} name of the file, from the folder of all types
 */
function withRelativeImports(text, name) {
  const toTypes = '../'.repeat(name.split(sep).length - 1);
  return text.replace(SPECIFIER, (_match, quote, start, path) => {
    return `${quote}${start === '@tidings/' ? toTypes : start}${path}.js${quote}`;
  });
}

function createManifest() {
  const { name, version, description, type, dependencies } = readManifest(workspace);
  const { license, engines } = readManifest(root);
  const others = Object.entries(dependencies).filter(([dependency]) => !dependency.startsWith('@tidings/'));
  return {
    name,
    version,
    description,
    license,
    type,
    sideEffects: false,
    engines,
    files: ['*.js', 'types'],
    types: './types/client/index.d.ts',
    exports: {
      ...Object.fromEntries(Object.entries(entries).map(([file, path]) => [path, exportOf(file)])),
      './package.json': './package.json',
    },
    dependencies: Object.fromEntries(others.map(([dependency, exact]) => [dependency, `^${exact}`])),
    publishConfig: { access: 'public' },
  };
}

/** @param {string} file */
function exportOf(file) {
  return { types: `./types/client/${file}.d.ts`, default: `./${file}.js` };
}

/**
 * @param {string} folder
 * @returns {Record<'name' | 'version' | 'description' | 'type' | 'license', string> & Record<'dependencies' | 'engines', Record<string, string>>}
 */
function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPackage(join(workspace, 'dist'));
