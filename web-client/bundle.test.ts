import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

/** Bytes of JavaScript, compressed, that stand between the address and the drop zone, at most. */
const MAX_INITIAL_BYTES = 45 * 1024;

const chunks = new Map<string, Rollup.OutputChunk>();
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
  for (const file of outputs.flatMap((output) => ('output' in output ? output.output : []))) {
    if (file.type === 'chunk') chunks.set(file.fileName, file);
    else if (file.fileName === 'index.html') html = String(file.source);
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
  it('start with little JavaScript', () => {
    const initial = initialChunks();
    const bytes = initial.reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0);
    expect(initial.length).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(10 * 1024);
    expect(bytes).toBeLessThanOrEqual(MAX_INITIAL_BYTES);
  });

  it('fetch the other pages, and the reading of files, only when they are wanted', () => {
    const lazy = [...chunks.values()].filter((chunk) => chunk.isDynamicEntry).map((chunk) => chunk.name);
    expect(lazy).toEqual(expect.arrayContaining(['contacts-route', 'support-route', 'preview']));
    for (const chunk of initialChunks()) expect(lazy).not.toContain(chunk.name);
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
