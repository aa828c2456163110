import type { AcceptedImport } from '@tidings/contracts/http.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, test } from 'vitest';
import { SUPPORT_TOKEN, startFaultyLog, startUploadServer } from '../test/upload-harness.ts';

describe('DELETE /owners/{owner}/tokens', () => {
  async function startServer() {
    const { port, tokens } = await startUploadServer(await startFaultyLog());
    const send = (method: string, path: string, token: string) =>
      fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { Authorization: `Bearer ${token}` } });
    const issue = (owner: string) => tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner });
    return { send, issue };
  }

  test('takes back every token of the owner, and of nobody else', async () => {
    const { send, issue } = await startServer();
    const owner = 'Мира|5 %2F+/ö';
    const [theirs, others] = [await issue(owner), await issue('noor')];
    expect((await send('GET', '/imports', theirs)).status).toBe(200);
    const revoked = await send('DELETE', `/owners/${encodeURIComponent(owner)}/tokens`, SUPPORT_TOKEN);
    expect(revoked.status).toBe(204);
    await eventually(async () => {
      const answer = await send('GET', '/imports', theirs);
      expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'token_invalid' }]);
    });
    expect((await send('GET', '/imports', others)).status).toBe(200);
  });

  test('is for support alone, and for names that an owner may have', async () => {
    const { send, issue } = await startServer();
    const mine = await issue('mira');
    expect((await send('DELETE', '/owners/mira/tokens', mine)).status).toBe(404);
    expect((await send('DELETE', '/owners/mira/tokens', 'nonsense')).status).toBe(401);
    expect((await send('DELETE', '/owners/mi%00ra/tokens', SUPPORT_TOKEN)).status).toBe(400);
    expect((await send('GET', '/imports', mine)).status).toBe(200);
  });
});

describe('POST /imports', () => {
  const post = (port: number, token?: string) => {
    const form = new FormData();
    form.append('file', new Blob(['email\na@example.org\n']), 'a.csv');
    const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    return fetch(`http://127.0.0.1:${port}/imports`, { method: 'POST', body: form, headers });
  };

  test('counts for the address where no token comes, else for its bearer', async () => {
    const { port, tokens } = await startUploadServer(await startFaultyLog(), { requests: { perMinute: 2 } });
    const token = await tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner: 'default' });
    expect([(await post(port)).status, (await post(port)).status]).toEqual([202, 202]);
    const refused = await post(port);
    expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'rate_limited' }]);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect((await post(port, token)).status).toBe(202);
    expect((await post(port, 'nonsense')).status).toBe(401);
  });

  // Asking every second, as the answer said, would have been refused from the first held minute on.
  test('asks for a pace that is far from being refused', async () => {
    const { port } = await startUploadServer(await startFaultyLog());
    const accepted = await post(port);
    const { importId, channelToken } = (await accepted.json()) as AcceptedImport;
    const state = await fetch(`http://127.0.0.1:${port}/imports/${importId}`, {
      headers: { Authorization: `Bearer ${channelToken}` },
    });
    expect(state.status).toBe(200);
    for (const { headers } of [accepted, state]) {
      const requestsAMinute = 60 / Number(headers.get('Retry-After'));
      expect(requestsAMinute).toBeLessThanOrEqual(30);
    }
  });
});
