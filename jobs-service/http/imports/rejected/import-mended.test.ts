import { noRows } from '@tidings/contracts/imports/import.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { startApiServer } from '../../../test/api-server.ts';
import { addRejectedRows } from '../../../test/contact-store.ts';
import { type Fault, startFaultyLog } from '../../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../../test/folded-import.ts';

const realStore = shareContactStore();

/** An import with a rejected row that somebody has mended. */
async function start() {
  const faulty = await startFaultyLog();
  const server = await startApiServer(faulty, { contactStore: realStore() });
  const rows = { ...noRows(), total: 1, rejected: 1 };
  const folded = foldedImport(`mira-${uuidv7()}`, { ...ended, rows });
  const { importId } = folded.state;
  await keep(faulty.log, folded);
  await addRejectedRows(realStore(), { ...folded, importId }, ['no address', 'Anna']);
  const token = await server.issueToken(folded.owner);
  const headers = { 'Content-Type': 'application/json' };
  const mend = (email: string) =>
    server.send(`/imports/${importId}/rejected/1`, token, {
      ...{ method: 'PATCH', headers },
      body: JSON.stringify({ cells: { email } }),
    });
  await eventually(async () => expect((await mend('anna@example.org')).status).toBe(200));
  return {
    ...{ faulty, importId, owner: folded.owner, mend },
    failAt: (type: string, fault: Fault) =>
      faulty.fail(({ headers: of, value }) =>
        of?.work === undefined && decodeEvent(value ?? new Uint8Array()).type === type ? fault : null,
      ),
    importMended: async () =>
      (await server.send(`/imports/${importId}/rejected/import`, token, { method: 'POST' })).status,
    imports: async () => [...new Set((await faulty.commands()).map((command) => command.importId))],
  };
}

// Where the log took the seal and did not say so, the rows were handed over once more, and `left` counted them twice.
test('mended rows whose import may be sealed stay with it until it is known to have come to nothing', async () => {
  const { faulty, owner, mend, failAt, importMended, imports } = await start();
  failAt('upload.sealed', 'unanswered');
  expect(await importMended()).toBe(503);
  faulty.fail(() => null);
  await eventually(async () => expect(await faulty.uploads()).toEqual(['sealed']));
  expect(await importMended()).toBe(409);
  const [importId] = await imports();
  const rows = { ...noRows(), total: 1, created: 1 };
  await keep(faulty.log, foldedImport(owner, { ...ended, importId, rows }));
  expect([await importMended(), (await mend('bert@example.org')).status]).toEqual([409, 409]);
  expect(await imports()).toEqual([importId]);
});

test('mended rows whose seal the log has lost are handed over again once their import has ended', async () => {
  const { faulty, owner, failAt, importMended, imports } = await start();
  failAt('upload.sealed', 'lost');
  expect(await importMended()).toBe(503);
  faulty.fail(() => null);
  await eventually(async () => expect(await faulty.uploads()).toEqual(['aborted']));
  const [importId] = await imports();
  await keep(faulty.log, foldedImport(owner, { ...ended, importId, status: 'failed', upload: 'aborted' }));
  await eventually(async () => expect(await importMended()).toBe(202));
  expect(await faulty.uploads()).toEqual(['aborted', 'sealed']);
});

test('mended rows whose import was accepted, and can be sealed no more, are handed over again at once', async () => {
  const { faulty, failAt, importMended } = await start();
  failAt('import.accepted', 'unanswered');
  expect(await importMended()).toBe(503);
  faulty.fail(() => null);
  expect(await importMended()).toBe(202);
});

// Of the imports that rows were handed to, a hundred were looked at, whichever: rows of another one stayed with it for ever.
test('mended rows are taken back from every import that came to nothing, however many there were', async () => {
  const { faulty, owner, importId, importMended } = await start();
  const lost = Array.from({ length: 102 }, () =>
    foldedImport(owner, { ...ended, status: 'failed', upload: 'aborted' }),
  );
  const rows = lost.map((_, row) => [`no address ${row}`, 'Anna']);
  const uploadId = uuidv7();
  await addRejectedRows(realStore(), { owner, importId, uploadId }, ...rows);
  await keep(faulty.log, ...lost);
  for (const [row, { state }] of lost.entries()) {
    const cells = { own: [`anna-${row}@example.org`, 'Anna'], extra: '' };
    expect(await realStore().mendRejected(importId, [{ row, cells, before: null }])).toBe('kept');
    expect(await realStore().handMended(importId, state.importId)).toBe(1);
  }
  expect(await importMended()).toBe(202);
  const sealed = (await faulty.commands()).find(({ type }) => type === 'upload.sealed');
  expect(sealed?.data).toMatchObject({ rows: 102 });
});
