import { openTestLog } from '@tidings/testing/log.ts';
import { publishApiKey, startHub, supportToken } from '@tidings/testing/services/hub.ts';
import { expect, test } from 'vitest';

interface Answer {
  readonly token: string;
  readonly code?: string;
}

async function start(now?: () => number) {
  const hub = await startHub({ log: await openTestLog(), now });
  const ask = async (token: string | undefined, body: unknown) => {
    const response = await fetch(`${hub.url}/publisher-tokens`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, answer: (await response.json()) as Answer };
  };
  return { ask, ...hub };
}

test('the API key makes tokens for an owner and for a channel, of the time asked for', async () => {
  const at = Date.UTC(2040, 0, 1);
  const { ask, tokens } = await start(() => at);
  const channelId = tokens.newChannelId('mira');
  const ofOwner = await ask(publishApiKey, { owner: 'mira' });
  expect(ofOwner).toMatchObject({ status: 201, answer: { expiresAt: '2040-01-02T00:00:00.000Z' } });
  expect(await tokens.verifyBearer(ofOwner.answer.token)).toMatchObject({ owner: 'mira', channelId: null });
  const ofChannel = await ask(publishApiKey, { channelId, ttlSeconds: 60 });
  expect(ofChannel).toMatchObject({ status: 201, answer: { expiresAt: '2040-01-01T00:01:00.000Z' } });
  expect(await tokens.verifyBearer(ofChannel.answer.token)).toMatchObject({ owner: null, channelId });
});

test('nobody else makes any, and none for a channel that was never opened', async () => {
  const { ask, tokens } = await start();
  const channelId = tokens.newChannelId('mira');
  const inAnHour = Date.now() + 60 * 60 * 1000;
  const refused = async (token: string | undefined, body: unknown = { owner: 'mira' }) => {
    const { status, answer } = await ask(token, body);
    return [status, answer.code];
  };
  expect(await refused(undefined)).toEqual([401, 'token_missing']);
  expect(await refused(`${publishApiKey}x`)).toEqual([401, 'token_invalid']);
  expect(await refused(supportToken)).toEqual([404, 'not_found']);
  expect(await refused(await tokens.issueChannelToken({ channelId, owner: 'mira' }))).toEqual([
    404,
    'not_found',
  ]);
  expect(await refused(await tokens.issuePublisherToken({ owner: 'mira' }, inAnHour))).toEqual([
    404,
    'not_found',
  ]);
  expect(await refused(await tokens.issuePublisherToken({ channelId }, inAnHour), { channelId })).toEqual([
    404,
    'not_found',
  ]);
  expect(await refused(publishApiKey, { channelId: 'never-opened' })).toEqual([404, 'not_found']);
});

test.each<[string, unknown, string?]>([
  ['neither', {}],
  ['both', { owner: 'mira', channelId: 'c' }],
  ['more than seven days', { owner: 'mira', ttlSeconds: 7 * 24 * 60 * 60 + 1 }, 'ttlSeconds'],
  ['no time', { owner: 'mira', ttlSeconds: 0 }, 'ttlSeconds'],
  ['an owner with a control character', { owner: 'a\u0000' }, 'owner'],
  ['a field that is not known', { owner: 'mira', scope: 'all' }],
])('a body is refused that names %s', async (_name, body, field) => {
  const { ask } = await start();
  expect(await ask(publishApiKey, body)).toMatchObject({
    status: 400,
    answer: { code: 'invalid_request', ...(field === undefined ? {} : { field }) },
  });
});
