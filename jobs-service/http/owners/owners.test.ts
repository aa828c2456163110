import {
  applyRows,
  chunkOf,
  newImport,
  rejectedRow,
  validRow,
} from '@tidings/contact-store/conformance/test/test-imports.ts';
import { scheduledNotificationKey } from '@tidings/contracts/notifications/scheduled-notification.ts';
import { createEvent, envelopeToHeaders } from '@tidings/contracts/schemas/event.ts';
import { UNDO_PAGE_TYPE } from '@tidings/contracts/schemas/imports/work.ts';
import { topics, workTopics } from '@tidings/contracts/topics.ts';
import { decodeControl, decodeNote } from '@tidings/event-log/control/control-records.ts';
import { EventLogError } from '@tidings/event-log/event-log.ts';
import { encodeDeadLetter } from '@tidings/event-log/retry/retry-headers.ts';
import { encodeSchedule } from '@tidings/event-log/schedule/schedule-records.ts';
import { openOwnerChannels } from '@tidings/service-kit/access/owner-channels.ts';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, onTestFinished, test } from 'vitest';
import { followFoldedImports } from '../../imports/folded-from-log.ts';
import { obeyOrders } from '../../orders/obey-orders.ts';
import { Orders } from '../../orders/orders.ts';
import { SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';
import { type FaultyLog, startFaultyLog } from '../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../test/folded-import.ts';
import { begunFile, bodyChunk, uploadHead } from '../../test/raw-upload.ts';
import { removeWebhooks } from './webhooks-of-owner.ts';

const contactStore = shareContactStore();

async function start() {
  const log = await startFaultyLog();
  return { log, ...(await startApiServer(log, { contactStore: contactStore() })) };
}

/** Obeys orders, as every jobs service does. */
async function obey({ log }: FaultyLog): Promise<void> {
  const foldedImports = await followFoldedImports(log, silentLogger);
  onTestFinished(() => foldedImports.close());
  const obeying = await obeyOrders({
    ...{ log, foldedImports, contactStore: contactStore(), logger: silentLogger, retentionDays: 30 },
  });
  onTestFinished(() => obeying.stop());
}

/** A dead letter of a chunk, or of the first page of an undo. */
function deadLetter(owner: string, offset: number, kind: 'chunk' | 'undo page' = 'chunk') {
  const { topic, group } = workTopics.bulk;
  const of = { importId: uuidv7(), uploadId: uuidv7(), owner };
  const work =
    kind === 'chunk'
      ? { ...of, chunk: 0, shape: { rows: 5 } }
      : { ...of, undoId: uuidv7(), run: 1, page: 0, after: null };
  const event = createEvent({ type: UNDO_PAGE_TYPE, subject: of.importId, data: {} });
  const envelope = kind === 'chunk' ? {} : envelopeToHeaders(event);
  return encodeDeadLetter(`${topic}.${group}.dlq`, {
    ...{ group, origin: { topic, partition: 0, offset }, attempts: 3, failedAt: 1 },
    key: `${of.importId}:${kind === 'chunk' ? '0' : 'undo-0'}`,
    ...{ value: Buffer.from('a@example.org'), headers: { ...envelope, work: JSON.stringify(work) } },
    error: { code: 'internal', message: 'The importer could not work the chunk off.' },
  });
}

/** An owner with an import that has created one contact, changed another, and rejected a row. */
async function startOwner(owner: string) {
  const earlier = newImport(owner);
  await applyRows(contactStore(), earlier, 0, validRow(0, 'b@example.org', { firstName: 'Berta' }));
  const run = newImport(owner);
  const rows = [validRow(0, 'a@example.org'), validRow(1, 'b@example.org', { firstName: 'Beate' })];
  await contactStore().applyChunk(chunkOf(run, 0, rows, [rejectedRow(2, ['=1+1'])]));
  const folded = foldedImport(owner);
  const state = { ...folded.state, importId: run.importId, status: 'completed_with_errors' as const };
  await contactStore().projectImport({ ...folded, uploadId: run.uploadId, state });
  return run;
}

describe('GET /owners/{owner}/export', () => {
  test('gives support all that is kept of an owner, line by line, and says where it ends', async () => {
    const { log, send } = await start();
    await log.log.append([deadLetter('exported', 0), deadLetter('somebody else', 1)]);
    const run = await startOwner('exported');
    await startOwner('somebody else');
    const answer = await send('/owners/exported/export', SUPPORT_TOKEN);
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    const lines = (await answer.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const { importId } = run;
    expect(lines).toMatchObject([
      { kind: 'owner', owner: 'exported' },
      { kind: 'contact', email: 'a@example.org' },
      { kind: 'contact', email: 'b@example.org', firstName: 'Beate' },
      { kind: 'import', importId, status: 'completed_with_errors' },
      { kind: 'rejectedRow', importId, cells: ['=1+1'] },
      { kind: 'change', importId, bucket: 'updated', before: { firstName: 'Berta' } },
      { kind: 'deadLetter', attempts: 3, rows: Buffer.from('a@example.org').toString('base64') },
      { kind: 'end', lines: 7 },
    ]);
  });

  test('says what an undo has left of an import', async () => {
    const { send } = await start();
    const run = await startOwner('undone');
    const [created] = (await contactStore().listContacts({ owner: 'undone', limit: 10 })).items;
    await contactStore().patchContact('undone', created?.id ?? '', { company: 'Edited' });
    await contactStore().undoPage({ ...run, undoId: uuidv7(), run: 1, page: 0, after: null });
    const text = await (await send('/owners/undone/export', SUPPORT_TOKEN)).text();
    const outcomes = text.split('\n').filter((line) => line.includes('"undoOutcome"'));
    expect(outcomes.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        ...{ kind: 'undoOutcome', importId: run.importId, contactId: created?.id, email: 'a@example.org' },
        ...{ outcome: 'kept', reason: 'edited_since' },
      },
    ]);
  });
});

