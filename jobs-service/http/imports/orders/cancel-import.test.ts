import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { startTestAggregator } from '@tidings/testing/services/aggregator.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../../test/api-server.ts';
import { startFaultyLog } from '../../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../../test/folded-import.ts';
import { begunFile, bodyChunk, uploadHead } from '../../../test/raw-upload.ts';
import { withReason } from '../../../test/reason.ts';
import { sendCommand } from '../../../to-log.ts';

async function start() {
  const faulty = await startFaultyLog();
  const server = await startApiServer(faulty);
  return {
    ...faulty,
    server,
    /** Asks again while the import is not folded yet, as the answer says. */
    cancel: (importId: string, token = SUPPORT_TOKEN) =>
      eventually(async () => {
        const response = await server.send(`/imports/${importId}/cancel`, token, withReason());
        const answer = (await response.json()) as ImportState & { code?: string; detail?: string };
        expect(answer.code).not.toBe('unavailable');
        return [response.status, answer] as const;
      }),
    cancels: async () => (await faulty.commands()).filter(({ type }) => type === 'import.cancel'),
  };
}

/** An import of an upload with one chunk that no importer works off. */
async function accept(log: Parameters<typeof sendCommand>[0], owner = 'mira', sealed = true) {
  const [importId, uploadId] = [uuidv7(), uuidv7()];
  const data = {
    ...{ uploadId, channelId: `channel of ${owner}`, owner, fileName: 'a.csv' },
    ...{ clientReference: null, autoUndo: true },
  };
  await sendCommand(log, importId, { type: 'import.accepted', data });
  if (sealed)
    await sendCommand(log, importId, {
      type: 'upload.sealed',
      data: { uploadId, chunks: 1, rows: 1, bytes: 7 },
    });
  return { importId, uploadId };
}

test('an import is cancelled before its first chunk: the answer shows it, and a second request is answered alike', async () => {
  const { log, cancel, cancels } = await start();
  await startTestAggregator(log);
  const { importId } = await accept(log);
  const [status, state] = await cancel(importId);
  expect([status, state.status]).toEqual([202, 'cancelling']);
  expect((await cancel(importId))[0]).toBe(202);
  expect(await cancels()).toMatchObject([{ importId, data: { by: 'support' } }]);
});

test('an import is cancelled while its file comes: the sender is told, and the upload ends', async () => {
  const { log, server, cancel, commands } = await start();
  await startTestAggregator(log);
  const upload = sendRaw(server.port, uploadHead() + bodyChunk(begunFile));
  const importId = await eventually(async () => {
    const [accepted] = await commands();
    expect(accepted?.type).toBe('import.accepted');
    return accepted?.importId ?? '';
  });
  expect((await cancel(importId))[0]).toBe(202);
  expect(await problemOn(upload)).toMatchObject({ status: 409, code: 'import_cancelled', retriable: false });
  await eventually(async () =>
    expect((await commands()).at(-1)).toMatchObject({
      type: 'upload.aborted',
      data: { error: 'cancelled', chunks: { count: 0 } },
    }),
  );
  const found = await server.send(`/imports/${importId}`, SUPPORT_TOKEN, { headers: { Prefer: 'wait=60' } });
  expect(await found.json()).toMatchObject({
    status: 'cancelled',
    upload: 'aborted',
    uploadError: 'cancelled',
    undo: null,
  });
});

test('an import that has ended is not cancelled, and the refusal says what is possible', async () => {
  const { log, cancel, cancels, server } = await start();
  const completed = foldedImport('mira', ended);
  const [undone, cancelled] = [
    foldedImport('mira', { ...ended, status: 'undone' }),
    foldedImport('mira', { ...ended, status: 'cancelled' }),
  ];
  await keep(log, completed, undone, cancelled);
  const [status, problem] = await cancel(completed.state.importId, await server.issueToken('mira'));
  expect([status, problem]).toMatchObject([409, { code: 'state_conflict', retriable: false }]);
  expect(problem.detail).toContain('completed');
  expect(problem.detail).toContain('undo');
  expect(await cancel(undone.state.importId)).toMatchObject([409, { code: 'state_conflict' }]);
  expect(await cancel(cancelled.state.importId)).toMatchObject([202, { status: 'cancelled' }]);
  expect(await cancels()).toEqual([]);
});

test('an import that ends before the command is folded is told to have ended', async () => {
  const { log, cancel } = await start();
  const running = foldedImport('mira');
  await keep(log, running);
  const answer = cancel(running.state.importId);
  await keep(log, { ...running, state: { ...running.state, ...ended } });
  expect(await answer).toMatchObject([409, { code: 'state_conflict' }]);
});

test('a command that is not folded in time is answered with the import as it is', async () => {
  const { log, cancel, cancels } = await start();
  const running = foldedImport('mira');
  await keep(log, running);
  expect(await cancel(running.state.importId)).toMatchObject([202, { status: 'importing' }]);
  expect(await cancels()).toHaveLength(1);
});

test('nobody cancels an import of somebody else', async () => {
  const { log, cancel, cancels, server } = await start();
  const running = foldedImport('mira');
  await keep(log, running);
  expect(await cancel(running.state.importId, await server.issueToken('noor'))).toMatchObject([
    404,
    { code: 'not_found' },
  ]);
  expect(await cancels()).toEqual([]);
});

// The description of the API says so, and an owner's order was obeyed whatever its body held.
test('an order of an owner holds nothing but a reason', async () => {
  const { log, cancels, server } = await start();
  const running = foldedImport('mira');
  await keep(log, running);
  const token = await server.issueToken('mira');
  const order = { ...withReason(), body: JSON.stringify({ importId: uuidv7() }) };
  for (const path of ['cancel', 'undo', 'retry']) {
    const response = await server.send(`/imports/${running.state.importId}/${path}`, token, order);
    expect([path, response.status, await response.json()]).toMatchObject([path, 400, { field: 'importId' }]);
  }
  expect(await cancels()).toEqual([]);
});
