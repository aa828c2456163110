import { type ChannelCredentials, type ChannelStorage, createWebStorage } from '@tidings/client/index.ts';
import { describe, expect, it } from 'vitest';
import { createStorage } from '../../test/browser.ts';
import { problem, type StubApi, startStubApi } from '../../test/stub-api.ts';
import { createAccess, type WithAccess } from './access.ts';

const none = { items: [], nextCursor: null };

interface Access {
  readonly api: StubApi;
  readonly storage: ChannelStorage;
  readonly withAccess: WithAccess;
}

/** @param valid tokens that the API accepts; the channel that it makes has the token `new` */
async function startAccess(
  valid: readonly string[],
  otherToken: ChannelCredentials | null = null,
): Promise<Access> {
  const api = await startStubApi();
  api.answer('GET /contacts', ({ authorization }) =>
    valid.some((token) => authorization === `Bearer ${token}`)
      ? { status: 200, body: none }
      : problem(401, 'token_expired'),
  );
  api.answer('POST /channels', () => ({
    status: 201,
    body: { channelId: 'n', token: 'new', epoch: 'e', seq: 0 },
  }));
  const storage = createWebStorage(createStorage(), 'tidings.access');
  return {
    api,
    storage,
    withAccess: createAccess({ apiUrl: api.url, storage, otherToken: () => otherToken }),
  };
}

function routesOf({ requests }: StubApi): string[] {
  return requests.map(({ route }) => route);
}

describe('the token for what the owner has', () => {
  it('is a new channel’s token where the browser holds none, and is kept', async () => {
    const { api, storage, withAccess } = await startAccess(['new']);
    expect(await withAccess((access) => access.listContacts())).toEqual(none);
    expect(storage.load()).toEqual({ channelId: 'n', token: 'new' });
    await withAccess((access) => access.listContacts());
    expect(routesOf(api)).toEqual(['POST /channels', 'GET /contacts', 'GET /contacts']);
  });

  it('is that of an import where the browser holds one', async () => {
    const { api, withAccess } = await startAccess(['import'], { channelId: 'i', token: 'import' });
    await withAccess((access) => access.listContacts());
    expect(routesOf(api)).toEqual(['GET /contacts']);
  });

  it('is replaced once where it has expired', async () => {
    const { api, storage, withAccess } = await startAccess(['new']);
    storage.save({ channelId: 'o', token: 'old' });
    await withAccess((access) => access.listContacts());
    expect(routesOf(api)).toEqual(['GET /contacts', 'POST /channels', 'GET /contacts']);
    expect(storage.load()?.token).toBe('new');
  });

  it('is not replaced again where the new one is refused too', async () => {
    const { api, withAccess } = await startAccess([]);
    await expect(withAccess((access) => access.listContacts())).rejects.toMatchObject({ status: 401 });
    expect(routesOf(api)).toEqual(['POST /channels', 'GET /contacts']);
  });

  it('is kept where the work fails for another reason', async () => {
    const { api, storage, withAccess } = await startAccess(['known']);
    storage.save({ channelId: 'k', token: 'known' });
    api.answer('DELETE /contacts/1', () => problem(503, 'unavailable'));
    await expect(withAccess((access) => access.deleteContact('1'))).rejects.toMatchObject({
      code: 'unavailable',
      retriable: true,
    });
    expect(routesOf(api)).toEqual(['DELETE /contacts/1']);
  });

  it('cannot be had while the server is away', async () => {
    const { api, withAccess } = await startAccess([]);
    api.answer('POST /channels', () => 'broken');
    await expect(withAccess((access) => access.listContacts())).rejects.toMatchObject({ code: 'network' });
  });
});