describe('GET /owners/{owner}/export, of what the log alone keeps', () => {
  test('has webhooks and deliveries as they stand now, channels and waiting notifications, and no secret', async () => {
    const { log, send, tokens } = await start();
    const [mine, gone, others] = [anEndpoint('listed-1'), anEndpoint('listed-1'), anEndpoint('listed-2')];
    const delivery = ({ id: endpointId, owner }: typeof mine, status: string) => ({
      ...{ id: uuidv7(), endpointId, owner, type: 'import.completed', subject: 'x', body: '{"rows":5}' },
      ...{ order: 1, since: 1_000, createdAt: 1_000, status, attempts: 1, lastAttemptAt: 2_000 },
      lastAnswer: { status: 503, body: 'busy', error: 'status' },
    });
    const [first, removed, foreign] = [mine, gone, others].map((one) => delivery(one, 'waiting'));
    const states = [first, removed, foreign].flatMap((state) => (state === undefined ? [] : [state]));
    const keyOf = (state: { endpointId: string; id: string }) => `${state.endpointId}/${state.id}`;
    const channelId = tokens.newChannelId('listed-1');
    const waiting = { type: 'later', subject: 'x', data: null };
    const record = {
      topic: topics.notifications,
      key: channelId,
      value: Buffer.from(JSON.stringify(waiting)),
    };
    const schedule = encodeSchedule({ record, dueAt: 9_000, recurrence: null, order: 0 });
    await log.log.append([
      ...[mine, gone, others].map((one) => asRecord(topics.webhookEndpoints, one.id, one)),
      asRecord(topics.webhookEndpoints, mine.id, { ...mine, url: 'https://newer.example.org/' }),
      asRecord(topics.webhookEndpoints, gone.id, null),
      ...states.map((state) => asRecord(topics.webhookDeliveryStates, keyOf(state), state)),
      ...states
        .slice(0, 1)
        .map((state) => asRecord(topics.webhookDeliveryStates, keyOf(state), { ...state, status: 'dead' })),
      ...states.slice(1, 2).map((state) => asRecord(topics.webhookDeliveryStates, keyOf(state), null)),
      asRecord(topics.webhookDeliveryStates, mine.id, {
        endpointId: mine.id,
        partition: 0,
        disabledReason: null,
        failures: 1,
        nextAttemptAt: 1,
      }),
      asRecord(topics.ownerChannels, `listed-1/${channelId}`, {}),
      asRecord(topics.ownerChannels, 'listed-1/more/others', {}),
      { topic: topics.schedule, key: scheduledNotificationKey(channelId, uuidv7()), value: schedule },
      {
        topic: topics.schedule,
        key: scheduledNotificationKey(tokens.newChannelId('listed-2'), uuidv7()),
        value: schedule,
      },
    ]);
    const text = await (await send('/owners/listed-1/export', SUPPORT_TOKEN)).text();
    expect(
      text
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { kind: 'webhook', id: mine.id, url: 'https://newer.example.org/', types: ['import.completed'] },
      {
        kind: 'webhookDelivery',
        id: first?.id,
        endpointId: mine.id,
        status: 'dead',
        body: '{"rows":5}',
        lastAttemptAt: '1970-01-01T00:00:02.000Z',
      },
      { kind: 'channel', channelId },
      {
        kind: 'scheduledNotification',
        channelId,
        deliverAt: '1970-01-01T00:00:09.000Z',
        notification: JSON.stringify(waiting),
      },
      { kind: 'end', lines: 5 },
    ]);
    expect(text).not.toContain('canary-4711');
  });
});

