import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Engines, startEngines } from '@tidings/testing/engines/start-engines.ts';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { contactsOf, newImport } from '../conformance/test/test-imports.ts';
import { openPostgresContactStore } from '../open-contact-store.ts';
import { openPostgres } from './postgres.ts';
import { migrations } from './schema.ts';

const SLOW = 120_000;

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines({ postgres: true });
}, 300_000);
afterAll(() => engines.stop());

/** An empty database of its own. */
async function emptyDatabase(): Promise<string> {
  const name = `empty_${newImport().importId.replaceAll('-', '')}`;
  const admin = openPostgres({ url: engines.databaseUrl, connections: 1 });
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.close();
  const url = new URL(engines.databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}

test('four processes that start at once on an empty database all work', { timeout: SLOW }, async () => {
  const url = await emptyDatabase();
  const run = newImport();
  const script = fileURLToPath(new URL('../test/postgres-opener.ts', import.meta.url));
  const exits = [0, 1, 2, 3].map(async (chunk) => {
    const words = [url, run.importId, run.uploadId, run.owner, String(chunk)];
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [code] = await once(child, 'exit');
    return code;
  });
  expect(await Promise.all(exits)).toEqual([0, 0, 0, 0]);
  const store = await openPostgresContactStore({ url });
  onTestFinished(() => store.close());
  expect((await contactsOf(store, run.owner)).size).toBe(4);
});

test('twelve openings at once migrate once', { timeout: SLOW }, async () => {
  const url = await emptyDatabase();
  const stores = await Promise.all(Array.from({ length: 12 }, () => openPostgresContactStore({ url })));
  await Promise.all(stores.map((store) => store.close()));
  const database = openPostgres({ url });
  onTestFinished(() => database.close());
  const { rows } = await database.query<{ version: number }>(
    'SELECT version FROM schema_migrations ORDER BY version',
  );
  expect(rows.map(({ version }) => version)).toEqual(migrations.map(({ version }) => version));
});

test('two stores on one server have connections of their own', async () => {
  const url = engines.databaseUrl;
  const [express, bulk] = await Promise.all([
    openPostgresContactStore({ url, connections: 1, applicationName: 'express' }),
    openPostgresContactStore({ url, connections: 3, applicationName: 'bulk' }),
  ]);
  const database = openPostgres({ url });
  for (const opened of [express, bulk, database]) onTestFinished(() => opened.close());
  await Promise.all([express, bulk].flatMap((store) => Array.from({ length: 9 }, () => store.ping())));
  const { rows } = await database.query(
    `SELECT application_name AS name, count(*)::int AS count FROM pg_stat_activity
      WHERE application_name IN ('express', 'bulk') GROUP BY name ORDER BY name`,
  );
  expect(rows).toEqual([
    { name: 'bulk', count: 3 },
    { name: 'express', count: 1 },
  ]);
});

test('an absent server is reported as unavailable, and is opened once it is back', {
  timeout: SLOW,
}, async () => {
  const url = await emptyDatabase();
  await engines.postgres.kill();
  const unavailable = { name: 'ContactStoreError', code: 'store_unavailable', retriable: true };
  await expect(openPostgresContactStore({ url })).rejects.toMatchObject(unavailable);
  await engines.postgres.restart();
  const store = await openPostgresContactStore({ url });
  onTestFinished(() => store.close());
  await store.ping();
});

test('the refusal of a server is not retriable', async () => {
  const wrongPassword = new URL(engines.databaseUrl);
  wrongPassword.password = 'wrong';
  const noDatabase = new URL(engines.databaseUrl);
  noDatabase.pathname = '/missing';
  for (const { href } of [wrongPassword, noDatabase]) {
    const opening = openPostgresContactStore({ url: href });
    await expect(opening).rejects.toMatchObject({ code: 'store_refused', retriable: false });
  }
});
