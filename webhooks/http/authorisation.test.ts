/** Who may call which route of webhooks: asked of every route, with every kind of token. A route that this table does not name fails the test. */
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { expect, onTestFinished, test } from 'vitest';
import { startReceiver } from '../test/receiver.ts';
import { API_KEY, AUTH_SECRET, SUPPORT_TOKEN, startWorld } from '../test/webhooks-world.ts';

type Caller = 'the owner' | 'another owner' | 'support' | 'the API key' | 'a publisher';

/** Who gets another answer than that for what does not exist. */
const owners: readonly Caller[] = ['the owner', 'another owner'];
const theOwner: readonly Caller[] = ['the owner'];
const theOwnerAndSupport: readonly Caller[] = ['the owner', 'support'];

const allowed: Readonly<Record<string, readonly Caller[]>> = {
  'POST /webhooks': owners,
  'GET /webhooks': [...owners, 'support'],
  'POST /webhooks/:webhookId/rotate': theOwner,
  'POST /webhooks/:webhookId/test': theOwnerAndSupport,
  'POST /webhooks/:webhookId/unblock': theOwnerAndSupport,
  'GET /webhooks/:webhookId/deliveries': theOwnerAndSupport,
  'POST /webhooks/:webhookId/deliveries/:deliveryId/resend': theOwnerAndSupport,
  'POST /webhooks/:webhookId/deliveries/:deliveryId/skip': theOwnerAndSupport,
  'DELETE /webhooks/:webhookId': theOwnerAndSupport,
};

// Support could give an owner's webhook a new secret, and was shown it: whoever has it signs outcomes in the name of this server.
test('every route answers those alone who may call it, and shows a secret to owners alone', async () => {
  const world = await startWorld();
  const receiver = await startReceiver();
  const inAnHour = Date.now() + 3_600_000;
  const owner = await world.token('mira');
  const tokens: Readonly<Record<Caller, string>> = {
    'the owner': owner,
    'another owner': await world.token('otto'),
    support: SUPPORT_TOKEN,
    'the API key': API_KEY,
    'a publisher': await world.tokens.issuePublisherToken({ owner: 'mira' }, inAnHour),
  };
  const register = async () => {
    const { id } = await world.register(owner, receiver.url);
    await world.outcome('mira');
    const delivery = await eventually(async () => {
      const [found] = await world.deliveries(owner, id);
      expect(found?.status).toBe('delivered');
      return found;
    });
    return (route: string) => route.replace(':webhookId', id).replace(':deliveryId', delivery?.id ?? '');
  };
  const path = await register();
  expect(Object.keys(allowed).sort()).toEqual([...world.routes].sort());
  const told: string[] = [];
  for (const [route, may] of Object.entries(allowed))
    for (const caller of Object.keys(tokens) as Caller[]) {
      const [method = '', address = ''] = path(route).split(' ');
      const reason = caller === 'support' && method !== 'GET' ? { reason: 'asked for by ticket' } : undefined;
      const body = route === 'POST /webhooks' ? { url: receiver.url } : reason;
      // What the owner has removed is not there for support.
      const isGone = route.startsWith('DELETE') && caller === 'support';
      const answer = await world.send(method, address, tokens[caller], body);
      const text = await answer.text();
      const isServed = answer.status < 500 && answer.status !== 401 && answer.status !== 404;
      if (!isGone && (may.includes(caller) ? !isServed : answer.status !== 404))
        told.push(`${route}, asked by ${caller}: ${answer.status} ${text.slice(0, 200)}`);
      if (!owners.includes(caller) && text.includes('whsec_')) told.push(`${route} shows ${caller} a secret`);
    }
  expect(told).toEqual([]);
});

// A name that answered late had a webhook registered of an owner who had been erased meanwhile.
test('nothing is registered for an owner whose tokens were taken back while the name was looked up', async () => {
  const log = await openTestLog();
  const ownerTokens = await openOwnerTokens(log);
  onTestFinished(() => ownerTokens.close());
  const tokens = createTokenAuthority({ authSecret: AUTH_SECRET, supportToken: SUPPORT_TOKEN }, ownerTokens);
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const resolve = async () => {
    asked();
    await answered;
    return [{ address: '1.1.1.1', family: 4 }];
  };
  const world = await startWorld({ log, tokens, resolve });
  const token = await world.token('mira');
  const registering = world.send('POST', '/webhooks', token, { url: 'https://slow.example.org/' });
  await isAsked;
  await ownerTokens.revoke('mira');
  await eventually(() => expect(ownerTokens.get('mira')).toBeDefined());
  answer();
  expect((await registering).status).toBe(401);
  const listed = await world.send('GET', '/webhooks', SUPPORT_TOKEN);
  expect(await listed.json()).toEqual({ items: [] });
});
