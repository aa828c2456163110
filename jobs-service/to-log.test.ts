import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { sendCommand } from './to-log.ts';

test('the first command of an import names its owner, and the following ones take the owner over', async () => {
  const log = await openTestLog();
  const [importId, uploadId] = [uuidv7(), uuidv7()];
  const data = {
    uploadId,
    channelId: 'c',
    owner: 'mira',
    fileName: 'a.csv',
    clientReference: null,
    autoUndo: true,
  };
  const first = await sendCommand(log, importId, { type: 'import.accepted', data });
  const sealed = { uploadId, chunks: 0, rows: 0, bytes: 1 };
  await sendCommand(log, importId, { type: 'upload.sealed', data: sealed }, first);
  const events = (await readAll(log, topics.commands)).map(({ value }) => decodeEvent(value));
  expect(
    events.map(({ type, owner, causationId, correlationId }) => [type, owner, causationId, correlationId]),
  ).toEqual([
    ['import.accepted', 'mira', first.eventId, first.eventId],
    ['upload.sealed', 'mira', first.eventId, first.eventId],
  ]);
});
