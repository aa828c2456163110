import type { Page } from '@tidings/contracts/http.ts';
import type {
  AuditItem,
  BlockedPartitionItem,
  ChunkItem,
  DeadLetterItem,
} from '@tidings/contracts/services/support.ts';
import { consumerGroups, topics, workTopics } from '@tidings/contracts/topics.ts';
import { encodeBlocked } from '@tidings/event-log/control/blocked-partitions.ts';
import { encodeDeadLetter } from '@tidings/event-log/retry/retry-headers.ts';
import { problemOf } from '@tidings/testing/connections/requests.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';
import { ended, foldedImport, keep } from '../../test/folded-import.ts';

const contactStore = shareContactStore();
const { topic, group } = workTopics.bulk;
const reason = 'The fault is mended.';

async function start() {
  const log = await openTestLog();
  const server = await startApiServer({ log }, { contactStore: contactStore() });
  const post = (path: string, body: unknown = { reason }, token = SUPPORT_TOKEN) =>
    server.send(path, token, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const get = async <Body>(path: string): Promise<Body> => {
    const response = await server.send(path, SUPPORT_TOKEN);
    expect(response.status).toBe(200);
    return (await response.json()) as Body;
  };
  /** A chunk that was given up; its bytes and its header hold what no answer may show. */
  const die = ({ importId = uuidv7(), uploadId = uuidv7(), chunk = 0, offset = 0, failedAt = 1_000 }) =>
    log.append([
      encodeDeadLetter(`${topic}.${group}.dlq`, {
        ...{
          group,
          origin: { topic, partition: 1, offset },
          key: `${importId}:${chunk}`,
          attempts: 3,
          failedAt,
        },
        value: new TextEncoder().encode('canary@example.com'),
        headers: { work: JSON.stringify({ importId, uploadId, chunk, shape: { rows: 5, firstLine: 12 } }) },
        error: { code: 'internal', message: 'The importer could not work the chunk off.' },
      }),
    ]);
  const letters = async (query = '') => get<Page<DeadLetterItem>>(`/dead-letters${query}`);
  return { log, ...server, post, get, die, letters };
}

test('dead letters are listed newest first, in pages, by group, and without what is in them', async () => {
  const { die, letters, get } = await start();
  for (const offset of [0, 1, 2, 3, 4]) await die({ chunk: offset, offset, failedAt: 1_000 + (offset % 2) });
  const first = await letters('?limit=3');
  const second = await letters(`?limit=3&cursor=${encodeURIComponent(first.nextCursor ?? '')}`);
  const found = [...first.items, ...second.items];
  expect(found.map(({ id }) => id)).toEqual([1, 3, 0, 2, 4].map((offset) => `${topic}/1/${offset}`));
  expect(second.nextCursor).toBeNull();
  expect(found[0]).toEqual({
    ...{ id: `${topic}/1/1`, group, topic, attempts: 3, chunk: 1, failedAt: '1970-01-01T00:00:01.001Z' },
    error: { code: 'internal', message: 'The importer could not work the chunk off.' },
    ...{ key: expect.any(String), importId: expect.any(String) },
  });
  expect(JSON.stringify(found)).not.toContain('canary');
  expect((await letters(`?group=${group}`)).items).toHaveLength(5);
  expect((await letters(`?group=${consumerGroups.expressWork}`)).items).toEqual([]);
  expect((await get<Page<AuditItem>>('/audit')).items).toEqual([]);
});

test('an order about a dead letter wants a reason, is kept with who gave it and why, and is found in the audit', async () => {
  const { log, die, post, get } = await start();
  const folded = foldedImport('mira', ended);
  const { importId } = folded.state;
  await keep(log, folded);
  await die({ importId, chunk: 7, offset: 3 });
  await die({ offset: 4 });
  for (const body of [{}, { reason: '' }, { reason: ' \u00a0' }, { reason: 'x'.repeat(501) }, { reason: 5 }])
    expect(await problemOf(await post(`/dead-letters/${topic}/1/3/requeue`, body))).toMatchObject({
      ...{ status: 400, code: 'invalid_request', field: 'reason' },
    });
  const requeued = await post(`/dead-letters/${topic}/1/3/requeue`);
  const skipped = await post(`/dead-letters/${encodeURIComponent(`${topic}/1/4`)}/skip`);
  expect([requeued.status, skipped.status]).toEqual([202, 202]);
  const item = {
    ...{ at: expect.any(String), who: 'support', action: 'requeue', reason, importId, chunk: 7 },
    target: `${group} ${topic}/1/3`,
  };
  expect(await requeued.json()).toEqual(item);
  const audit = await get<Page<AuditItem>>('/audit?limit=1');
  expect(audit.items).toMatchObject([{ action: 'skip' }]);
  expect((await get<Page<AuditItem>>(`/audit?limit=1&cursor=${audit.nextCursor}`)).items).toEqual([item]);
  expect(await readAll(log, topics.control)).toHaveLength(2);
  expect(await problemOf(await post(`/dead-letters/${topic}/1/99/requeue`))).toMatchObject({
    code: 'not_found',
  });
});

test('the audit is searched by reason and target, and by what was done, by whom and to which import', async () => {
  const { die, post, get } = await start();
  const importId = uuidv7();
  await die({ importId, chunk: 7, offset: 3 });
  await die({ offset: 4 });
  await post(`/dead-letters/${topic}/1/3/skip`, { reason: 'Ticket 4711, of Mira' });
  await post(`/dead-letters/${topic}/1/4/skip`, { reason: 'Ticket 4712' });
  const reasons = async (query: string) =>
    (await get<Page<AuditItem>>(`/audit?${query}`)).items.map((item) => item.reason);
  expect(await reasons('q=TICKET')).toEqual(['Ticket 4712', 'Ticket 4711, of Mira']);
  expect(await reasons('q=mira')).toEqual(['Ticket 4711, of Mira']);
  expect(await reasons(`q=${encodeURIComponent(`${topic}/1/4`)}`)).toEqual(['Ticket 4712']);
  expect(await reasons(`importId=${importId}`)).toEqual(['Ticket 4711, of Mira']);
  expect(await reasons('action=requeue')).toEqual([]);
  expect(await reasons('action=skip&who=support&q=4712')).toEqual(['Ticket 4712']);
  expect(await reasons('who=owner')).toEqual([]);
  // The second page is that of what is looked for, too.
  const page = await get<Page<AuditItem>>('/audit?q=ticket&limit=1');
  expect(await reasons(`q=ticket&limit=1&cursor=${page.nextCursor}`)).toEqual(['Ticket 4711, of Mira']);
});

test('a dead letter whose import is gone, or ended too long ago, is not requeued, but can be skipped', async () => {
  const { log, die, post, get } = await start();
  const old = foldedImport('mira', { ...ended, endedAt: '2010-01-01T00:00:00.000Z' });
  const { importId } = old.state;
  await keep(log, old);
  await eventually(() => get(`/imports/${importId}`));
  await die({ importId, offset: 0 });
  // Of an import that was accepted long ago, and that neither the log nor the store has.
  await die({ importId: '01890000-0000-7000-8000-000000000000', offset: 1 });
  for (const offset of [0, 1]) {
    expect(await problemOf(await post(`/dead-letters/${topic}/1/${offset}/requeue`))).toMatchObject({
      ...{ status: 409, code: 'state_conflict', retriable: false },
    });
  }
  expect(await readAll(log, topics.control)).toEqual([]);
  expect((await post(`/dead-letters/${topic}/1/0/skip`)).status).toBe(202);
});

test('what support does to imports and owners needs a reason and is found in the audit; what owners do needs none', async () => {
  const { log, die, post, send, get, issueToken } = await start();
  const running = foldedImport('mira');
  const [undone, failed] = [foldedImport('mira', ended), foldedImport('mira', ended)];
  await keep(log, running, undone, failed);
  await die({ importId: failed.state.importId, uploadId: failed.uploadId });
  const pathOf = ({ state }: typeof running, action: string) => `/imports/${state.importId}/${action}`;
  await eventually(() => get(`/imports/${failed.state.importId}`));
  const asked = [pathOf(running, 'cancel'), pathOf(undone, 'undo'), pathOf(failed, 'retry')];
  for (const path of asked) {
    expect(await problemOf(await post(path, {}))).toMatchObject({
      ...{ status: 400, code: 'invalid_request', field: 'reason' },
    });
  }
  expect(await readAll(log, topics.control)).toEqual([]);
  const erase = { method: 'DELETE', headers: { 'Content-Type': 'application/json' } };
  expect(
    (await send('/owners/otto', SUPPORT_TOKEN, { ...erase, body: JSON.stringify({ reason }) })).status,
  ).toBe(200);
  expect((await send('/owners/otto/tokens', SUPPORT_TOKEN, { method: 'DELETE' })).status).toBe(204);
  for (const path of asked) expect((await post(path)).status).toBe(202);
  const { items } = await get<Page<AuditItem>>('/audit');
  expect(items.every(({ who, at }) => who === 'support' && Date.parse(at) > 0)).toBe(true);
  expect(items.map(({ action, target, importId, reason: why }) => [action, target, importId, why])).toEqual([
    ['requeue', `${group} ${topic}/1/0`, failed.state.importId, reason],
    ['undo', `import/${undone.state.importId}`, undone.state.importId, reason],
    ['cancel', `import/${running.state.importId}`, running.state.importId, reason],
    ['revoke_tokens', 'owner/otto', undefined, 'tokens taken back'],
    ['erase', 'owner/otto', undefined, reason],
  ]);
  const token = await issueToken('mira');
  for (const path of asked) expect((await send(path, token, { method: 'POST' })).status).toBe(202);
  expect((await get<Page<AuditItem>>('/audit?limit=1')).items).toMatchObject([
    { action: 'requeue', who: 'owner', reason: 'retry of the import' },
  ]);
});

test('blocked partitions are listed, and an order names exactly the record', async () => {
  const { log, post, get } = await start();
  const place = { group: consumerGroups.aggregator, topic: topics.commands, partition: 1 };
  const error = { code: 'unknown_command', message: 'This release does not know a type of command.' };
  await log.append([
    encodeBlocked(topics.blocked, {
      ...place,
      offset: 9,
      key: 'an import',
      error,
      since: 1_000,
      attempts: 6,
    }),
  ]);
  const items = [
    { ...place, offset: 9, key: 'an import', error, since: '1970-01-01T00:00:01.000Z', attempts: 6 },
  ];
  expect(await get<Page<BlockedPartitionItem>>('/blocked')).toEqual({ items, nextCursor: null });
  const path = `/blocked/${place.group}/${place.topic}`;
  expect(await problemOf(await post(`${path}/1/skip`, {}))).toMatchObject({ field: 'reason' });
  expect(await problemOf(await post(`${path}/0/skip`))).toMatchObject({ code: 'not_found' });
  expect((await post(`${path}/1/retry`)).status).toBe(202);
  expect(await (await post(`${path}/1/skip`)).json()).toMatchObject({
    ...{ action: 'skip', target: `${place.group} ${place.topic}/1/9` },
  });
});

test('the chunks of an import are listed as far as they are known, with their status', async () => {
  const { log, die, get, send } = await start();
  const folded = {
    ...foldedImport('mira', { ...ended, status: 'importing', endedAt: null }),
    // Bits of chunks: 0 to 3 have reported, 1 and 2 have failed, 0 to 6 are expected.
    ...{ reportedChunks: base64(0b1111), failedChunks: base64(0b110), expectedChunks: base64(0b1111111) },
    retrying: [{ chunk: 4, attempt: 3, attempts: 3, dueAt: '2026-01-01T00:01:00.000Z' }],
  };
  const { importId } = folded.state;
  await keep(log, folded);
  await die({ importId, uploadId: folded.uploadId, chunk: 2 });
  // Of an earlier upload of the same import.
  await die({ importId, chunk: 5, offset: 1 });
  // The importer of this chunk was away, and has worked the chunk off all the same.
  await die({ importId, uploadId: folded.uploadId, chunk: 3, offset: 2 });
  const chunk = { importId, uploadId: folded.uploadId, owner: 'mira', firstLine: 2, rows: 30 };
  await contactStore().closeGate(chunk);
  await contactStore().cancelChunks([{ ...chunk, chunk: 0 }]);
  const path = `/imports/${importId}/chunks`;
  const page = await eventually(() => get<Page<ChunkItem>>(path));
  expect(page.nextCursor).toBeNull();
  expect(page.items.map((item) => [item.chunk, item.status])).toEqual([
    [0, 'cancelled'],
    [1, 'skipped'],
    [2, 'dead'],
    [3, 'completed'],
    [4, 'retrying'],
    [5, 'waiting'],
    [6, 'waiting'],
  ]);
  const nothing = { firstLine: null, rows: null, attempts: 0, error: null, nextAttemptAt: null };
  expect([page.items[0], page.items[2], page.items[4], page.items[5]]).toEqual([
    { ...nothing, chunk: 0, status: 'cancelled', firstLine: 2, rows: 30 },
    {
      ...{ chunk: 2, status: 'dead', firstLine: 12, rows: 5, attempts: 3, nextAttemptAt: null },
      error: { code: 'internal', message: 'The importer could not work the chunk off.' },
    },
    { ...nothing, chunk: 4, status: 'retrying', attempts: 2, nextAttemptAt: '2026-01-01T00:01:00.000Z' },
    { ...nothing, chunk: 5, status: 'waiting' },
  ]);
  const waiting = await get<Page<ChunkItem>>(`${path}?status=waiting&limit=1`);
  expect(waiting).toMatchObject({ items: [{ chunk: 5 }], nextCursor: '6' });
  expect(await get(`${path}?status=waiting&limit=1&cursor=6`)).toMatchObject({
    items: [{ chunk: 6 }],
    nextCursor: null,
  });
  expect(await problemOf(await send(`${path}?status=dreaming`, SUPPORT_TOKEN))).toMatchObject({
    field: 'status',
  });
});

test('a chunk that waits for a further attempt can be retried now or skipped, but not requeued', async () => {
  const { log, post, get } = await start();
  const waits = { attempt: 2, attempts: 3, dueAt: '2026-01-01T00:01:00.000Z' };
  const origin = { topic, partition: 1, offset: 9 };
  const folded = foldedImport('mira');
  // The second one was put off by a release that did not say where it stands.
  folded.retrying = [
    { chunk: 4, ...waits, origin },
    { chunk: 5, ...waits },
  ];
  const { importId } = folded.state;
  await keep(log, folded);
  const path = `/imports/${importId}/chunks`;
  await eventually(() => get(path));
  for (const action of ['retry', 'skip'] as const) {
    const answer = await post(`${path}/4/${action}`);
    expect([answer.status, await answer.json()]).toMatchObject([
      202,
      { action, reason, importId, chunk: 4, target: `${group} ${topic}/1/9` },
    ]);
  }
  const given = (await readAll(log, topics.control)).map(({ value }) => JSON.parse(textOf(value)));
  const target = { kind: 'waiting_record', group, ...origin, key: `${importId}:4`, attempts: 1 };
  expect(given).toMatchObject([
    { action: 'retry', target },
    { action: 'skip', target },
  ]);
  for (const refused of ['4/requeue', '5/retry', '6/skip', 'x/skip'])
    expect(await problemOf(await post(`${path}/${refused}`))).toMatchObject({
      ...{ status: 409, code: 'state_conflict' },
    });
});

test('support’s token is exchanged for a cookie that no script reads, and a session makes no other', async () => {
  const { post, send, tokens, issueToken } = await start();
  const answer = await post('/support-session', undefined);
  expect(answer.status).toBe(204);
  const [name, ...attributes] = (answer.headers.get('Set-Cookie') ?? '').split('; ');
  expect(attributes.filter((attribute) => !attribute.startsWith('Expires='))).toEqual([
    ...['Max-Age=43200', 'Path=/', 'HttpOnly', 'SameSite=Strict'],
  ]);
  const session = /^tidings-support=(.+)$/.exec(name ?? '')?.[1] ?? '';
  expect(await tokens.verifyBearer(session)).toMatchObject({ kind: 'support' });
  expect((await send('/dead-letters', session)).status).toBe(200);
  expect(await problemOf(await post('/support-session', undefined, session))).toMatchObject({
    ...{ status: 409, code: 'state_conflict' },
  });
  expect(await problemOf(await post('/support-session', undefined, 'wrong'))).toMatchObject({ status: 401 });
  expect(await problemOf(await post('/support-session', undefined, await issueToken('mira')))).toMatchObject({
    code: 'not_found',
  });
  const ended = await send('/support-session', undefined, { method: 'DELETE' });
  expect([ended.status, ended.headers.get('Set-Cookie')]).toEqual([
    204,
    expect.stringMatching(/^tidings-support=; Path=\/; Expires=Thu, 01 Jan 1970.*HttpOnly; SameSite=Strict$/),
  ]);
});

test('only support sees and orders; for others the addresses do not exist', async () => {
  const { log, die, post, send, issueToken } = await start();
  const folded = foldedImport('mira');
  const { importId, channelId } = folded.state;
  await keep(log, folded);
  await die({ importId, uploadId: folded.uploadId });
  const owner = await issueToken('mira', channelId);
  for (const path of ['/dead-letters', '/blocked', '/audit', '/services', `/imports/${importId}/chunks`]) {
    expect(await problemOf(await send(path, owner))).toMatchObject({ status: 404, code: 'not_found' });
    expect(await problemOf(await send(path))).toMatchObject({ status: 401, code: 'token_missing' });
  }
  for (const path of [
    ...['requeue', 'skip'].map((action) => `/dead-letters/${topic}/1/0/${action}`),
    ...['retry', 'skip'].map((action) => `/blocked/${group}/${topic}/0/${action}`),
    ...['retry', 'skip', 'requeue'].map((action) => `/imports/${importId}/chunks/0/${action}`),
    `/imports/${importId}/chunks/requeue`,
  ])
    expect(await problemOf(await post(path, { reason }, owner))).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  const stranger = await issueToken('somebody else');
  expect(await problemOf(await post(`/imports/${importId}/retry`, {}, stranger))).toMatchObject({
    code: 'not_found',
  });
  expect(await readAll(log, topics.control)).toEqual([]);
});

test('the owner’s retry is refused where nothing failed, and where an undo has begun', async () => {
  const { log, die, post, issueToken } = await start();
  const [clean, undone] = [foldedImport('mira', ended), foldedImport('mira', { ...ended, status: 'failed' })];
  const page = { run: 1, page: 0, after: null, retry: null };
  undone.undo = { undoId: uuidv7(), ...page, running: true, dead: false };
  await keep(log, clean, undone);
  await die({ importId: undone.state.importId, uploadId: undone.uploadId });
  const token = await issueToken('mira');
  for (const { state } of [clean, undone]) {
    const answer = await eventually(() => post(`/imports/${state.importId}/retry`, {}, token));
    expect(await problemOf(answer)).toMatchObject({ status: 409, code: 'state_conflict' });
  }
  expect(await readAll(log, topics.control)).toEqual([]);
});

const textOf = (value: Uint8Array | null) => new TextDecoder().decode(value ?? undefined);

function base64(bits: number): string {
  return Buffer.from([bits]).toString('base64');
}
