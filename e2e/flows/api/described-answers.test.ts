/** The answers of a running server, compared with what docs/openapi.json says of them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { routes } from '@tidings/api-docs/routes.ts';
import type { Page, ProblemDocument } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { EventPage } from '@tidings/contracts/imports/listed-events.ts';
import { chunkWorkKey } from '@tidings/contracts/imports/work.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import type { BlockedPartitionItem, DeadLetterItem } from '@tidings/contracts/services/support.ts';
import { topics, workTopics } from '@tidings/contracts/topics.ts';
import { encodeBlocked } from '@tidings/event-log/control/blocked-partitions.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { encodeDeadLetter } from '@tidings/event-log/retry/retry-headers.ts';
import { deadLetterTopic } from '@tidings/event-log/retry/topic-names.ts';
import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { DescribedAnswers } from '../../test/described-answers.ts';
import { beginUpload } from '../../test/streamed-upload.ts';

const USER_JWT_SECRET = 'u'.repeat(32);
const services = { echo: { methods: { say: {} } } };

let stack: Stack;
let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeAll(async () => {
  folder = await makeFolder();
  const file = join(folder.path, 'requests.json');
  await writeFile(file, JSON.stringify({ services }));
  stack = await startStack({ USER_JWT_SECRET, REQUESTS_FILE: file, WEBHOOK_ALLOW_PRIVATE: 'true' });
});
afterAll(async () => {
  await stack?.dispose();
  await folder?.remove();
});

interface Sent {
  readonly token?: string;
  readonly json?: unknown;
  readonly form?: FormData | string;
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

async function askAboutBrokenUploads({ token }: Channel): Promise<void> {
  const file = 'email\nb@described.example\n';
  const keyed = { 'Idempotency-Key': 'described' };
  const rest = (offset: number, form: string, headers: Readonly<Record<string, string>> = keyed) => {
    const type = { 'Content-Type': 'application/offset+octet-stream' };
    return ask(
      'patch',
      '/imports/upload',
      {},
      {
        ...{ token, form },
        headers: { ...type, 'Upload-Offset': String(offset), ...headers },
      },
    );
  };
  await ask('get', '/imports/upload', {}, { token, headers: keyed });
  await rest(0, file);
  const form = new FormData();
  form.append('file', new Blob([file]), 'a.csv');
  await ask('post', '/imports', {}, { token, form, headers: keyed });
  const { body: stands } = await ask('get', '/imports/upload', {}, { token, headers: keyed });
  expect(stands).toEqual({ offset: file.length });
  await rest(file.length, '', { ...keyed, Prefer: 'wait=60' });
  await rest(file.length, '');
  await rest(1, '');
  await rest(1, '', {});
}

/** @returns two imports that have ended */
async function askAboutImports({ token }: Channel): Promise<string[]> {
  const support = { token: stack.supportToken };
  const upload = (file: string, headers = {}) => {
    const form = new FormData();
    form.append('file', new Blob([file]), 'a.csv');
    return ask<{ importId: string }>('post', '/imports', {}, { token, form, headers });
  };
  await ask('get', '/settings', {}, { token });
  await ask('put', '/settings', {}, { token, json: { duplicates: 'update', mappings: [] } });
  const wait = { Prefer: 'wait=60' };
  const file = 'email,city\na@described.example,Rome\nnobody,Oslo\n';
  const { body: ended } = await upload(file, wait);
  const others = [
    await upload('email\nb@described.example\n', wait),
    await upload('email\nc@described.example\n', wait),
  ];
  await upload('email\nd@described.example\n');
  await upload('');
  const preview = (content: string) => {
    const form = new FormData();
    form.append('file', new Blob([content]), 'a.csv');
    return ask('post', '/imports/preview', {}, { token, form });
  };
  await preview(file);
  await preview('name\nnobody\uFFFD\n');
  await preview('');
  const one = { importId: ended.importId };
  await ask('get', '/limits');
  await ask('get', '/imports', {}, { token });
  await ask('get', '/imports/{importId}', one, { token, headers: { Prefer: 'wait=60' } });
  await ask('get', '/imports/{importId}', {}, { token });
  await ask('post', '/imports/{importId}/channel-tokens', one, { token });
  await ask('get', '/imports/{importId}/rejected.csv', one, { token });
  await ask('get', '/imports/{importId}/rejected.xlsx', one, { token });
  await ask('get', '/imports/{importId}/rejected', one, { token });
  await ask('get', '/imports/{importId}/rejected/{row}', { ...one, row: '2' }, { token });
  await ask('get', '/imports/{importId}/warnings', one, { token });
  const cells = { email: 'e@described.example' };
  await ask('patch', '/imports/{importId}/rejected/{row}', { ...one, row: '2' }, { token, json: { cells } });
  await ask('patch', '/imports/{importId}/rejected', one, { token, json: { rows: [{ row: 2, cells }] } });
  await ask('post', '/imports/{importId}/rejected/ignore', one, { token });
  await ask('delete', '/imports/{importId}/rejected/ignore', one, { token });
  await ask('post', '/imports/{importId}/rejected/import', one, { token });
  await ask('post', '/imports/{importId}/rejected/import', one, { token, headers: wait });
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
  const { body: events } = await ask<EventPage>('get', '/imports/{importId}/events', one, { token });
  const tree = `?correlationId=${events.items[0]?.correlationId}`;
  await ask('get', '/events', {}, { token, query: tree });
  await ask('post', '/imports/{importId}/cancel', one, { token });
  return others.map(({ body }) => body.importId);
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
  await ask('get', '/contacts.csv', {}, { token, query: '?import=none' });
  await ask('get', '/contacts.csv', {}, { token });
  await ask('get', '/contacts/duplicates', {}, { token });
  await ask('get', '/contacts/{contactId}', contact, { token });
  await ask('patch', '/contacts/{contactId}', contact, { token, json: { firstName: 'Ada' } });
  await ask('patch', '/contacts/{contactId}', contact, { token, json: { country: 'nowhere' } });
  const stale = { token, json: { firstName: 'Ada' }, headers: { 'If-Match': '"1"' } };
  await ask('patch', '/contacts/{contactId}', contact, stale);
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
  await askAboutCountries(support.token);
  await ask('get', '/owners/{owner}/export', { owner: 'mira' }, support);
  await ask('delete', '/owners/{owner}', { owner: 'mira' }, order);
  await ask('delete', '/owners/{owner}/tokens', { owner: 'mira' }, order);
  await ask('get', '/audit', {}, support);
  await ask('get', '/services', {}, support);
  await ask('post', '/support-session', {}, support);
  await ask('delete', '/support-session', {}, {});
}

