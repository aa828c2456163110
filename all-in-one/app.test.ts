import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { hasEnded, type ImportState } from '@tidings/contracts/imports/import.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { ServiceProcess } from '@tidings/service-kit/process/service-process.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { expect, onTestFinished, test } from 'vitest';
import { startAllInOne } from './app.ts';
import { prepareStart } from './prepare-start.ts';

/** Tidings in this process, on the data of the folder. */
async function start(DATA_DIR: string) {
  const prepared = await prepareStart({
    DATA_DIR,
    PORT: '0',
    LOG_LEVEL: 'fatal',
    TOPIC_PARTITIONS: '2',
  });
  const plan = { name: 'tidings', readConfig: () => prepared, site: siteOf, start: startAllInOne };
  const service = new ServiceProcess(plan, prepared, silentLogger);
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= service.stop();
    return stopped;
  };
  onTestFinished(stop);
  const { port } = await service.start();
  const url = `http://127.0.0.1:${port}`;
  const get = async (path: string, token = prepared.SUPPORT_TOKEN) => {
    const response = await fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${token}` } });
    return JSON.parse(await response.text());
  };
  return { url, stop, get, supportToken: prepared.SUPPORT_TOKEN };
}

test('an import goes through all services to its end, and is there after a stop and another start', {
  timeout: 300_000,
}, async () => {
  const folder = await temporaryFolder();
  const first = await start(folder);
  expect(await first.get('/readyz')).toEqual({
    status: 'ready',
    checks: ['log', 'contacts', 'tables', 'notifications'].map((name) => ({ name, ready: true })),
  });
  const form = new FormData();
  form.set('file', new File(['email,country\nann@example.org,DE\nben@example.org,\nnobody,\n'], 'a.csv'));
  const response = await fetch(`${first.url}/imports`, { method: 'POST', body: form });
  expect(response.status).toBe(202);
  const { importId } = (await response.json()) as { importId: string };
  const ended = await eventually(
    async () => {
      const state: ImportState = await first.get(`/imports/${importId}`);
      expect(hasEnded(state)).toBe(true);
      return state;
    },
    { withinMs: 60_000 },
  );
  expect(ended).toMatchObject({
    status: 'completed_with_errors',
    rows: { total: 3, created: 2, rejected: 1 },
  });
  const metrics = await (await fetch(`${first.url}/metrics`)).text();
  for (const name of ['process_cpu_seconds_total', 'tidings_importer_', 'tidings_hub_'])
    expect(metrics).toContain(name);
  await first.stop();
  await expect(fetch(first.url)).rejects.toThrow();

  const second = await start(folder);
  expect(second.supportToken).toBe(first.supportToken);
  expect(await second.get(`/imports/${importId}`)).toMatchObject({ rows: { total: 3, created: 2 } });
});

/** Leaves a command that only a later release knows in the log of a folder that nobody uses. */
async function appendLaterCommand(folder: string): Promise<void> {
  const log = await openEmbeddedLog({ directory: join(folder, 'log'), logger: silentLogger });
  const importId = randomUUID();
  const event = createEvent({ type: 'import.of_a_later_release', subject: importId, data: {} });
  await log.append([{ topic: topics.commands, key: importId, value: encodeEvent(event) }]);
  await log.close();
}

// The start waited until all commands were folded: for ever behind one that blocks its partition, and nobody could reach the route that skips it.
test('a command that blocks its partition holds up no start, and is skipped', {
  timeout: 300_000,
}, async () => {
  const folder = await temporaryFolder();
  await (await start(folder)).stop();
  await appendLaterCommand(folder);
  const { url, get, supportToken } = await start(folder);
  const blocked = await eventually(async () => {
    const { items } = await get('/blocked');
    expect(items).toMatchObject([{ topic: topics.commands, error: { code: 'unknown_command' } }]);
    return items[0];
  });
  const path = `/blocked/${blocked.group}/${blocked.topic}/${blocked.partition}/skip`;
  const skipped = await fetch(url + path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${supportToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason: 'of a later release' }),
  });
  expect(skipped.status).toBe(202);
  await eventually(async () => expect((await get('/blocked')).items).toEqual([]), { withinMs: 60_000 });
});
