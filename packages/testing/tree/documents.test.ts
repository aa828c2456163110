/** Expects that what the documents name between backticks is there: files by their paths, and names by the sources. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listFiles, root } from './sources.ts';

const files = listFiles('');
/** The changelog tells of what was. */
const documents = files.filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md');
const sources = files.filter(
  (path) =>
    /(?:\.(?:tsx?|m?js|json|css|html|yml|template|conf|sh|py)|Dockerfile)$/.test(path) &&
    !/package-lock|\/(?:openapi|asyncapi|documents\.test)\./.test(path),
);

/** Files that Tidings writes when it runs. */
const WRITTEN: ReadonlySet<string> = new Set(['DATA_DIR/secrets.json', 'e2e/artifacts/pages/index.html']);

/** Names of other programs, each with whose it is. */
const FOREIGN: Readonly<Record<string, string>> = {
  AsyncClient: 'python-socketio',
  INCONSISTENT_GROUP_PROTOCOL: 'Kafka',
  ip_local_port_range: 'Linux',
  max_connections: 'PostgreSQL',
  murmur2_random: 'librdkafka',
  newListener: 'Node.js',
  process_resident_memory_bytes: 'prom-client',
};

interface Quoted {
  readonly document: string;
  readonly text: string;
}

/** What stands between backticks in a line, outside of blocks of code. */
const quoted: readonly Quoted[] = documents.flatMap((document) => {
  const text = readFileSync(join(root, document), 'utf8').replace(/^```.*?^```/gms, '');
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, found = '']) => ({ document, text: found }));
});

test('every file that a document names is there', () => {
  const paths = quoted.filter(({ text }) =>
    /^[\w.-]+\/[\w./-]*\.(?:css|html|json|md|mjs|tsx?|yml)$/.test(text),
  );
  expect(paths.length).toBeGreaterThan(300);
  const isThere = (path: string): boolean =>
    WRITTEN.has(path) || files.some((file) => file === path || file.endsWith(`/${path}`));
  expect(paths.filter(({ text }) => !isThere(text))).toEqual([]);
});

test('every name in camel case or with an underscore that a document has stands in a source', () => {
  const words = /[A-Za-z_$][\w$]*/g;
  const known = new Set(sources.flatMap((path) => readFileSync(join(root, path), 'utf8').match(words) ?? []));
  const named = quoted.flatMap(({ document, text }) =>
    (text.match(words) ?? []).filter((name) => /[a-z][A-Z]|_/.test(name)).map((name) => ({ document, name })),
  );
  expect(named.length).toBeGreaterThan(500);
  const missing = named.filter(({ name }) => !known.has(name));
  expect(missing.filter(({ name }) => !(name in FOREIGN))).toEqual([]);
  expect(Object.keys(FOREIGN).filter((name) => !missing.some((found) => found.name === name))).toEqual([]);
});