describe('DELETE /owners/{owner}', () => {
  test('erases all that is kept of an owner, and takes the tokens back', async () => {
    const { send, issueToken } = await start();
    await startOwner('erased');
    const token = await issueToken('erased');
    const answer = await send('/owners/erased', SUPPORT_TOKEN, { method: 'DELETE' });
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { done: true, removed: { contacts: 2, imports: 2, rejectedRows: 1 } },
    ]);
    expect((await contactStore().listContacts({ owner: 'erased', limit: 10 })).items).toEqual([]);
    expect(await contactStore().listImports({ owner: 'erased', limit: 10 })).toEqual([]);
    const again = await send('/owners/erased', SUPPORT_TOKEN, { method: 'DELETE' });
    expect(await again.json()).toMatchObject({ done: true, removed: { contacts: 0, imports: 0 } });
    expect((await send('/imports', token)).status).toBe(401);
  });

  test('forgets which channels are the owner’s, and nobody else’s', async () => {
    const { log, send } = await start();
    const channels = await openOwnerChannels({ log: log.log, logger: silentLogger });
    onTestFinished(() => channels.close());
    for (const owner of ['listed', 'listed too']) await channels.add(owner, 'channel');
    await eventually(() => expect(channels.list('listed too')).toHaveLength(1));
    await send('/owners/listed', SUPPORT_TOKEN, { method: 'DELETE' });
    await eventually(() => expect(channels.list('listed')).toEqual([]));
    expect(channels.list('listed too')).toHaveLength(1);
  });

  test('gives up the owner’s dead letters, so that nobody brings their rows back, and nobody else’s', async () => {
    const { log: faulty, send } = await start();
    const { log } = faulty;
    await obey(faulty);
    await log.append([
      ...[deadLetter('leaving', 0), deadLetter('staying', 1), deadLetter('leaving', 2, 'undo page')],
    ]);
    const answer = await send('/owners/leaving', SUPPORT_TOKEN, { method: 'DELETE' });
    expect([answer.status, await answer.json()]).toMatchObject([200, { done: true }]);
    const orders = new Orders(log, silentLogger);
    expect((await orders.deadLetters()).map(({ note }) => note?.owner)).toEqual(['staying']);
    const control = await readAll(log, topics.control);
    expect(control.map(decodeNote).filter((note) => note !== null)).toMatchObject([
      { action: 'erase', subject: 'owner/leaving', who: 'support', reason: 'erasure of the owner' },
    ]);
    const skips = control.map(decodeControl).filter((order) => order !== null);
    expect(skips.map((order) => [order.action, order.target.offset])).toEqual([
      ['skip', 0],
      ['skip', 2],
    ]);
  });

  test('takes nothing more of an import that began before and that nobody has seen yet', async () => {
    const { send } = await start();
    const unseen = newImport('unseen');
    expect((await send('/owners/unseen', SUPPORT_TOKEN, { method: 'DELETE' })).status).toBe(200);
    const late = await applyRows(contactStore(), unseen, 0, validRow(0, 'a@example.org'));
    expect(late.delta).toMatchObject({ created: 0, cancelled: 1 });
    expect((await contactStore().listContacts({ owner: 'unseen', limit: 10 })).items).toEqual([]);
  });

  test('begins no import of an upload whose token was taken back while its file came', async () => {
    const { log, send, port, issueToken } = await start();
    const token = await issueToken('slow');
    const head = uploadHead(`Authorization: Bearer ${token}\r\n`);
    const upload = sendRaw(port, head + bodyChunk(begunFile.slice(0, 100)));
    await eventually(() => expect(upload.socket.bytesWritten).toBeGreaterThan(0));
    expect((await send('/owners/slow', SUPPORT_TOKEN, { method: 'DELETE' })).status).toBe(200);
    await eventually(async () => expect((await send('/imports', token)).status).toBe(401));
    upload.socket.write(bodyChunk(begunFile.slice(100)));
    expect(await problemOn(upload)).toMatchObject({ status: 401, code: 'token_invalid' });
    expect(await log.commands()).toEqual([]);
  });

  test('waits for imports that run, and names them', async () => {
    const { log, send } = await start();
    const running = foldedImport('busy');
    await keep(log.log, running);
    const answer = await send('/owners/busy', SUPPORT_TOKEN, { method: 'DELETE' });
    expect([answer.status, await answer.json()]).toMatchObject([
      409,
      { code: 'state_conflict', detail: expect.stringContaining(running.state.importId) },
    ]);
  });

  test('is not kept from its work by an import that has ended, and never leaves the log', async () => {
    const { log, send } = await start();
    await keep(log.log, foldedImport('stuck', ended));
    await startOwner('stuck');
    const answer = await send('/owners/stuck', SUPPORT_TOKEN, { method: 'DELETE' });
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { done: true, removed: { contacts: 2 } },
    ]);
  });

  test('removes what the owner has set, and nobody else has; the export has it before', async () => {
    const { log, send, issueToken } = await start();
    const mapping = { header: ['Kontakt'], mapping: { Kontakt: 'email' } };
    const put = async (owner: string, body: object) =>
      send('/settings', await issueToken(owner), {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await put('setter', { duplicates: 'skip', mappings: [mapping] })).status).toBe(200);
    await put('setter/2', { duplicates: 'skip' });
    const exported = async () => (await send('/owners/setter/export', SUPPORT_TOKEN)).text();
    const settings = { defaultCountry: null, duplicates: 'skip', mappings: [mapping] };
    expect(await exported()).toContain(JSON.stringify({ kind: 'settings', ...settings }));
    expect((await send('/owners/setter', SUPPORT_TOKEN, { method: 'DELETE' })).status).toBe(200);
    expect(await exported()).not.toContain('"settings"');
    const left = new Map(
      (await readAll(log.log, topics.ownerSettings)).map(({ key, value }) => [key, value]),
    );
    expect([...left].flatMap(([key, value]) => (value === null ? [] : [key]))).toEqual(['choices/setter/2']);
  });

  // A service opens channels for such owners by the API key: their contacts could neither be exported nor erased.
  test.each([
    ['of 255 characters beyond the first 65,536', '\u{1f600}'.repeat(255)],
    ['with an invisible character', '\u{1f469}\u200d\u{1f467}'],
  ])('finds every owner who can have something: %s', async (_name, owner) => {
    const { send } = await start();
    await startOwner(owner);
    const path = `/owners/${encodeURIComponent(owner)}`;
    const text = await (await send(`${path}/export`, SUPPORT_TOKEN)).text();
    expect(text).toContain('"email":"a@example.org"');
    expect((await send(path, SUPPORT_TOKEN, { method: 'DELETE' })).status).toBe(200);
    expect((await contactStore().listContacts({ owner, limit: 10 })).items).toEqual([]);
  });

  test('is for support alone', async () => {
    const { send, issueToken } = await start();
    const token = await issueToken('mira');
    for (const [path, method] of [
      ['/owners/mira', 'DELETE'],
      ['/owners/mira/export', 'GET'],
    ] as const)
      expect((await send(path, token, { method })).status).toBe(404);
  });
});

