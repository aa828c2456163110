import { type Engines, startEngines } from '@tidings/testing/engines/start-engines.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readChanges } from '../chunks/contact-changes.ts';
import { lockContacts } from '../chunks/contact-writes.ts';
import { describeContactStore } from '../conformance/describe-contact-store.ts';
import { applyRows, newImport, validRow } from '../conformance/test/test-imports.ts';
import { foldedOf } from '../conformance/test/test-projections.ts';
import { createContactStore } from '../open-contact-store.ts';
import { type Database, lostRace, type Queryable, toStoreError } from './database.ts';
import { keyAddresses } from './key-addresses.ts';
import { migrate } from './migrations.ts';
import { openPostgres, type PostgresOptions } from './postgres.ts';

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines({ postgres: true });
}, 300_000);
afterAll(() => engines.stop());

describeContactStore('PostgreSQL', async () => openPostgres({ url: engines.databaseUrl }), 20);

function open(options: Partial<PostgresOptions> = {}): Database {
  const database = openPostgres({ url: engines.databaseUrl, ...options });
  onTestFinished(() => database.close());
  return database;
}

test('arrays arrive as they were given, whatever they hold', async () => {
  const database = open();
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', 'NULL', '{"a":"\\\\"}', '\\', '🎈'),
  );
  const noNul = text.filter((value) => !value.includes('\0'));
  const numbers = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const arrays = fc.tuple(
    fc.array(fc.option(noNul), { maxLength: 40 }),
    fc.array(fc.option(numbers), { maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(arrays, async ([texts, ints]) => {
      const { rows } = await database.query('SELECT $1::text[] AS texts, $2::int[] AS ints', [texts, ints]);
      expect(rows).toEqual([{ texts, ints }]);
    }),
    { numRuns: 200 },
  );
});

// Each of the owner's rejected rows was translated from full width. An owner with some hundred thousand could delete no contact: the statement
// took longer than it may, in each attempt.
test('a contact is deleted though its owner has many rejected rows', async () => {
  const database = open();
  await migrate(database);
  const run = newImport();
  await applyRows(createContactStore(database), run, 0, validRow(0, 'anna@example.org'));
  await database.query(
    `INSERT INTO row_errors (import_id, row, line, code, cells)
       SELECT $1, row, row, 'phone_invalid', json_build_array('ada' || row || '@example.org', repeat('A cell of a row. ', 20))
         FROM generate_series(1, 200000) AS row`,
    [run.importId],
  );
  const store = createContactStore(open({ statementTimeoutMs: 15_000 }));
  const [contact] = (await store.listContacts({ owner: run.owner, limit: 1 })).items;
  expect(await store.deleteContact(run.owner, contact?.id ?? '')).toBe(true);
});

// One statement looked for the first thousand addresses that may be spelled otherwise. Where a hundred million contacts had none, it read them all:
// it may have taken longer than a statement may, in each attempt at the migration.
test('no statement of the step that gives addresses their keys reads more contacts than a page', async () => {
  const database = open();
  await migrate(database);
  const owner = newImport().owner;
  await database.query(
    `INSERT INTO contacts
       SELECT gen_random_uuid(), $1, 'ada' || row || '@example.org', '', '', '', '', '', '', '{}', 1 FROM generate_series(1, 50000) AS row`,
    [owner],
  );
  const reads: number[] = [];
  await database.transaction((connection) =>
    keyAddresses({
      query: async <Row>(statement: string, parameters: Parameters<Queryable['query']>[1]) => {
        if (!statement.startsWith('SELECT')) return connection.query<Row>(statement, parameters);
        const { rows } = await connection.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${statement}`,
          parameters,
        );
        reads.push(...rows.map((row) => contactsRead(row['QUERY PLAN'][0].Plan)));
        return connection.query<Row>(statement, parameters);
      },
    }),
  );
  expect(Math.max(...reads)).toBeLessThanOrEqual(20_000);
  expect(reads.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(50_000);
});

/** A node of a plan that has run. */
interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

function contactsRead(node: PlanNode): number {
  const own = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
  const below = (node.Plans ?? []).reduce((sum, plan) => sum + contactsRead(plan), 0);
  return (node['Relation Name'] === 'contacts' ? own : 0) + below;
}

test('no more connections than allowed are open, and the others wait their turn', async () => {
  const applicationName = 'bounded';
  const database = open({ connections: 2, applicationName });
  const counts = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const { rows } = await database.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = $1',
        [applicationName],
      );
      return rows[0]?.count ?? 0;
    }),
  );
  expect(Math.max(...counts)).toBe(2);
});

/** Rows of contacts and changes that the transaction has read so far. */
async function rowsRead(connection: Queryable): Promise<number> {
  const { rows } = await connection.query<{ read: number }>(
    `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_xact_user_tables
      WHERE relname IN ('contacts', 'contact_changes')`,
  );
  return rows[0]?.read ?? Number.NaN;
}

/** Many contacts of an owner, and of each a change that the import has made. */
async function fill(database: Database, owner: string, importId: string): Promise<void> {
  await database.query(
    `INSERT INTO contacts
     SELECT gen_random_uuid(), $1, 'c' || i || '@example.org', '', '', '', '', '', '', '{}', 1, NULL, NULL
       FROM generate_series(1, 30000) AS i`,
    [owner],
  );
  await database.query(
    `INSERT INTO contact_changes SELECT $2::uuid, id, 'unchanged', NULL, 1, 0, '[]' FROM contacts WHERE owner = $1`,
    [owner, importId],
  );
}

// With `= ANY`, a chunk's look-ups became a scan of all contacts of the owner while the tables had no statistics.
test('a chunk reads its own contacts only, also where the server has no statistics', async () => {
  const database = open({ connections: 1 });
  await migrate(database);
  const { owner, importId } = newImport();
  await fill(database, owner, importId);
  const emails = Array.from({ length: 1_000 }, (_, index) => `c${20 * index + 1}@example.org`);
  await database.transaction(async (connection) => {
    const before = await rowsRead(connection);
    const { contacts } = await lockContacts(connection, owner, emails, false);
    expect(contacts.size).toBe(emails.length);
    const ids = [...contacts.values()].map(({ id }) => id);
    expect((await readChanges(connection, importId, ids, false)).changes.size).toBe(emails.length);
    expect((await rowsRead(connection)) - before).toBeLessThanOrEqual(2 * 2 * emails.length);
  });
});

test('a page of an undo reads its own contacts only, also where the server has no statistics', async () => {
  const database = open({ connections: 1 });
  await migrate(database);
  const [others, run] = [newImport(), newImport()];
  const { owner } = others;
  await fill(database, owner, others.importId);
  const own = { ...run, owner };
  const store = createContactStore(database);
  const updates = Array.from({ length: 500 }, (_, row) =>
    validRow(row, `c${20 * row + 1}@example.org`, { firstName: 'New' }),
  );
  const creations = Array.from({ length: 500 }, (_, row) => validRow(500 + row, `new${row}@example.org`));
  await applyRows(store, own, 0, ...updates, ...creations);
  let read = 0;
  const counting: Database = {
    query: (text, parameters) => database.query(text, parameters),
    transaction: (work) =>
      database.transaction(async (connection) => {
        // The server may still count what earlier transactions of the connection have read.
        const before = await rowsRead(connection);
        const result = await work(connection);
        read = (await rowsRead(connection)) - before;
        return result;
      }),
    close: () => database.close(),
  };
  const page = { ...own, undoId: newImport().importId, run: 1, page: 0, after: null };
  expect(await createContactStore(counting).undoPage(page)).toMatchObject({ reversed: 1_000, next: null });
  // Of each contact: its place in the page, its address, its lock; the change twice, its write, and the change that goes.
  expect(read).toBeGreaterThan(1_000);
  expect(read).toBeLessThanOrEqual(6 * 1_000);
});

// A cancelled chunk took no place in the gate's line: a chunk that was written between the projection and its commit was in neither.
test('a cancelled chunk waits for a projection that has begun, and sees it', async () => {
  const database = open();
  await migrate(database);
  const store = createContactStore(database);
  const run = newImport();
  await store.closeGate(run);
  let commit: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  const written = new Promise<void>((resolve) => {
    const slow: Database = {
      query: (text, parameters) => database.query(text, parameters),
      transaction: (work) =>
        database.transaction(async (connection) => {
          const result = await work(connection);
          resolve();
          await held;
          return result;
        }),
      close: async () => undefined,
    };
    const failed = { status: 'failed', chunks: { total: 1, completed: 0, failed: 1 } } as const;
    void createContactStore(slow).projectImport(foldedOf(run, failed));
  });
  await written;
  const cancelling = store.cancelChunks([{ ...run, chunk: 0, firstLine: 2, rows: 7 }]);
  await eventually(async () => {
    const { rows } = await database.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND NOT granted`,
    );
    expect(rows).toHaveLength(1);
  });
  commit();
  expect(await cancelling).toMatchObject([{ delta: { cancelled: 7 }, hasEnded: true }]);
});

test('closing waits for what runs, and refuses what comes after', async () => {
  const database = openPostgres({ url: engines.databaseUrl });
  const running = database.query('SELECT pg_sleep(0.2), 7 AS seven');
  await database.close();
  await database.close();
  expect((await running).rows).toMatchObject([{ seven: 7 }]);
  await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'store_closed', retriable: false });
});

