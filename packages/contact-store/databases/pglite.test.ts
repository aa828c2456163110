import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { copyEmptyContactStore } from '@tidings/testing/empty-contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { expect, onTestFinished, test } from 'vitest';
import { describeContactStore } from '../conformance/describe-contact-store.ts';
import { applyRows, contactsOf, newImport, validRow } from '../conformance/test/test-imports.ts';
import { foldedOf } from '../conformance/test/test-projections.ts';
import { undoWhole } from '../conformance/test/test-undo.ts';
import { createContactStore, openEmbeddedContactStore } from '../open-contact-store.ts';
import type { Queryable } from './database.ts';
import { migrate } from './migrations.ts';
import { openPglite } from './pglite.ts';
import { migrations } from './schema.ts';

describeContactStore('PGlite', () => openPglite('memory'), 60);

/** Opening a folder takes seconds, and the tests open several on a busy machine. */
const SLOW = 300_000;

test('a folder keeps its contacts', { timeout: SLOW }, async () => {
  const folder = await temporaryFolder();
  const run = newImport();
  const first = await openEmbeddedContactStore(folder);
  await applyRows(first, run, 0, validRow(0, 'a@example.org', { firstName: 'Anna' }));
  await first.close();
  await first.close();
  await expect(first.ping()).rejects.toMatchObject({ code: 'store_closed', retriable: false });
  const second = await openEmbeddedContactStore(folder);
  onTestFinished(() => second.close());
  expect(await contactsOf(second, run.owner)).toEqual(new Map([['a@example.org', { firstName: 'Anna' }]]));
  expect(
    (await applyRows(second, run, 0, validRow(0, 'a@example.org', { firstName: 'Anna' }))).replayed,
  ).toBe(true);
});

test('a layout has every trait of rejected rows where an earlier release applied a chunk', {
  timeout: SLOW,
}, async () => {
  const database = await openPglite('memory');
  onTestFinished(() => database.close());
  await migrate(database, migrations.slice(0, 2));
  const { importId, uploadId, owner } = newImport();
  await database.query(
    `INSERT INTO import_gates (import_id, owner, state, header) VALUES ($1, $2, 'open', '["email"]')`,
    [importId, owner],
  );
  await database.query(
    `INSERT INTO chunk_ledger (import_id, upload_id, chunk, first_line, rows, applied, created) VALUES ($1, $2, 0, 2, 3, true, 3)`,
    [importId, uploadId],
  );
  await migrate(database);
  const store = createContactStore(database);
  expect((await store.importLayout(importId))?.rejected).toEqual({ surplusCells: true, recordFaults: true });
  expect(await store.ledgerTotals(importId, uploadId)).toMatchObject({ chunks: 1, rows: 3 });
});

test('an import of an earlier release can be undone: what it created, and what it changed', {
  timeout: SLOW,
}, async () => {
  const database = await openPglite('memory');
  onTestFinished(() => database.close());
  await migrate(database, migrations.slice(0, 4));
  const run = newImport();
  const { importId, uploadId, owner } = run;
  await database.query(
    `INSERT INTO import_gates (import_id, owner, state, header) VALUES ($1, $2, 'open', '["email"]')`,
    [importId, owner],
  );
  await database.query(
    `INSERT INTO chunk_ledger (import_id, upload_id, chunk, first_line, rows) VALUES ($1, $2, 0, 2, 2), ($1, $2, 1, 4, 2)`,
    [importId, uploadId],
  );
  await database.query(
    `INSERT INTO contacts SELECT gen_random_uuid(), $1, 'c' || i || '@example.org', '', '', '', 'New', '', '', '{}',
            CASE WHEN i = 4 THEN 2 ELSE 1 END, CASE WHEN i < 4 THEN $2::uuid END, CASE WHEN i < 4 THEN i END
       FROM generate_series(1, 4) AS i`,
    [owner, importId],
  );
  await database.query(
    `INSERT INTO contact_changes SELECT $2::uuid, id, 'updated', '{"company": "Old"}', 2, 4, '[]'
       FROM contacts WHERE owner = $1 AND version = 2`,
    [owner, importId],
  );
  await migrate(database);
  const store = createContactStore(database);
  expect(await undoWhole(store, run)).toEqual({ reversed: 4, kept: 0, failed: 0 });
  expect(await contactsOf(store, owner)).toEqual(new Map([['c4@example.org', { company: 'Old' }]]));
});

