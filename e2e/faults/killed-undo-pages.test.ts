/** Whoever works a page of an undo off is killed, each time: the undo goes on behind that page, and later takes it back as well. */
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { UndoItem } from '@tidings/contracts/imports/undo-outcomes.ts';
import { acceptImport, getJson, orderImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { freshName } from '../test/fresh-name.ts';

/** Contacts of three pages. */
const ROWS = 12_000;
const ON_SECOND_PAGE = 5_000;
const ATTEMPTS = 3;

let system: Distributed;
beforeAll(async () => {
  system = await startDistributed({ instances: 1 });
}, 180_000);
afterAll(() => system?.stop());

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: system.engines.databaseUrl });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Resolves once a connection that was opened after `since` waits for a lock: it is in the middle of a page. */
async function untilWaiting(client: Client, since: string): Promise<void> {
  await eventually(
    async () => {
      const { rowCount } = await client.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND backend_start > $1::timestamptz`,
        [since],
      );
      expect(rowCount).toBeGreaterThan(0);
    },
    { withinMs: 90_000, everyMs: 20 },
  );
}

async function nowOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
  return rows[0]?.now ?? '';
}

test('a page in which an importer is killed three times is passed over, and taken back by the next undo', async () => {
  onTestFailed(() => void process.stdout.write(system.outputs()));
  const domain = freshName('killed.example');
  const lines = Array.from({ length: ROWS }, (_, row) => `person${row}@${domain},P${row}`);
  const file = `Email,First name\n${lines.join('\n')}\n`;
  const { importId, channelToken } = await acceptImport(system.url, { file });
  await untilEnded(system.url, importId, channelToken);
  const undo = () => orderImport(system.url, importId, 'undo', channelToken);
  const untilUndone = (sums: Partial<ImportState['undo']>) =>
    eventually(
      async () => {
        const state = await getJson<ImportState>(`${system.url}/imports/${importId}`, system.supportToken);
        expect(state).toMatchObject({ status: 'undone', undo: { ...sums, endedAt: expect.any(String) } });
      },
      { withinMs: 120_000 },
    );
  const [watcher, blocker] = [await connect(), await connect()];
  await blocker.query('BEGIN');
  await blocker.query('SELECT FROM contacts WHERE email LIKE $1 ORDER BY id OFFSET 7000 LIMIT 1 FOR UPDATE', [
    `%@${domain}`,
  ]);

  const [importer] = system.processes.importer;
  await importer?.kill();
  onTestFinished(async () => {
    if (importer?.running === false) await importer.start();
  });
  await undo();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const since = await nowOf(watcher);
    await importer?.start();
    await untilWaiting(watcher, since);
    await importer?.kill();
  }
  await blocker.query('ROLLBACK');
  await importer?.start();
  await untilUndone({ reversed: ROWS - ON_SECOND_PAGE, kept: 0, failed: ON_SECOND_PAGE });
  const list = `${system.url}/imports/${importId}/undo?limit=500`;
  const { items } = await getJson<Page<UndoItem>>(list, channelToken);
  expect(new Set(items.map(({ reason }) => reason))).toEqual(new Set(['page_failed']));

  await undo();
  await untilUndone({ reversed: ROWS, kept: 0, failed: 0 });
  expect(await getJson(`${system.url}/contacts?query=@${domain}`, channelToken)).toMatchObject({ items: [] });
}, 400_000);
