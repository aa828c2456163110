import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import { EXPRESS_CHUNKS, EXPRESS_CHUNKS_OF_LONG } from '@tidings/contracts/work.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { followFoldedImports } from '../imports/folded-from-log.ts';
import { startFaultyLog } from '../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../test/folded-import.ts';
import { EXPRESS_SHARE, ExpressShare, expressChunksOf } from './express-share.ts';

async function start() {
  const { log } = await startFaultyLog();
  const foldedImports = await followFoldedImports(log, silentLogger);
  onTestFinished(() => foldedImports.close());
  return { log, share: new ExpressShare(foldedImports) };
}

function uploadOf(owner: string) {
  const { uploadId, state } = foldedImport(owner);
  return { importId: state.importId, uploadId, owner };
}

test.each([
  ['a short import', EXPRESS_CHUNKS * MAX_RECORD_BYTES, EXPRESS_CHUNKS],
  ['an import whose upload does not say its length', null, EXPRESS_CHUNKS],
  ['a long import', EXPRESS_CHUNKS * MAX_RECORD_BYTES + 1, EXPRESS_CHUNKS_OF_LONG],
])('the first chunks of %s are express, the others bulk', async (_name, bytes, express) => {
  const { share } = await start();
  const upload = uploadOf('mira');
  const priorities = [];
  for (let chunk = 0; chunk < express + 2; chunk += 1)
    priorities.push(share.priorityOf(upload, chunk, expressChunksOf(bytes)));
  expect(priorities).toEqual([...Array<string>(express).fill('express'), 'bulk', 'bulk']);
});

// Two thousand imports of ten rows once stood before another owner's, because each of them had come within the share of its second.
test('of ten thousand imports of one owner that have not ended a share is express, and the others keep theirs', async () => {
  const { share } = await start();
  const priorities = Array.from({ length: 10_000 }, () =>
    share.priorityOf(uploadOf('mira'), 0, EXPRESS_CHUNKS),
  );
  expect(priorities.filter((priority) => priority === 'express')).toHaveLength(EXPRESS_SHARE);
  expect(share.priorityOf(uploadOf('jonas'), 0, EXPRESS_CHUNKS)).toBe('express');
});

test('an import that ends leaves its part of the share to the next one; an earlier upload under the same key does not', async () => {
  const { log, share } = await start();
  const folded = foldedImport('mira');
  const upload = { importId: folded.state.importId, uploadId: folded.uploadId, owner: 'mira' };
  const former = foldedImport('mira', { ...ended, importId: upload.importId });
  await keep(log, former);
  for (let chunk = 0; chunk < EXPRESS_SHARE; chunk += 1) share.priorityOf(upload, chunk, EXPRESS_SHARE);
  await keep(log, { ...former, state: { ...former.state, version: 8 } }, folded);
  expect(share.priorityOf(uploadOf('mira'), 0, EXPRESS_CHUNKS)).toBe('bulk');

  await keep(log, { ...folded, state: { ...folded.state, ...ended } });
  await eventually(() => expect(share.priorityOf(uploadOf('mira'), 0, EXPRESS_CHUNKS)).toBe('express'));
});
