import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { createHttpServer } from '@tidings/service-kit/http/http-server.ts';
import { answerProblems } from '@tidings/service-kit/http/problem.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { startJobsService } from './app.ts';
import { SUPPORT_TOKEN } from './test/api-server.ts';
import { startFaultyLog } from './test/faulty-log.ts';
import { ended, foldedImport, keep } from './test/folded-import.ts';

const contactStore = shareContactStore();

/** The service's parts on a log of its own, and what starts it. */
async function prepare() {
  const faulty = await startFaultyLog();
  const { log } = faulty;
  const ownerTokens = await openOwnerTokens(log);
  onTestFinished(() => ownerTokens.close());
  const secrets = { authSecret: 'a'.repeat(32), supportToken: SUPPORT_TOKEN };
  const start = async (abortReceivingAtStart: boolean) => {
    const service = await startJobsService({
      log,
      contactStore: contactStore(),
      tokens: createTokenAuthority(secrets, ownerTokens),
      ownerTokens,
      logger: silentLogger,
      registry: createRegistry({ processMetrics: false }),
      uploadMaxBytes: 4_711,
      abortReceivingAtStart,
    });
    onTestFinished(() => service.stop());
    return service;
  };
  return { ...faulty, start };
}

test('the service shows the imports in the log, projects those that have ended, and takes uploads', async () => {
  const { log, commands, start } = await prepare();
  const [running, last] = [foldedImport('mira'), foldedImport('mira', { ...ended, reconciled: true })];
  await keep(log, running, last);
  const { router } = await start(false);
  const server = createHttpServer(express().use(router, answerProblems(silentLogger)));
  const { url } = await startTestServer(server);

  const shown = await fetch(`${url}/imports/${running.state.importId}`, {
    headers: { Authorization: `Bearer ${SUPPORT_TOKEN}` },
  });
  const waitingFor = { reason: 'aggregator', text: 'no aggregator' };
  expect(await shown.json()).toEqual({ ...running.state, owner: 'mira', waitingFor });
  await eventually(async () =>
    expect(await contactStore().getImport(last.state.importId)).toMatchObject({ state: last.state }),
  );
  // The command follows what it tells of: an upload that began before would stand before it on the log.
  await eventually(async () => expect(await commands()).toMatchObject([{ type: 'import.projected' }]));
  expect(await (await fetch(`${url}/limits`)).json()).toMatchObject({ upload: { maxBytes: 4_711 } });

  const body = new FormData();
  body.append('file', new Blob(['email\na@example.org\n']), 'a.csv');
  expect((await fetch(`${url}/imports`, { method: 'POST', body })).status).toBe(202);
  expect((await commands()).map(({ type }) => type)).toEqual([
    'import.projected',
    'import.accepted',
    'upload.sealed',
  ]);
});

test('uploads without a receiver are aborted only where no other process receives any', async () => {
  const { log, commands, start } = await prepare();
  const cutOff = foldedImport('mira', { upload: 'receiving' });
  await keep(log, cutOff);
  const shared = await start(false);
  expect(await commands()).toEqual([]);
  await shared.stop();
  await start(true);
  expect(await commands()).toMatchObject([{ importId: cutOff.state.importId, type: 'upload.aborted' }]);
});

test('a start after a failed start succeeds', async () => {
  const { log, fail, commands, start } = await prepare();
  await keep(log, foldedImport('mira', { upload: 'receiving' }));
  fail(() => 'lost');
  await expect(start(true)).rejects.toMatchObject({ code: 'log_unavailable', retriable: true });
  fail(() => null);
  await start(true);
  expect((await commands()).map(({ type }) => type)).toEqual(['upload.aborted']);
});
