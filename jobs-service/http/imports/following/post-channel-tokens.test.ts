import type { ChannelToken } from '@tidings/contracts/channels/channels.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../../test/api-server.ts';
import { foldedImport, keep } from '../../../test/folded-import.ts';

/** An import of Mira. */
async function startServer() {
  const log = await openTestLog();
  const owner = `mira-${uuidv7()}`;
  const folded = foldedImport(owner);
  await keep(log, folded);
  const server = await startApiServer({ log });
  const ask = (token: string) =>
    server.send(`/imports/${folded.state.importId}/channel-tokens`, token, { method: 'POST' });
  return { server, owner, ask, channelId: folded.state.channelId };
}

test('an owner gets a token of the import’s channel by the token of any other', async () => {
  const { server, owner, ask, channelId } = await startServer();
  const answer = await ask(await server.issueToken(owner, 'another channel'));
  expect(answer.status).toBe(201);
  const given = (await answer.json()) as ChannelToken;
  expect(given.channelId).toBe(channelId);
  expect(await server.tokens.verifyBearer(given.token)).toMatchObject({ kind: 'channel', channelId, owner });
});

test('the token ends with the sign-in that it came of, and is taken back with the tokens before it', async () => {
  const { server, owner, ask } = await startServer();
  const renewUntil = Math.floor(Date.now() / 1000) * 1000 + 60_000;
  const channel = { channelId: 'another channel', owner, epoch: 7, renewUntil };
  const answer = await ask(await server.tokens.issueChannelToken(channel));
  const { token } = (await answer.json()) as ChannelToken;
  expect(await server.tokens.verifyBearer(token)).toMatchObject({
    epoch: 7,
    renewUntil,
    expiresAt: renewUntil,
  });
});

// A channel's token opens its owner's contacts, which support must not see.
test('neither somebody else nor support gets one', async () => {
  const { server, ask } = await startServer();
  for (const token of [await server.issueToken('noor'), SUPPORT_TOKEN])
    expect((await ask(token)).status).toBe(404);
});
