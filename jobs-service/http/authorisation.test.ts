/** Who may call which route: asked of every route, with every kind of token. A route that this table does not name fails the test. */
import { noRows } from '@tidings/contracts/imports/import.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { API_KEY, SUPPORT_TOKEN, startApiServer } from '../test/api-server.ts';
import { addContacts, addRejectedRows } from '../test/contact-store.ts';
import { startFaultyLog } from '../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../test/folded-import.ts';

const realStore = shareContactStore();

type Caller = 'nobody' | 'the owner' | 'another owner' | 'support' | 'the API key' | 'a publisher';
const callers: readonly Caller[] = [
  ...(['nobody', 'the owner', 'another owner', 'support', 'the API key', 'a publisher'] as const),
];

/** Who gets another answer than that for what does not exist. Without a token all others are 401. */
const owners: readonly Caller[] = ['the owner', 'another owner'];
const ownersAndSupport: readonly Caller[] = [...owners, 'support'];
const theOwner: readonly Caller[] = ['the owner'];
const theOwnerAndSupport: readonly Caller[] = ['the owner', 'support'];
const support: readonly Caller[] = ['support'];
const everybody: readonly Caller[] = callers;
const senders: readonly Caller[] = ['nobody', ...owners];

const allowed: Readonly<Record<string, readonly Caller[]>> = {
  'GET /limits': everybody,
  'POST /imports': senders,
  'POST /imports/preview': senders,
  // Neither names an upload here.
  'GET /imports/upload': owners,
  'PATCH /imports/upload': owners,
  'GET /imports': ownersAndSupport,
  'GET /imports/:importId': theOwnerAndSupport,
  'POST /imports/:importId/channel-tokens': theOwner,
  'POST /imports/:importId/cancel': theOwnerAndSupport,
  'POST /imports/:importId/undo': theOwnerAndSupport,
  'GET /imports/:importId/undo': theOwnerAndSupport,
  'GET /imports/:importId/warnings': theOwnerAndSupport,
  'GET /imports/:importId/events': theOwnerAndSupport,
  'POST /imports/:importId/retry': theOwnerAndSupport,
  'GET /imports/:importId/rejected.csv': theOwnerAndSupport,
  'GET /imports/:importId/rejected.xlsx': theOwnerAndSupport,
  'GET /imports/:importId/rejected': theOwnerAndSupport,
  'GET /imports/:importId/rejected/:row': theOwnerAndSupport,
  'PATCH /imports/:importId/rejected': theOwner,
  'PATCH /imports/:importId/rejected/:row': theOwner,
  'POST /imports/:importId/rejected/ignore': theOwner,
  'DELETE /imports/:importId/rejected/ignore': theOwner,
  'POST /imports/:importId/rejected/import': theOwner,
  'GET /events': ownersAndSupport,
  'GET /contacts': owners,
  'GET /contacts.csv': owners,
  'GET /contacts/duplicates': owners,
  'GET /contacts/:contactId': theOwner,
  'PATCH /contacts/:contactId': theOwner,
  'DELETE /contacts/:contactId': theOwner,
  'GET /settings': owners,
  'PUT /settings': owners,
  'GET /reference/countries': ownersAndSupport,
  // No country is known here.
  'GET /reference/countries/:code': [],
  'PUT /reference/countries/:code': support,
  'DELETE /reference/countries/:code': [],
  'DELETE /owners/:owner': support,
  'GET /owners/:owner/export': support,
  'DELETE /owners/:owner/tokens': support,
  'GET /dead-letters': support,
  'POST /dead-letters/*id/requeue': support,
  'POST /dead-letters/*id/skip': support,
  'GET /blocked': support,
  'POST /blocked/:group/:topic/:partition/retry': support,
  'POST /blocked/:group/:topic/:partition/skip': support,
  'GET /audit': support,
  'GET /services': support,
  'GET /imports/:importId/chunks': support,
  'POST /imports/:importId/chunks/requeue': support,
  'POST /imports/:importId/chunks/:chunk/retry': support,
  'POST /imports/:importId/chunks/:chunk/requeue': support,
  'POST /imports/:importId/chunks/:chunk/skip': support,
  'POST /support-session': support,
  'DELETE /support-session': everybody,
  'POST /requests/:service/take': ['the API key'],
  'POST /requests/:requestId/renew': ['the API key'],
  'POST /requests/:requestId/reply': ['the API key'],
  'POST /requests/:service/:method': [...ownersAndSupport, 'the API key'],
  'GET /requests/:requestId': ['the owner', 'support', 'the API key'],
};

