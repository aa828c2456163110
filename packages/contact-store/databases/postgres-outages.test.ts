/** After an outage of the server each chunk is applied whole or not at all, and the totals are exact once all are delivered again. */

import { type Engines, startEngines } from '@tidings/testing/engines/start-engines.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { randomNumbers, seedOf } from '@tidings/testing/random.ts';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { ChunkToApply, ValidRow } from '../chunk-to-apply.ts';
import { importWholeFile } from '../conformance/models/bucket-rule-model.ts';
import {
  chunkOf,
  contactsOf,
  newImport,
  sumOf,
  type TestImport,
  validRow,
} from '../conformance/test/test-imports.ts';
import type { ContactStore } from '../contact-store.ts';
import { ContactStoreError } from '../contact-store-error.ts';
import { openPostgresContactStore } from '../open-contact-store.ts';
import { type PageToUndo, UNDO_PAGE_CONTACTS } from '../undo-page.ts';
import { openPostgres, type PostgresOptions } from './postgres.ts';

const SLOW = 180_000;
const WORKERS = 3;
const CHUNKS = 24;
const CHUNK_ROWS = 40;
/** Fewer contacts than rows, so that several chunks write the same contacts. */
const CONTACTS = 300;

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines({ postgres: true });
}, 300_000);
afterAll(() => engines.stop());

async function openStore(options: Partial<PostgresOptions> = {}): Promise<ContactStore> {
  const store = await openPostgresContactStore({
    url: engines.databaseUrl,
    connections: WORKERS,
    ...options,
  });
  onTestFinished(() => store.close());
  return store;
}

function fileRows(): ValidRow[] {
  return Array.from({ length: CHUNKS * CHUNK_ROWS }, (_, row) =>
    validRow(row, `c${(row * 7) % CONTACTS}@example.org`, {
      firstName: `Row ${row}`,
      'attributes.n': `${row % 5}`,
    }),
  );
}

function chunksOf(run: TestImport): ChunkToApply[] {
  const rows = fileRows();
  return Array.from({ length: CHUNKS }, (_, chunk) =>
    chunkOf(run, chunk, rows.slice(chunk * CHUNK_ROWS, (chunk + 1) * CHUNK_ROWS)),
  );
}

interface Progress {
  acknowledged: number;
  failures: number;
}

/** Delivers every chunk until it is acknowledged. Every failure must be retriable. */
async function deliverAll(store: ContactStore, chunks: readonly ChunkToApply[], progress: Progress) {
  const queue = [...chunks];
  const work = async () => {
    for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
      try {
        await store.applyChunk(chunk);
        progress.acknowledged += 1;
      } catch (error) {
        if (!(error instanceof ContactStoreError) || !error.retriable) throw error;
        progress.failures += 1;
        queue.push(chunk);
      }
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
}

/**
 * Repeats a query until it is answered. A connection that the server has ended may show that only at its next use, which may be
 * this query instead of the import.
 */
async function answered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ContactStoreError) || !error.retriable) throw error;
    }
  }
}

/** Delivers each chunk once more: the ledger must know it, and the deltas must sum to the totals of one whole import. */
async function expectExact(store: ContactStore, run: TestImport, chunks: readonly ChunkToApply[]) {
  const answers = await Promise.all(chunks.map((chunk) => answered(() => store.applyChunk(chunk))));
  expect(answers.every(({ replayed }) => replayed)).toBe(true);
  const model = importWholeFile(new Map(), fileRows());
  const totals = sumOf(answers.map(({ delta }) => delta));
  expect(totals).toMatchObject(model.totals);
  expect(await answered(() => store.ledgerTotals(run.importId, run.uploadId))).toEqual({
    chunks: CHUNKS,
    rows: CHUNKS * CHUNK_ROWS,
    delta: totals,
  });
  expect(await answered(() => contactsOf(store, run.owner))).toEqual(model.contacts);
}

