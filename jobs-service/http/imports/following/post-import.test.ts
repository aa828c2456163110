import type { AcceptedImport } from '@tidings/contracts/files/upload.ts';
import { expect, test } from 'vitest';
import { type ApiServer, SUPPORT_TOKEN, startApiServer } from '../../../test/api-server.ts';
import { startFaultyLog } from '../../../test/faulty-log.ts';

function post({ send }: ApiServer, token?: string, headers = {}): Promise<Response> {
  const body = new FormData();
  body.append('file', new Blob(['email\na@example.org\n']), 'a.csv');
  return send('/imports', token, { method: 'POST', body, headers });
}

const problemOf = async (response: Response) => [response.status, await response.json()];

test('an upload without a token gets a channel of its own, and the address of its import', async () => {
  const faulty = await startFaultyLog();
  const server = await startApiServer(faulty);
  const response = await post(server);
  const accepted = (await response.json()) as AcceptedImport;
  expect(response.status).toBe(202);
  expect(response.headers.get('Location')).toBe(`/imports/${accepted.importId}`);
  expect(await server.tokens.verifyBearer(accepted.channelToken)).toMatchObject({
    owner: 'default',
    channelId: accepted.channelId,
  });
  expect(await faulty.commands()).toMatchObject([
    { importId: accepted.importId, type: 'import.accepted', data: { owner: 'default', fileName: 'a.csv' } },
    { importId: accepted.importId, type: 'upload.sealed', data: { chunks: 1, rows: 1 } },
  ]);
});

test('an upload with a token belongs to the token’s channel and owner', async () => {
  const faulty = await startFaultyLog();
  const server = await startApiServer(faulty);
  const channelId = server.tokens.newChannelId();
  const token = await server.issueToken('mira', channelId);
  const response = await post(server, token);
  expect(await response.json()).toMatchObject({ channelId, channelToken: token });
  expect((await faulty.commands())[0]).toMatchObject({ data: { channelId, owner: 'mira' } });
});

test('an upload with the support token or with a malformed token is refused', async () => {
  const faulty = await startFaultyLog();
  const server = await startApiServer(faulty);
  expect(await problemOf(await post(server, SUPPORT_TOKEN))).toMatchObject([404, { code: 'not_found' }]);
  expect(await problemOf(await post(server, 'nonsense'))).toMatchObject([401, { code: 'token_invalid' }]);
  expect(await faulty.commands()).toEqual([]);
});

test('where people sign in an upload needs a token', async () => {
  const server = await startApiServer(await startFaultyLog(), { userJwtSecret: 'u'.repeat(32) });
  expect(await problemOf(await post(server))).toMatchObject([401, { code: 'token_missing' }]);
  expect((await post(server, await server.issueToken('mira'))).status).toBe(202);
});

test('an upload counts for its address where no token comes, else for its bearer', async () => {
  const server = await startApiServer(await startFaultyLog(), { requests: { perMinute: 2 } });
  const token = await server.issueToken('default');
  expect([(await post(server)).status, (await post(server)).status]).toEqual([202, 202]);
  const refused = await post(server);
  expect(await problemOf(refused)).toMatchObject([429, { code: 'rate_limited' }]);
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect((await post(server, token)).status).toBe(202);
  expect((await post(server, 'nonsense')).status).toBe(401);
});
