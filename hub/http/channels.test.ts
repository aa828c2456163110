import type { CreatedChannel, ListedChannel } from '@tidings/contracts/channels/channels.ts';
import { openOwnerChannels } from '@tidings/service-kit/access/owner-channels.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import {
  authSecret,
  publishApiKey,
  startHub,
  supportToken,
  WireClient,
} from '@tidings/testing/services/hub.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { changed, publishByHttp } from '../test/publishing.ts';
import { sign, userJwtSecret } from '../test/tokens.ts';

const secrets = { authSecret, supportToken, publishApiKey };

/** A hub where people sign in, or, without a login, where nobody does. */
async function start({ hasLogin = true } = {}) {
  const log = await openTestLog();
  const ownerChannels = await openOwnerChannels({ log, logger: silentLogger });
  onTestFinished(() => ownerChannels.close());
  const tokens = createTokenAuthority({ ...secrets, ...(hasLogin && { userJwtSecret }) });
  const hub = await startHub({ log, tokens, ownerChannels });
  const ask = async (method: string, token: string | undefined, body?: unknown) => {
    const response = await fetch(`${hub.url}/channels`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  };
  const open = async (owner?: string) => {
    const { status, answer } = await ask('POST', publishApiKey, owner === undefined ? {} : { owner });
    expect(status).toBe(201);
    return answer as unknown as CreatedChannel;
  };
  const list = async (owner: string) => {
    const { status, answer } = await ask('GET', await userToken(owner));
    expect(status).toBe(200);
    return answer.items as ListedChannel[];
  };
  return { ...hub, ask, open, list };
}

const userToken = (sub: string) => sign({ sub }, userJwtSecret);

describe('a service opens a channel for an owner', () => {
  test('who finds it on whichever device, and gets what was published before', async () => {
    const { url, open, list, tokens } = await start();
    const { channelId, token } = await open('mira');
    expect(await tokens.verifyBearer(token)).toMatchObject({ owner: 'mira', channelId });
    await publishByHttp(url, channelId, changed);
    await eventually(async () => expect(await list('mira')).toHaveLength(1));
    const [listed] = await list('mira');
    expect(listed).toMatchObject({ channelId, createdAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    const client = new WireClient(url);
    await eventually(async () =>
      expect(await client.open({ channelId, token: listed?.token ?? '' })).toMatchObject({
        snapshot: { durable: [changed] },
      }),
    );
    expect(await list('noor')).toEqual([]);
  });

  test('with the API key alone, and says for whom where people sign in', async () => {
    const { ask, open, tokens } = await start();
    const ofMira = await tokens.issuePublisherToken({ owner: 'mira' }, Date.now() + 60_000);
    const { token } = await open('mira');
    const refused = async (bearer: string | undefined, body: unknown) => {
      const { status, answer } = await ask('POST', bearer, body);
      return [status, answer.code];
    };
    expect(await refused(undefined, { owner: 'mira' })).toEqual([401, 'token_missing']);
    expect(await refused('wrong', { owner: 'mira' })).toEqual([401, 'token_invalid']);
    for (const bearer of [ofMira, token, supportToken])
      expect(await refused(bearer, { owner: 'mira' })).toEqual([404, 'not_found']);
    for (const body of [{}, { owner: 'default' }, { owner: 'a\u0000' }, { owner: '' }, { owner: 5 }])
      expect(await refused(publishApiKey, body)).toEqual([400, 'invalid_request']);
    const both = { owner: 'mira', userToken: await userToken('mira') };
    expect(await refused(publishApiKey, both)).toEqual([400, 'invalid_request']);
  });

  test('without a login for the one owner, whose channels are not listed', async () => {
    const { ask, open, tokens } = await start({ hasLogin: false });
    const { token } = await open();
    expect(await tokens.verifyBearer(token)).toMatchObject({ owner: 'default' });
    expect(await ask('GET', token)).toMatchObject({ status: 404, answer: { code: 'not_found' } });
  });

  test('at most 60 a minute for one owner', async () => {
    const { ask } = await start();
    const statuses = [];
    for (let count = 0; count < 61; count += 1)
      statuses.push((await ask('POST', publishApiKey, { owner: 'mira' })).status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(60);
    expect(statuses.at(-1)).toBe(429);
    expect((await ask('POST', publishApiKey, { owner: 'noor' })).status).toBe(201);
  });
});

describe('the list of a person', () => {
  test('holds the channels that their pages opened, by socket and by HTTP', async () => {
    const { url, ask, list } = await start();
    const bySocket = await new WireClient(url).open({ userToken: await userToken('mira') });
    const byHttp = await ask('POST', undefined, { userToken: await userToken('mira') });
    await new WireClient(url).open({ userToken: await userToken('noor') });
    const ids = async () => (await list('mira')).map(({ channelId }) => channelId).toSorted();
    await eventually(async () =>
      expect(await ids()).toEqual([bySocket.channelId, byHttp.answer.channelId].toSorted()),
    );
  });

  test('is for the login’s own token, and for no other', async () => {
    const { ask, open } = await start();
    const { token } = await open('mira');
    expect(await ask('GET', undefined)).toMatchObject({ status: 401, answer: { code: 'token_missing' } });
    expect(await ask('GET', 'nonsense')).toMatchObject({ status: 401, answer: { code: 'token_invalid' } });
    // Such tokens were refused as if somebody else had signed them, and a client forgets a token that is refused so.
    for (const bearer of [token, publishApiKey, supportToken])
      expect(await ask('GET', bearer)).toMatchObject({ status: 404, answer: { code: 'not_found' } });
  });

  test('may be asked for 60 times a minute', async () => {
    const { ask } = await start();
    const token = await userToken('mira');
    const statuses = [];
    for (let count = 0; count < 61; count += 1) statuses.push((await ask('GET', token)).status);
    expect(new Set(statuses.slice(0, 60))).toEqual(new Set([200]));
    expect(statuses.at(-1)).toBe(429);
  });
});
