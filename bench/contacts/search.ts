/**
 * Measures the search for contacts: how long searches take with the index, and before it, which is the baseline; and what the index costs an
 * import, as the share of the time in which its chunks are applied.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyRows, newImport, validRow } from '@tidings/contact-store/conformance/test/test-imports.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import {
  openEmbeddedContactStore,
  openPostgresContactStore,
} from '@tidings/contact-store/open-contact-store.ts';
import { startEngines } from '@tidings/testing/engines/start-engines.ts';
import { numberOption, percentile } from '../measure.ts';

const CHUNK = 1_000;
const OWNER = 'bench';

const firstNames = ['Anna', 'Jürgen', 'Søren', 'Olena', 'Wei', 'María', 'Chidi', 'Yuki', 'Priya', 'Łukasz'];
const endings = ['ber', 'dorf', 'enko', 'ez', 'field', 'holm', 'ing', 'ko', 'mann', 'ova', 'son', 'stein'];

/** Names that are spread as names are: few letters, many of them. */
function contactOf(number: number) {
  let mixed = Math.imul(number + 1, 2_654_435_761);
  const letter = () => {
    mixed = Math.imul(mixed ^ (mixed >>> 15), 2_246_822_519);
    return String.fromCharCode(97 + ((mixed >>> 8) % 26));
  };
  const lastName = `${letter().toUpperCase()}${letter()}${letter()}${endings[number % endings.length]}`;
  const firstName = firstNames[number % firstNames.length] ?? '';
  const phone = `+49151${String(10_000_000 + number).padStart(8, '0')}`;
  const email = `${lastName.toLowerCase()}.${number}@mail${number % 50}.example.org`;
  return { email, fields: { firstName, lastName, phone, company: `Company ${number % 5_000} ${lastName}` } };
}

/** What people type: names whole and in part, numbers, addresses; what few have, what all have, and what nobody has. */
function queriesOf(contacts: number): string[] {
  const some = [0.03, 0.41, 0.77].map((share) => contactOf(Math.floor(contacts * share)));
  const typed = some.flatMap(({ email, fields: { lastName, phone } }, index) => [
    lastName,
    lastName.slice(0, 3),
    `${firstNames[index]} ${lastName.slice(0, 2)}`,
    email,
    phone.replace('+49', '0'),
    `company ${index}7`,
  ]);
  return [...typed, 'muller', 'soren', 'example.org', 'a', 'mail7', 'zzz-nobody', 'Zyxwvut'];
}

/** `--rows 200000`; on PGlite, or by `--engines distributed` on PostgreSQL. */
export async function run(words: readonly string[]): Promise<void> {
  const rows = numberOption(words, 'rows', 200_000);
  const engines = words.includes('distributed') ? await startEngines({ postgres: true }) : null;
  const directory = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
  const store =
    engines === null
      ? await openEmbeddedContactStore(directory)
      : await openPostgresContactStore({ url: engines.databaseUrl });
  try {
    const applying = await timed(() => fill(store, rows));
    const before = await searchAll(store, rows, false);
    const indexing = await timed(() => index(store));
    const after = await searchAll(store, rows, true);
    console.log(
      `${rows} contacts: applied in ${applying.toFixed(1)} s, indexed afterwards in ${indexing.toFixed(1)} s ` +
        `(${((1e6 * indexing) / rows).toFixed(0)} µs each, ${(indexing / applying).toFixed(2)} of the time of their chunks)`,
    );
    console.log(
      `searches: p50 ${percentile(after, 0.5).toFixed(0)} ms, p95 ${percentile(after, 0.95).toFixed(0)} ms (to reach: 150); ` +
        `row by row p50 ${percentile(before, 0.5).toFixed(0)} ms, p95 ${percentile(before, 0.95).toFixed(0)} ms, ` +
        `ratio of the p95 ${(percentile(after, 0.95) / percentile(before, 0.95)).toFixed(3)}`,
    );
  } finally {
    await store.close();
    await engines?.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function fill(store: ContactStore, rows: number): Promise<void> {
  const run = newImport(OWNER);
  for (let chunk = 0; chunk * CHUNK < rows; chunk += 1) {
    const numbers = Array.from(
      { length: Math.min(CHUNK, rows - chunk * CHUNK) },
      (_, row) => chunk * CHUNK + row,
    );
    const valid = numbers.map((number, row) => {
      const { email, fields } = contactOf(number);
      return validRow(row, email, fields);
    });
    await applyRows(store, run, chunk, ...valid);
  }
}

async function index(store: ContactStore): Promise<void> {
  for (;;) {
    const batch = await store.indexContacts(CHUNK);
    if (batch?.waiting === 0) return;
  }
}

/** Milliseconds until each search has filled its first page, or has come to the end. Every one five times with the index; some of them once without it. */
async function searchAll(store: ContactStore, rows: number, indexed: boolean): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < (indexed ? 5 : 1); round += 1)
    for (const query of indexed ? queriesOf(rows) : queriesOf(rows).slice(0, 8)) {
      const start = performance.now();
      const found = await firstPage(store, query);
      times.push(performance.now() - start);
      if (round === 0) console.log(`  ${JSON.stringify(query)}: ${found} in ${times.at(-1)?.toFixed(0)} ms`);
    }
  return times;
}

async function firstPage(store: ContactStore, query: string): Promise<number> {
  const limit = 50;
  let found = 0;
  let cursor: string | undefined;
  do {
    const page = await store.listContacts({ owner: OWNER, query, cursor, limit: limit - found });
    found += page.items.length;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && found < limit);
  return found;
}
