/** The answers of a running server, compared with what docs/openapi.json says of them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { signUserToken } from '@tidings/testing/user-token.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DescribedAnswers } from '../test/described-answers.ts';

const USER_JWT_SECRET = 'u'.repeat(32);
const services = { echo: { methods: { say: {} } } };

let stack: Stack;
let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeAll(async () => {
  folder = await makeFolder();
  const file = join(folder.path, 'requests.json');
  await writeFile(file, JSON.stringify({ services }));
  stack = await startStack({ USER_JWT_SECRET, REQUESTS_FILE: file });
});
afterAll(async () => {
  await stack?.dispose();
  await folder?.remove();
});

interface Sent {
  readonly token?: string;
  readonly json?: unknown;
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
}

const answers = new DescribedAnswers();

/** Sends a request to a route, by the words of its description, and compares the answer. */
async function ask<Body>(
  method: string,
  path: string,
  names: Readonly<Record<string, string>> = {},
  { token, json, form, headers, query = '' }: Sent = {},
): Promise<{ readonly status: number; readonly body: Body; readonly headers: Headers }> {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(names[name] ?? 'none'),
  );
  const response = await fetch(`${stack.url}${address}${query}`, {
    method: method.toUpperCase(),
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: form ?? (json === undefined ? undefined : JSON.stringify(json)),
  });
  const body = (await answers.compare(method, path, response)) as Body;
  return { status: response.status, body, headers: response.headers };
}

type Channel = Readonly<Record<'channelId' | 'token', string>>;

async function askAboutChannels(userToken: string): Promise<Channel> {
  const apiKey = { token: stack.apiKey };
  const { body: channel } = await ask<Channel>('post', '/channels', {}, { json: { userToken } });
  await ask('post', '/channels', {}, { ...apiKey, json: { owner: 'mira' } });
  await ask('post', '/channels', {}, { json: {} });
  await ask('get', '/channels', {}, { token: userToken });
  await ask('post', '/publisher-tokens', {}, { ...apiKey, json: { owner: 'mira' } });
  await ask('post', '/publisher-tokens', {}, { ...apiKey, json: {} });
  const items = [
    { subject: 'job', type: 'job.done', data: 1 },
    { subject: 'job', type: 'job.progress', data: { half: true }, lane: 'progress' },
  ];
  await ask('post', '/channels/{channelId}/notifications', channel, { ...apiKey, json: items });
  await ask('post', '/channels/{channelId}/tickets', channel, channel);
  const headers = { Accept: 'application/json' };
  const events = await ask('get', '/channels/{channelId}/events', channel, { ...channel, headers });
  const known = { ...headers, 'If-None-Match': String(events.headers.get('ETag')) };
  await ask('get', '/channels/{channelId}/events', channel, { ...channel, headers: known });
  await ask('get', '/channels/{channelId}/events', channel, { headers });
  return channel;
}

async function askAboutImports({ channelId, token }: Channel): Promise<string> {
  const support = { token: stack.supportToken };
  const upload = (file: string, headers = {}) => {
    const form = new FormData();
    form.append('file', new Blob([file]), 'a.csv');
    return ask<{ importId: string }>('post', '/imports', {}, { token, form, headers });
  };
  const file = 'email,city\na@described.example,Rome\nnobody,Oslo\n';
  const { body: ended } = await upload(file, { Prefer: 'wait=60' });
  await upload('email\nb@described.example\n');
  await upload('');
  const one = { importId: ended.importId };
  await ask('get', '/limits');
  await ask('get', '/imports', {}, { token });
  await ask('get', '/imports/{importId}', one, { token, headers: { Prefer: 'wait=60' } });
  await ask('get', '/imports/{importId}', {}, { token });
  await ask('get', '/imports/{importId}/rejected.csv', one, { token });
  await ask('get', '/imports/{importId}/chunks', one, support);
  for (const action of ['retry', 'requeue', 'skip'])
    await ask(
      'post',
      `/imports/{importId}/chunks/{chunk}/${action}`,
      { ...one, chunk: '0' },
      { ...support, json: { reason: 'to see' } },
    );
  await ask('post', '/imports/{importId}/chunks/requeue', one, { ...support, json: { reason: 'to see' } });
  await ask('post', '/imports/{importId}/retry', one, { token });
  await askAboutContacts(token);
  await ask('post', '/imports/{importId}/undo', one, { token });
  await ask('get', '/imports/{importId}/undo', one, { token });
  await ask('post', '/imports/{importId}/cancel', one, { token });
  return channelId;
}

