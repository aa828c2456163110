import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';

describe('DELETE /owners/{owner}/tokens', () => {
  async function startServer() {
    const { send, issueToken } = await startApiServer(await startFaultyLog());
    return {
      send: (method: string, path: string, token: string) => send(path, token, { method }),
      issue: issueToken,
    };
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