async function askAboutCountries(token: string): Promise<void> {
  const [all, one] = ['/reference/countries', '/reference/countries/{code}'];
  await ask('get', all, {}, { token });
  const seed = await ask('get', one, { code: 'DE' }, { token });
  const json = { name: 'Germany', aliases: ['Teutonia'], callingCode: '49', timeZones: [] };
  await ask('put', one, { code: 'DE' }, { token, json });
  await ask('put', one, { code: 'DE' }, { token, json, headers: { 'If-Match': '"another"' } });
  const headers = { 'If-Match': seed.headers.get('ETag') ?? '' };
  const changed = await ask('put', one, { code: 'DE' }, { token, json, headers });
  expect(changed.status).toBe(200);
  const back = { token, headers: { 'If-Match': changed.headers.get('ETag') ?? '' } };
  expect((await ask('delete', one, { code: 'DE' }, back)).status).toBe(200);
  const added = await ask('put', one, { code: 'ZZ' }, { token, json: { name: 'Atlantis' } });
  expect(added.status).toBe(201);
  const gone = { token, headers: { 'If-Match': added.headers.get('ETag') ?? '' } };
  expect((await ask('delete', one, { code: 'ZZ' }, gone)).status).toBe(204);
}

/** An endpoint where nobody listens: its first delivery waits until it is passed over. */
async function askAboutWebhooks({ token }: Channel): Promise<void> {
  const [all, one, delivery] = [
    '/webhooks',
    '/webhooks/{webhookId}',
    '/webhooks/{webhookId}/deliveries/{deliveryId}',
  ];
  const json = { url: 'http://127.0.0.1:1/outcomes' };
  await ask('post', all, {}, { token, json: { url: 'http://10.0.0.1/' } });
  const { body: created } = await ask<{ id: string }>('post', all, {}, { token, json });
  const names = { webhookId: created.id };
  await ask('get', all, {}, { token });
  await ask('post', `${one}/rotate`, names, { token });
  const { body: sent } = await ask<{ deliveryId: string }>('post', `${one}/test`, names, { token });
  await ask('get', `${one}/deliveries`, names, { token });
  await ask('post', `${one}/unblock`, names, { token });
  const support = { token: stack.supportToken, json: { reason: 'asked for by ticket 7' } };
  expect((await ask('post', `${one}/unblock`, names, { token: stack.supportToken })).status).toBe(400);
  expect((await ask('post', `${one}/unblock`, names, support)).status).toBe(202);
  for (const action of ['skip', 'resend'])
    await eventually(async () => {
      const { status } = await ask('post', `${delivery}/${action}`, { ...names, ...sent }, { token });
      expect([action, status]).toEqual([action, 202]);
    });
  await ask('delete', one, names, { token });
}

/** Cancels an import whose file is still on its way. */
async function askToCancel({ token }: Channel): Promise<void> {
  const upload = beginUpload(stack.url, {}, { Authorization: `Bearer ${token}` });
  await upload.send(makeContactsFile(2_000, 'cancelled.example').bytes);
  const running = await eventually(async () => {
    const { body } = await ask<Page<ImportState>>('get', '/imports', {}, { token });
    const found = body.items.find((state) => state.upload === 'receiving');
    expect(found).toBeDefined();
    return found;
  });
  const { status } = await ask(
    'post',
    '/imports/{importId}/cancel',
    { importId: running?.importId ?? '' },
    { token },
  );
  expect(status).toBe(202);
  upload.destroy();
}