test('connections ended at random moments leave every chunk whole or not at all', {
  timeout: SLOW,
}, async () => {
  const numbers = randomNumbers(seedOf('SEED'));
  const random = (bound: number) => Math.floor(numbers() * bound);
  const applicationName = 'to-be-ended';
  const store = await openStore({ applicationName });
  const admin = openPostgres({ url: engines.databaseUrl, connections: 1 });
  onTestFinished(() => admin.close());
  let ended = 0;
  while (ended < 40) {
    const run = newImport();
    const chunks = chunksOf(run);
    let busy = true;
    const progress: Progress = { acknowledged: 0, failures: 0 };
    const delivering = deliverAll(store, chunks, progress).finally(() => {
      busy = false;
    });
    while (busy) {
      // Several queries take the place of a pause, so that the outage comes at a random moment among the running chunks.
      for (let left = random(8); left > 0; left -= 1) await admin.query('SELECT 1');
      const { affected } = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = $1 AND state IN ('active', 'idle in transaction') LIMIT 1`,
        [applicationName],
      );
      ended += affected;
    }
    await delivering;
    expect(progress.acknowledged).toBe(CHUNKS);
    await expectExact(store, run, chunks);
  }
});

test('a server killed in mid-import leaves every chunk whole or not at all', { timeout: SLOW }, async () => {
  const store = await openStore();
  for (const after of [1, 5, 11]) {
    const run = newImport();
    const chunks = chunksOf(run);
    const progress: Progress = { acknowledged: 0, failures: 0 };
    const delivering = deliverAll(store, chunks, progress);
    await eventually(() => expect(progress.acknowledged).toBeGreaterThanOrEqual(after), {
      withinMs: SLOW,
      everyMs: 1,
    });
    await engines.postgres.kill();
    await eventually(() => expect(progress.failures).toBeGreaterThan(0), { withinMs: SLOW });
    await engines.postgres.restart();
    await delivering;
    await expectExact(store, run, chunks);
  }
});

test('a server killed in the middle of each page of an undo leaves the page whole or not at all', {
  timeout: SLOW,
}, async () => {
  const store = await openStore();
  const run = newImport();
  const rows = Array.from({ length: UNDO_PAGE_CONTACTS + 2_000 }, (_, row) =>
    validRow(row, `p${row}@example.org`, { firstName: 'Anna' }),
  );
  for (let from = 0; from < rows.length; from += 1_000)
    await answered(() => store.applyChunk(chunkOf(run, from / 1_000, rows.slice(from, from + 1_000))));
  const undoId = newImport().importId;
  let reversed = 0;
  let after: string | null = null;
  for (let page = 0; page < 2; page += 1) {
    const wanted: PageToUndo = { ...run, undoId, run: 1, page, after };
    const broken = store.undoPage(wanted).catch((error: unknown) => error);
    await engines.postgres.kill();
    await broken;
    await engines.postgres.restart();
    const done = await answered(() => store.undoPage(wanted));
    reversed += done.reversed;
    after = done.next;
  }
  expect({ reversed, after }).toEqual({ reversed: rows.length, after: null });
  expect(await answered(() => contactsOf(store, run.owner))).toEqual(new Map());
});

test('idle connections that are lost are replaced', { timeout: SLOW }, async () => {
  const warn = vi.fn();
  const store = await openStore({ logger: { info: () => undefined, warn } });
  await Promise.all([store.ping(), store.ping(), store.ping()]);
  await engines.postgres.kill();
  await eventually(() => expect(warn).toHaveBeenCalled(), { withinMs: SLOW });
  await expect(store.ping()).rejects.toMatchObject({ code: 'store_unavailable', retriable: true });
  await engines.postgres.restart();
  await expect(store.ping()).resolves.toBeUndefined();
});

test('calls to a frozen server fail in bounded time, and succeed once it runs again', {
  timeout: SLOW,
}, async () => {
  const store = await openStore({ connections: 2, statementTimeoutMs: 500, connectTimeoutMs: 500 });
  await Promise.all([store.ping(), store.ping()]);
  const run = newImport();
  const [first, ...others] = chunksOf(run);
  if (first === undefined) throw new Error('There is no chunk.');
  const unavailable = { name: 'ContactStoreError', code: 'store_unavailable' };
  engines.postgres.pause();
  try {
    const calls = [
      store.applyChunk(first),
      store.ping(),
      store.ping(),
      store.getContact(run.owner, run.importId),
    ];
    const results = await Promise.allSettled(calls);
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: unavailable });
    // No connection is left now, and a new one cannot be opened.
    await expect(store.ping()).rejects.toMatchObject(unavailable);
  } finally {
    engines.postgres.resume();
  }
  const chunks = [first, ...others];
  await deliverAll(store, chunks, { acknowledged: 0, failures: 0 });
  await expectExact(store, run, chunks);
});

test('a statement that takes too long is broken off by the server', async () => {
  const database = openPostgres({ url: engines.databaseUrl, connections: 1, statementTimeoutMs: 100 });
  onTestFinished(() => database.close());
  await expect(database.query('SELECT pg_sleep(60)')).rejects.toMatchObject({
    code: 'store_unavailable',
    cause: { code: '57014' },
  });
  expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
