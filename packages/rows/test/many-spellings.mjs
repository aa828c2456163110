/** Looks up spellings that are cut out of many large chunks: a thread of a test, whose memory is bounded. */
import { parentPort } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

// Worker threads cannot load TypeScript on Node 20 by themselves.
register();
const { CountryDirectory } = await import('../country-directory.ts');

const CHUNKS = 2_000;
const empty = { get: () => undefined, entries: () => [], onChange: () => undefined };
const directory = new CountryDirectory(empty, empty);
let countries = 0;
for (let number = 0; number < CHUNKS; number += 1) {
  const chunk = Buffer.alloc(110_000, `no country ${number}, `).toString('latin1');
  for (const length of [150, 100_000]) if (directory.codeOf(chunk.slice(0, length)) !== null) countries += 1;
}
parentPort?.postMessage({ chunks: CHUNKS, countries });