const { topic, group } = workTopics.express;
const failure = { attempts: 3, error: { code: 'internal', message: 'It failed.' } };
/** Chunks that the imports do not have: what people order about each is no matter of the others. */
const deadChunks = [10, 11, 12, 13, 14, 15];

/** Puts onto the log of the stopped server what it keeps of chunks that were given up and of a partition that is blocked. */
async function failOnLog(importIds: readonly string[]): Promise<void> {
  await stack.interrupt();
  const log = await openEmbeddedLog({ directory: join(stack.directory, 'data/log') });
  try {
    const letters = importIds.map((importId, place) => dieOf(log, importId, place * 1_000));
    await log.append([
      ...(await Promise.all(letters)).flat(),
      encodeBlocked(topics.blocked, {
        ...{
          group: 'nobody',
          topic: topics.commands,
          partition: 0,
          offset: 0,
          key: 'key',
          since: Date.now(),
        },
        ...failure,
      }),
    ]);
  } finally {
    await log.close();
  }
  await stack.start();
}

/** @param from the place of its first dead chunk on the topic of work */
async function dieOf(log: EventLog, importId: string, from: number) {
  const accepted = (await readAll(log, topics.commands)).find(({ key }) => key === importId);
  const { data } = decodeEvent(accepted?.value ?? null);
  const { uploadId } = data as { uploadId: string };
  return deadChunks.map((chunk) =>
    encodeDeadLetter(deadLetterTopic(topic, group), {
      ...{ group, origin: { topic, partition: 0, offset: from + chunk }, key: chunkWorkKey(importId, chunk) },
      value: new TextEncoder().encode('nobody@described.example\n'),
      headers: { work: JSON.stringify({ importId, uploadId, chunk, shape: { rows: 1, firstLine: 2 } }) },
      failedAt: Date.now(),
      ...failure,
    }),
  );
}

/** Orders about what has failed. */
async function askAboutFailed(importId: string, another: string, { token }: Channel): Promise<void> {
  const support = { token: stack.supportToken };
  const order = { ...support, json: { reason: 'to see' } };
  const obey = async (path: string, names: Readonly<Record<string, string>>, sent: Sent = order) =>
    expect([path, (await ask('post', path, names, sent)).status]).toEqual([path, 202]);
  const { body } = await ask<Page<DeadLetterItem>>('get', '/dead-letters', {}, support);
  const [requeued, skipped, ...byChunk] = body.items.filter((letter) => letter.importId === importId);
  expect(byChunk).toHaveLength(deadChunks.length - 2);
  await ask('get', '/imports/{importId}/chunks', { importId }, support);
  await obey('/dead-letters/{id}/requeue', { id: requeued?.id ?? '' });
  await obey('/dead-letters/{id}/skip', { id: skipped?.id ?? '' });
  for (const [place, action] of ['retry', 'requeue', 'skip'].entries())
    await obey(`/imports/{importId}/chunks/{chunk}/${action}`, {
      importId,
      chunk: `${byChunk[place]?.chunk}`,
    });
  await obey('/imports/{importId}/chunks/requeue', { importId });
  await obey('/imports/{importId}/retry', { importId: another }, { token });
  const { body: blocked } = await ask<Page<BlockedPartitionItem>>('get', '/blocked', {}, support);
  const [{ group: by, topic: of, partition } = { group: '', topic: '', partition: 0 }] = blocked.items;
  for (const action of ['retry', 'skip'])
    await obey(`/blocked/{group}/{topic}/{partition}/${action}`, {
      group: by,
      topic: of,
      partition: `${partition}`,
    });
}

test('every route answers as it is described, by status, type and field', { timeout: 180_000 }, async () => {
  const channel = await askAboutChannels(signUserToken('mira', USER_JWT_SECRET));
  const [failed = '', another = ''] = await askAboutImports(channel);
  const userToken = signUserToken('mira', USER_JWT_SECRET);
  // The requests of a token are counted.
  await askAboutBrokenUploads((await ask<Channel>('post', '/channels', {}, { json: { userToken } })).body);
  await askToCancel(channel);
  await askServices(channel.token);
  await askAboutWebhooks(channel);
  for (const path of ['/livez', '/readyz', '/metrics', '/docs', '/docs/style.css']) await ask('get', path);
  for (const path of ['/docs/openapi.json', '/docs/asyncapi.json']) await ask('get', path);
  await failOnLog([failed, another]);
  await askAboutFailed(failed, another, channel);
  await askAsSupport();
  expect([...answers.succeeded].toSorted()).toEqual(answers.operations.toSorted());
});

// `?stauts=failed` was passed over: a script that had asked so took the list of all imports for that of the failed ones.
test('every route of the API refuses a parameter that it does not know', async () => {
  const lenient = ['Operators', 'Documents'];
  for (const { method, path, group } of routes) {
    const { status, body } = await ask<ProblemDocument>(method, path, {}, { query: '?stauts=failed' });
    const isRefused = status === 400 && body.code === 'invalid_request' && body.field === 'stauts';
    expect([method, path, isRefused]).toEqual([method, path, !lenient.includes(group)]);
  }
});