async function askAboutContacts(token: string): Promise<void> {
  const { body } = await ask<{ items: { id: string }[] }>(
    'get',
    '/contacts',
    {},
    { token, query: '?query=described' },
  );
  const [{ id: contactId } = { id: 'none' }] = body.items;
  const contact = { contactId };
  await ask('get', '/contacts/{contactId}', contact, { token });
  await ask('patch', '/contacts/{contactId}', contact, { token, json: { firstName: 'Ada' } });
  await ask('patch', '/contacts/{contactId}', contact, { token, json: { country: 'nowhere' } });
  await ask('delete', '/contacts/{contactId}', contact, { token });
}

async function askServices(token: string): Promise<void> {
  const apiKey = { token: stack.apiKey };
  const say = { service: 'echo', method: 'say' };
  const asked = await ask<{ requestId: string }>('post', '/requests/{service}/{method}', say, {
    ...{ token, json: { hello: 'there' }, headers: { Prefer: 'wait=0' } },
  });
  await ask('get', '/requests/{requestId}', asked.body, { token });
  const take = await ask<{ requestId: string; lease: string }>('post', '/requests/{service}/take', say, {
    ...apiKey,
    json: { wait: 30 },
  });
  expect(take.status).toBe(200);
  const { requestId, lease } = take.body;
  await ask('post', '/requests/{requestId}/renew', { requestId }, { ...apiKey, json: { lease } });
  const json = { lease, status: 200, body: { json: { hello: 'you' } } };
  await ask('post', '/requests/{requestId}/reply', { requestId }, { ...apiKey, json });
  await ask('post', '/requests/{requestId}/renew', { requestId }, { ...apiKey, json: { lease: 'another' } });
  await ask('get', '/requests/{requestId}', asked.body, { token });
}

async function askAsSupport(): Promise<void> {
  const support = { token: stack.supportToken };
  const order = { ...support, json: { reason: 'to see' } };
  await ask('get', '/dead-letters', {}, support);
  await ask('get', '/blocked', {}, support);
  for (const action of ['requeue', 'skip']) await ask('post', `/dead-letters/{id}/${action}`, {}, order);
  for (const action of ['retry', 'skip'])
    await ask('post', `/blocked/{group}/{topic}/{partition}/${action}`, { partition: '0' }, order);
  await ask('get', '/owners/{owner}/export', { owner: 'mira' }, support);
  await ask('delete', '/owners/{owner}', { owner: 'mira' }, order);
  await ask('delete', '/owners/{owner}/tokens', { owner: 'mira' }, order);
  await ask('get', '/audit', {}, support);
}

/** Orders about what has failed: nothing has, so only their refusals are compared here. `jobs-service/http/support/` tries the others. */
const refused = [
  'post /blocked/{group}/{topic}/{partition}/retry',
  'post /blocked/{group}/{topic}/{partition}/skip',
  'post /dead-letters/{id}/requeue',
  'post /dead-letters/{id}/skip',
  'post /imports/{importId}/chunks/requeue',
  'post /imports/{importId}/chunks/{chunk}/requeue',
  'post /imports/{importId}/chunks/{chunk}/retry',
  'post /imports/{importId}/chunks/{chunk}/skip',
  'post /imports/{importId}/cancel',
  'post /imports/{importId}/retry',
];

test('every route answers as it is described, by status, type and field', { timeout: 180_000 }, async () => {
  const channel = await askAboutChannels(signUserToken('mira', USER_JWT_SECRET));
  await askAboutImports(channel);
  await askServices(channel.token);
  for (const path of ['/livez', '/readyz', '/metrics', '/docs', '/docs/style.css']) await ask('get', path);
  for (const path of ['/docs/openapi.json', '/docs/asyncapi.json']) await ask('get', path);
  await askAsSupport();
  const expected = answers.operations.filter((name) => !refused.includes(name));
  expect([...answers.succeeded].toSorted()).toEqual(expected.toSorted());
});
