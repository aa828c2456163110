import { expect, test } from 'vitest';
import { createApi } from '../index.ts';
import { startScriptedServer } from '../test/scripted-server.ts';

const soon = { 'Retry-After': '0' };

test('waiting for an import asks by held requests until it has ended, also past an outage', async () => {
  const { baseUrl, seen } = await startScriptedServer(
    { headers: soon, body: { status: 'importing' } },
    { status: 503, headers: soon },
    { headers: soon, body: { status: 'importing' } },
    { body: { status: 'completed' } },
  );
  const api = createApi({ baseUrl, token: () => 't' });
  expect(await api.waitForImport('i 1')).toEqual({ status: 'completed' });
  const asked = seen.map(({ method, url, headers }) => [method, url, headers.prefer, headers.authorization]);
  expect(asked).toEqual(Array.from({ length: 4 }, () => ['GET', '/imports/i%201', 'wait=60', 'Bearer t']));
});

test('waiting for an import ends when it is given up, also between two requests', async () => {
  const controller = new AbortController();
  const { baseUrl } = await startScriptedServer({
    headers: { 'Retry-After': '3600' },
    body: { status: 'importing' },
  });
  const api = createApi({ baseUrl, token: () => 't' });
  const waiting = api.waitForImport('i', controller.signal);
  await api.getImport('i');
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'ProblemError', code: 'aborted' });
});