/** Bodies that are read before it is looked for what the address names. Any other says nothing: who may change something hears what is missing. */
const bodies: Readonly<Record<string, object>> = {
  'PATCH /imports/:importId/rejected': { rows: [{ row: 1, cells: {} }] },
  'PATCH /imports/:importId/rejected/:row': { cells: {} },
  'POST /requests/:service/take': { wait: 0 },
};

async function start() {
  const faulty = await startFaultyLog();
  const contactStore = realStore();
  const server = await startApiServer(faulty, {
    contactStore,
    services: { echo: { methods: { say: {} } } },
    requests: { perMinute: 10_000, freeFailuresPerMinute: 1_000, failuresPerMinute: 1_001 },
  });
  const [owner, other] = [`mira-${uuidv7()}`, `otto-${uuidv7()}`];
  const rows = { ...noRows(), total: 2, created: 1, rejected: 1 };
  const folded = foldedImport(owner, { ...ended, rows, channelId: server.tokens.newChannelId(owner) });
  const { importId } = folded.state;
  await keep(faulty.log, folded);
  await addRejectedRows(contactStore, { ...folded, importId }, ['secret of mira', 'Mira']);
  const [contact] = await addContacts(contactStore, owner, 'secret-of-mira@example.org');
  const inAnHour = Date.now() + 3_600_000;
  const tokens: Readonly<Record<Caller, string | undefined>> = {
    nobody: undefined,
    // Of another channel than the import's: what an owner has is open to all of the owner's channels.
    'the owner': await server.issueToken(owner),
    'another owner': await server.issueToken(other),
    support: SUPPORT_TOKEN,
    'the API key': API_KEY,
    'a publisher': await server.tokens.issuePublisherToken({ owner }, inAnHour),
  };
  const asked = await server.send('/requests/echo/say', tokens['the owner'], {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Prefer: 'wait=0' },
    body: '{}',
  });
  const { requestId } = (await asked.json()) as { requestId: string };
  const path = (route: string) =>
    route
      .replace(':importId', importId)
      .replace(':row', '1')
      .replace(':contactId', contact?.id ?? '')
      .replace(':code', 'DE')
      .replace(':owner', `nobody-${uuidv7()}`)
      .replace('*id', 'import-work.bulk/0/0')
      .replace(':group/:topic/:partition', 'importers/import-work.bulk/0')
      .replace(':chunk', '0')
      .replace(':service', 'echo')
      .replace(':method', 'say')
      .replace(':requestId', requestId);
  const ask = async (route: string, caller: Caller) => {
    const [method = '', address = ''] = route.split(' ');
    const headers = { 'Content-Type': 'application/json', Prefer: 'wait=0' };
    const body = method === 'GET' ? {} : { headers, body: JSON.stringify(bodies[route] ?? {}) };
    const answer = await server.send(path(address), tokens[caller], { method, ...body });
    return { status: answer.status, text: await answer.text() };
  };
  await eventually(async () => expect((await ask('GET /imports/:importId', 'the owner')).status).toBe(200));
  return { ask, routes: server.routes };
}

const destroying = ['DELETE /contacts/:contactId'];

test('every route answers those alone who may call it, and tells another owner nothing', async () => {
  const { ask, routes } = await start();
  expect(Object.keys(allowed).sort()).toEqual([...routes].sort());
  const order = [...routes].sort(
    (one, other) => Number(destroying.includes(one)) - Number(destroying.includes(other)),
  );
  const told: string[] = [];
  for (const route of order) {
    for (const caller of callers) {
      const { status, text } = await ask(route, caller);
      const mayCall = allowed[route]?.includes(caller) ?? false;
      const refused = caller === 'nobody' ? 401 : 404;
      // A route that breaks for those who may call it was taken for one that serves them.
      const isServed = status < 500 && status !== 401 && status !== 404;
      if (mayCall ? !isServed : status !== refused)
        told.push(`${route}, asked by ${caller}: ${status} ${text.slice(0, 200)}`);
      if (caller !== 'the owner' && caller !== 'support' && /secret.of.mira/.test(text))
        told.push(`${route} tells ${caller} what is another owner's`);
    }
  }
  expect(told).toEqual([]);
});
