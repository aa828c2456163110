import { fileURLToPath } from 'node:url';
import { spokenLanguages } from '@tidings/contracts/language.ts';
import { build, type Rollup } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

/** Bytes on the wire of the import page: the document, its scripts and its styles, at most. */
const MAX_PAGE_BYTES = 60_000;
/** Of these, bytes of styles. */
const MAX_STYLE_BYTES = 12_000;

const chunks = new Map<string, Rollup.OutputChunk>();
/** Bytes of each file as served to a client without Brotli: gzip, or as they are where a file is too small for that. */
const servedBytes = new Map<string, number>();
let html = '';

beforeAll(async () => {
  // Libraries keep their checks in a build for tests; users get the build for production.
  vi.stubEnv('NODE_ENV', 'production');
  const result = await build({
    configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
    build: { write: false },
    logLevel: 'error',
  });
  const outputs = Array.isArray(result) ? result : [result];
  const files = outputs.flatMap((output) => ('output' in output ? output.output : []));
  for (const file of files)
    servedBytes.set(file.fileName, file.type === 'chunk' ? file.code.length : file.source.length);
  for (const file of files) {
    if (file.type === 'chunk') chunks.set(file.fileName, file);
    else if (file.fileName === 'index.html') html = String(file.source);
    else if (file.fileName.endsWith('.gz'))
      servedBytes.set(file.fileName.slice(0, -'.gz'.length), file.source.length);
  }
});

afterAll(() => {
  vi.unstubAllEnvs();
});

/** The entry, and all that it imports before anything is shown. */
function initialChunks(): Rollup.OutputChunk[] {
  const waiting = [...chunks.values()].filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName);
  const found = new Set<string>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...(chunks.get(name)?.imports ?? []));
  }
  return [...chunks.values()].filter((chunk) => found.has(chunk.fileName));
}

describe('the built pages', () => {
  it('are few bytes as served: the import page with all that it loads for a first visit', () => {
    const scripts = initialChunks().map(({ fileName }) => fileName);
    const styles = [...html.matchAll(/href="\/(assets\/[^"]+\.css)"/g)].map(([, fileName = '']) => fileName);
    expect([scripts.length, styles.length].every((files) => files > 0)).toBe(true);
    const bytesOf = (files: readonly string[]) =>
      files.reduce((sum, file) => sum + (servedBytes.get(file) ?? Number.NaN), 0);
    expect(bytesOf(styles)).toBeGreaterThan(1_000);
    expect(bytesOf(styles)).toBeLessThanOrEqual(MAX_STYLE_BYTES);
    const page = bytesOf(['index.html', ...scripts, ...styles]);
    expect(page).toBeGreaterThan(10_000);
    expect(page).toBeLessThanOrEqual(MAX_PAGE_BYTES);
  });

  it('fetch the other pages, and the check of a file, only when they are wanted', () => {
    const lazy = [...chunks.values()].filter((chunk) => chunk.isDynamicEntry).map((chunk) => chunk.name);
    expect(lazy).toEqual(expect.arrayContaining(['contacts-route', 'support-route', 'check-step']));
    for (const chunk of initialChunks()) expect(lazy).not.toContain(chunk.name);
  });

  // Sixteen files made three rounds of a phone's network before anything was shown.
  it('come in few files, and what a channel needs is fetched after them', () => {
    const scripts = initialChunks();
    expect(scripts.length).toBeLessThanOrEqual(2);
    const ofSockets = (id: string) => id.includes('/socket.io-client/');
    expect([...chunks.values()].flatMap(({ moduleIds }) => moduleIds).some(ofSockets)).toBe(true);
    expect(scripts.flatMap(({ moduleIds }) => moduleIds).filter(ofSockets)).toEqual([]);
  });

  // Three files of words made two more rounds of a phone's network before a page in another language was shown.
  it('have the words of each language in one file, which the services know by its name', () => {
    for (const language of spokenLanguages.filter((tag) => tag !== 'en')) {
      const named = [...chunks.values()].filter(({ name }) => name === `words-${language}`);
      expect([language, named.length]).toEqual([language, 1]);
      const [words] = named;
      const shown = new Set([...initialChunks().map(({ fileName }) => fileName), words?.fileName]);
      expect(words?.imports.filter((fileName) => !shown.has(fileName))).toEqual([]);
      expect(words?.moduleIds.filter((id) => /\/(contacts|support)\.ts$/.test(id))).toEqual([]);
    }
  });

  it('carry no schema library', () => {
    for (const { modules, fileName } of chunks.values()) {
      expect(
        Object.keys(modules).filter((id) => id.includes('/node_modules/zod/')),
        fileName,
      ).toEqual([]);
    }
  });

  it('hold no inline script and no inline style, which the content policy would refuse', () => {
    expect(html).toContain('<script type="module"');
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
  });
});
