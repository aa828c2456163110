// Builds the script of the element: one file whose name stays, and parts with a hash in their names, which it fetches from beside it. The
// pages' own tool would write into the page around: it preloads by elements of the page's head.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import { forShadow } from './for-shadow.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** Browsers that know `light-dark()`, by which the element follows the page around it. */
const browsers = ['chrome123', 'firefox120', 'safari17.5'];
/** Bytes below which compressing saves nothing. */
const LEAST_COMPRESSED = 512;

/** @typedef {{ readonly name: string, readonly bytes: Uint8Array, readonly imports: readonly string[] }} BuiltFile */

/** @returns {Promise<BuiltFile[]>} the files, each with those that it loads with itself */
export async function buildElement() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    entryPoints: ['tidings-import.ts'],
    outdir: 'built',
    entryNames: '[name]',
    chunkNames: 'assets/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'browser',
    format: 'esm',
    target: browsers,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'error',
    plugins: [adoptedStyles()],
  });
  return Object.entries(metafile.outputs).flatMap(([path, { imports }]) => {
    const file = outputFiles.find((one) => one.path === join(folder, path));
    if (file === undefined) return [];
    const loaded = imports.filter(({ kind }) => kind === 'import-statement').map((one) => nameOf(one.path));
    return [{ name: nameOf(path), bytes: file.contents, imports: loaded }];
  });
}

/** @param {string} path */
function nameOf(path) {
  return path.replace(/^built\//, '');
}

/**
 * Writes the files, each also as Brotli and gzip.
 * @param {string} target a folder, which is replaced
 */
export async function writeElement(target) {
  const files = (await buildElement()).flatMap(({ name, bytes }) => {
    const plain = { name, bytes };
    if (bytes.length < LEAST_COMPRESSED) return [plain];
    const compressed = { name: `${name}.gz`, bytes: gzipSync(bytes, { level: 9 }) };
    return [plain, compressed, { name: `${name}.br`, bytes: brotliCompressSync(bytes) }];
  });
  // All at once, because two starts may build at the same time. The script comes last: its date says when all of it was built.
  rmSync(target, { recursive: true, force: true });
  for (const { name, bytes } of files.sort((a, b) => b.name.length - a.name.length)) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileSync(join(target, name), bytes);
  }
}

/**
 * An imported style sheet becomes one that every element adopts.
 * @returns {import('esbuild').Plugin}
 */
function adoptedStyles() {
  return {
    name: 'adopted-styles',
    setup(plugins) {
      plugins.onLoad({ filter: /\.css$/ }, async ({ path }) => {
        const text = forShadow(readFileSync(path, 'utf8'), path.endsWith('theme.css'));
        const { code } = await transform(text, { loader: 'css', minify: true, target: browsers });
        const registry = JSON.stringify(join(folder, 'styles.ts'));
        return {
          contents: `import { addStyles } from ${registry};\naddStyles(${JSON.stringify(code.trim())});`,
        };
      });
    },
  };
}