const anEndpoint = (owner: string) => ({
  ...{ id: uuidv7(), owner, url: `https://${owner}.example.org/`, types: ['import.completed'] },
  ...{ createdAt: new Date().toISOString(), secrets: [{ sealed: 'canary-4711' }] },
});
const asRecord = (topic: string, key: string, content: object | null) => ({
  ...{ topic, key },
  value: content === null ? null : Buffer.from(JSON.stringify(content)),
});

test("an erased owner's webhooks are removed, and no one else's", async () => {
  const log = await openTestLog();
  const [mine, others] = [anEndpoint('mira'), anEndpoint('noor')];
  await log.append([mine, others].map((one) => asRecord(topics.webhookEndpoints, one.id, one)));
  expect(await removeWebhooks(log, 'mira')).toBe(1);
  const endpoints = await readAll(log, topics.webhookEndpoints);
  expect(endpoints.filter(({ value }) => value === null).map(({ key }) => key)).toEqual([mine.id]);
  const commands = await readAll(log, topics.webhookDeliveries);
  const removal = [mine.id, { type: 'remove' }];
  expect(commands.map(({ key, value }) => [key, JSON.parse(String(value))])).toEqual([removal, removal]);
});

// An erasure that was killed between the two records of an endpoint left its deliveries for ever: the same request found no endpoint any more.
test('an erasure that breaks off is completed by the same request, and removes deliveries whose endpoint is gone', async () => {
  const log = await openTestLog();
  const [mine, gone] = [anEndpoint('mira'), uuidv7()];
  const delivery = {
    ...{ id: uuidv7(), endpointId: gone, owner: 'mira', type: 'import.completed', subject: 'x', body: '{}' },
    ...{ order: 1, since: 1_000, createdAt: 1_000, status: 'dead', attempts: 1, lastAttemptAt: 2_000 },
    lastAnswer: { status: 410, body: '', error: 'gone' },
  };
  await log.append([
    asRecord(topics.webhookEndpoints, mine.id, mine),
    asRecord(topics.webhookDeliveryStates, `${gone}/${delivery.id}`, delivery),
  ]);
  let appends = 0;
  const breaking = standInFor(log, {
    append: async (records) => {
      appends += 1;
      if (appends > 1) throw new EventLogError('log_unavailable', 'away');
      return log.append(records);
    },
  });
  await expect(removeWebhooks(breaking, 'mira')).rejects.toThrow('away');
  expect(await removeWebhooks(log, 'mira')).toBe(1);
  const commands = await readAll(log, topics.webhookDeliveries);
  expect([...new Set(commands.map(({ key }) => key))].sort()).toEqual([mine.id, gone].sort());
});