test('what an earlier release has stored twice is told when the contacts are migrated, without a value', {
  timeout: SLOW,
}, async () => {
  const database = await openPglite('memory');
  onTestFinished(() => database.close());
  await migrate(database, migrations.slice(0, 17));
  await database.query(
    `INSERT INTO contacts SELECT gen_random_uuid(), 'mira', email, '', '', '', '', '', '', '{}', 1
       FROM unnest(ARRAY['a@müller.example', 'a@xn--mller-kva.example', 'b@xn--mller-kva.example', 'c@example.org']) AS email`,
  );
  const told: unknown[] = [];
  const logger = {
    info: (fields: object, message: string) => told.push([fields, message]),
    warn: (fields: object, message: string) => told.push([fields, message]),
  };
  await migrate(database, undefined, logger);
  await migrate(database, undefined, logger);
  expect(told).toEqual([
    [{ contacts: 1 }, expect.stringContaining('have the keys')],
    [{ contacts: 1 }, expect.stringContaining('stored twice')],
  ]);
});

/** A child process that applies chunks of 50 rows to a folder until it is killed, and says which it has applied. */
function startWriter(folder: string, run: ReturnType<typeof newImport>): ChildProcess {
  const script = fileURLToPath(new URL('../test/pglite-writer.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, folder, run.importId, run.uploadId, run.owner],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

test('what was acknowledged survives kill -9, in whole chunks', { timeout: SLOW }, async () => {
  const folder = await temporaryFolder();
  await copyEmptyContactStore(folder);
  const run = newImport();
  let acknowledged = -1;
  for (const until of [3, 11]) {
    const child = startWriter(folder, run);
    if (child.stdout === null) throw new Error('The child has no output.');
    const gone = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Math.max(acknowledged, Number(line));
      if (acknowledged === until) child.kill('SIGKILL');
    }
    await gone;
    expect(acknowledged).toBeGreaterThanOrEqual(until);
  }
  const store = await openEmbeddedContactStore(folder);
  onTestFinished(() => store.close());
  const totals = await store.ledgerTotals(run.importId, run.uploadId);
  expect(totals.chunks).toBeGreaterThan(acknowledged);
  expect(totals.delta.created).toBe(totals.chunks * 50);
  let contacts = 0;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.listContacts>> = await store.listContacts({
      owner: run.owner,
      limit: 500,
      cursor: cursor ?? undefined,
    });
    contacts += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(contacts).toBe(totals.delta.created);
});

// A short import waited for a whole chunk of a long one, to learn that its key was new.
test('a look-up is answered in the midst of a transaction that admits it, and behind any other', async () => {
  const database = await openPglite('memory');
  onTestFinished(() => database.close());
  await database.query('CREATE TABLE known (id int)');
  await database.query('INSERT INTO known VALUES (7)');
  const lookUp = async () => (await database.lookUp?.<{ id: number }>('SELECT id FROM known', []))?.rows;
  const during = async (admitsLookUps: boolean) => {
    const events: string[] = [];
    let answered: Promise<unknown> = Promise.resolve();
    await database.transaction(
      async (connection) => {
        await connection.query('SELECT 1');
        answered = lookUp().then((rows) => events.push(`found ${rows?.[0]?.id}`));
        for (let statement = 0; statement < 3; statement += 1) await connection.query('SELECT 1');
        events.push('over');
      },
      { admitsLookUps },
    );
    await answered;
    return events;
  };
  expect(await during(true)).toEqual(['found 7', 'over']);
  expect(await during(false)).toEqual(['over', 'found 7']);
  expect(await lookUp()).toEqual([{ id: 7 }]);
});

test('a look-up that comes behind the last statement, or beside one that fails, is answered afterwards', async () => {
  const database = await openPglite('memory');
  onTestFinished(() => database.close());
  const lookUp = async () => (await database.lookUp?.<{ two: number }>('SELECT 2 AS two', []))?.rows;
  let late: ReturnType<typeof lookUp> = Promise.resolve(undefined);
  const work = (text: string) => async (connection: Queryable) => {
    const done = connection.query(text);
    late = lookUp();
    await done;
    return lookUp;
  };
  const options = { admitsLookUps: true };
  await expect(database.transaction(work('SELECT 1 / 0'), options)).rejects.toMatchObject({ code: '22012' });
  expect(await late).toEqual([{ two: 2 }]);
  let last: ReturnType<typeof lookUp> = Promise.resolve(undefined);
  await database.transaction(async (connection) => {
    await connection.query('SELECT 1');
    last = lookUp();
  }, options);
  expect(await last).toEqual([{ two: 2 }]);
});

// The look-ups that a transaction had left were asked one after another, each behind a whole transaction.
test('the look-ups that a transaction leaves are asked at once when it is over', async () => {
  const database = await openPglite('memory');
  onTestFinished(() => database.close());
  const options = { admitsLookUps: true };
  const events: string[] = [];
  const lookUp = (name: string) => database.lookUp?.('SELECT 1', []).then(() => events.push(name));
  const done: Promise<unknown>[] = [];
  const chunk = (name: string, work: () => void = () => undefined) =>
    database.transaction(async (connection) => {
      await connection.query('SELECT 1');
      work();
      events.push(name);
    }, options);
  const third = () => void done.push(chunk('third'));
  const first = chunk('first', () => {
    done.push(chunk('second', third), Promise.resolve(lookUp('one')), Promise.resolve(lookUp('other')));
  });
  await first;
  for (const one of done) await one;
  expect(events).toEqual(['first', 'second', 'one', 'other', 'third']);
});

// The transaction failed at its next statement, with 25P02: an attempt at somebody else's chunk.
test('a look-up that fails leaves the transaction in whose midst it is asked as it was', async () => {
  const database = await openPglite('memory');
  onTestFinished(() => database.close());
  await database.query('CREATE TABLE written (id int)');
  let failing: Promise<unknown> | undefined;
  await database.transaction(
    async (connection) => {
      await connection.query('INSERT INTO written VALUES (1)');
      failing = database.lookUp?.('SELECT 1 / 0', []);
      failing?.catch(() => undefined);
      await connection.query('INSERT INTO written VALUES (2)');
      await connection.query('INSERT INTO written VALUES (3)');
    },
    { admitsLookUps: true },
  );
  await expect(failing).rejects.toMatchObject({ code: '22012' });
  const { rows } = await database.query('SELECT id FROM written ORDER BY id');
  expect(rows).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
});

// A look-up in the midst of a chunk read the ledger, which the chunk writes and may yet take back.
test('an import of an earlier release is looked up without what a chunk in hand has written', async () => {
  const database = await openPglite('memory');
  onTestFinished(() => database.close());
  await migrate(database);
  const store = createContactStore(database);
  const run = newImport();
  const { state } = foldedOf(run);
  await database.query(
    `INSERT INTO imports (import_id, owner, status, accepted_at, ended_at, version, folded)
     VALUES ($1, $2, $3, now(), now(), 1, $4::json)`,
    [run.importId, run.owner, state.status, JSON.stringify(state)],
  );
  let found: ReturnType<typeof store.getImport> = Promise.resolve(null);
  const chunk = database.transaction(
    async (connection) => {
      await connection.query(
        'INSERT INTO chunk_ledger (import_id, upload_id, chunk, first_line, rows) VALUES ($1, $2, 0, 1, 1)',
        [run.importId, run.uploadId],
      );
      found = store.getImport(run.importId);
      for (let statement = 0; statement < 3; statement += 1) await connection.query('SELECT 1');
      throw new Error('taken back');
    },
    { admitsLookUps: true },
  );
  await expect(chunk).rejects.toThrow('taken back');
  expect(await found).toMatchObject({ uploadId: run.importId, state });
});

test('a checkpoint waits for its turn, one at a time', async () => {
  const waiting: (() => void)[] = [];
  const inTurn = async <Result>(work: () => Promise<Result>) => {
    await new Promise<void>((resolve) => void waiting.push(resolve));
    return work();
  };
  const database = await openPglite('memory', { walBytes: 1024, inTurn });
  const redo = async () =>
    (await database.query<{ at: string }>('SELECT redo_lsn::text AS at FROM pg_control_checkpoint()')).rows[0]
      ?.at;
  await database.query('CREATE TABLE written (text text)');
  const before = await redo();
  while (waiting.length === 0) await database.query(`INSERT INTO written VALUES (repeat('x', 1000))`);
  // Each look took a turn of its own.
  for (let call = 0; call < 200; call += 1) await database.query('SELECT 1');
  expect(waiting).toHaveLength(1);
  expect(await redo()).toBe(before);
  waiting.shift()?.();
  await eventually(async () => expect(await redo()).not.toBe(before));
  for (const goOn of waiting.splice(0)) goOn();
  await database.close();
});

test('the write-ahead log is let go while the database is open', async () => {
  const database = await openPglite('memory', { walBytes: 1024 * 1024 });
  onTestFinished(() => database.close());
  const walBytes = async () => {
    const { rows } = await database.query<{ bytes: number }>(
      `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::int AS bytes FROM pg_control_checkpoint()`,
    );
    return rows[0]?.bytes ?? Number.NaN;
  };
  await database.query('CREATE TABLE written (text text)');
  let largest = 0;
  for (let call = 0; call < 400; call += 1) {
    await database.query(`INSERT INTO written SELECT repeat('x', 1000) FROM generate_series(1, 20)`);
    largest = Math.max(largest, await walBytes());
  }
  const { rows } = await database.query<{ bytes: number }>(
    "SELECT pg_relation_size('written')::int AS bytes",
  );
  expect(rows[0]?.bytes).toBeGreaterThan(6_000_000);
  expect(largest).toBeLessThan(5_000_000);
});