test('a transaction of which a statement failed is never taken for committed', async () => {
  const database = open();
  const swallowed = database.transaction(async (connection) => {
    await connection.query('SELECT 1 / 0').catch(() => undefined);
  });
  await expect(swallowed).rejects.toThrow(
    'The transaction was committed after one of its statements had failed.',
  );
  expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('errors after which another attempt may succeed are retriable, and no others', () => {
  const failure = (code: string) => toStoreError(Object.assign(new Error('failed'), { code }));
  for (const code of ['EPIPE', 'ECONNRESET', '57P01', '08006', '53300', '25006', '25P03', '40001']) {
    expect(failure(code), code).toMatchObject({ code: 'store_unavailable', retriable: true });
  }
  for (const code of ['42601', '22021', '23505', '25P02']) expect(failure(code)).toMatchObject({ code });
});

/** A barrier: each call resolves when all have called it. */
function meetingOf(size: number): () => Promise<void> {
  let arrived = 0;
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    arrived += 1;
    if (arrived === size) open();
    return gate;
  };
}

/** Two transactions that take two locks crosswise: the error of the one that the server ends. */
async function deadlock(database: Database): Promise<unknown> {
  const meet = meetingOf(2);
  const take = (connection: Queryable, lock: number) =>
    connection.query('SELECT pg_advisory_xact_lock($1::int)', [lock]);
  const crosswise = [1, 2].map((first) =>
    database.transaction(async (connection) => {
      await take(connection, first);
      await meet();
      await take(connection, 3 - first);
    }),
  );
  const results = await Promise.allSettled(crosswise);
  const lost = results.filter((result) => result.status === 'rejected');
  expect(lost).toHaveLength(1);
  return lost[0]?.reason;
}

test('a transaction that lost a deadlock runs again', async () => {
  const database = open();
  await migrate(database);
  let lost = 0;
  const contested: Database = {
    query: (text, parameters) => database.query(text, parameters),
    transaction: async (work) => {
      if (lost++ > 0) return database.transaction(work);
      const error = await deadlock(database);
      expect(lostRace(error)).toBe(true);
      throw error;
    },
    close: () => database.close(),
  };
  const run = newImport();
  const { delta, replayed } = await applyRows(
    createContactStore(contested),
    run,
    0,
    validRow(0, 'a@example.org'),
  );
  expect(lost).toBe(2);
  expect({ created: delta.created, replayed }).toEqual({ created: 1, replayed: false });
});

// A row lock that many share is handed to newcomers before the one who waits for it alone: a cancel waited for a whole import.
test('a gate closes after the chunks in hand, however many follow them at once', async () => {
  const database = open({ connections: 9 });
  await migrate(database);
  const store = createContactStore(database);
  const run = newImport();
  const CHUNKS = 800;
  let next = 0;
  let isClosed = false;
  const work = async () => {
    while (next < CHUNKS && !isClosed) {
      const chunk = next++;
      const rows = Array.from({ length: 40 }, (_, row) =>
        validRow(chunk * 40 + row, `c${chunk}-${row}@example.org`),
      );
      await applyRows(store, run, chunk, ...rows);
    }
  };
  const importers = Array.from({ length: 8 }, work);
  await eventually(() => expect(next).toBeGreaterThan(30));
  const begunBefore = next;
  await store.closeGate(run);
  isClosed = true;
  await Promise.all(importers);
  // Each importer may have one chunk in hand, and begins further ones until the closing is told here.
  expect(next - begunBefore).toBeLessThan(100);
});
