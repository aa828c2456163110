import {
  applyRows,
  chunkOf,
  newImport,
  rejectedRow,
  validRow,
} from '@tidings/contact-store/conformance/test-imports.ts';
import { topics, workTopics } from '@tidings/contracts/topics.ts';
import { decodeControl, decodeNote } from '@tidings/event-log/control/control-records.ts';
import { encodeDeadLetter } from '@tidings/event-log/retry/retry-headers.ts';
import { openOwnerChannels } from '@tidings/service-kit/access/owner-channels.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../test/api-server.ts';
import { startFaultyLog } from '../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../test/folded-import.ts';

const contactStore = shareContactStore();

async function start() {
  const log = await startFaultyLog();
  return { log, ...(await startApiServer(log, { contactStore: contactStore() })) };
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
    const { send } = await start();
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
      { kind: 'end', lines: 6 },
    ]);
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
    const { topic, group } = workTopics.bulk;
    const letter = (owner: string, offset: number) => {
      const work = { importId: uuidv7(), uploadId: uuidv7(), owner, chunk: 0, shape: { rows: 5 } };
      return encodeDeadLetter(`${topic}.${group}.dlq`, {
        ...{
          group,
          origin: { topic, partition: 0, offset },
          key: `${work.importId}:0`,
          attempts: 3,
          failedAt: 1,
        },
        ...{ value: new Uint8Array(5), headers: { work: JSON.stringify(work) } },
        error: { code: 'internal', message: 'The importer could not work the chunk off.' },
      });
    };
    await log.append([letter('leaving', 0), letter('staying', 1), letter('leaving', 2)]);
    expect((await send('/owners/leaving', SUPPORT_TOKEN, { method: 'DELETE' })).status).toBe(200);
    const control = await readAll(log, topics.control);
    expect(control.map(decodeNote).filter((note) => note !== null)).toMatchObject([
      { action: 'erase', subject: 'owner/leaving', who: 'support', reason: 'erasure of the owner' },
    ]);
    const orders = control.map(decodeControl).filter((order) => order !== null);
    expect(orders.map((order) => [order.action, order.target.offset])).toEqual([
      ['skip', 0],
      ['skip', 2],
    ]);
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
