import { hasEnded, type ImportState } from '@tidings/contracts/import.ts';
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
