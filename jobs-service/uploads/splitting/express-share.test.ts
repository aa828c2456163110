import { EXPRESS_CHUNKS, EXPRESS_CHUNKS_OF_LONG } from '@tidings/contracts/imports/work.ts';
import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { followFoldedImports } from '../../imports/folded-from-log.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../test/folded-import.ts';
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
])('of %s so many chunks may be express', (_name, bytes, express) => {
  expect(expressChunksOf(bytes)).toBe(express);
});

// Two thousand imports of ten rows once stood before another owner's, because each of them had come within the share of its second.
test('of ten thousand imports of one owner that wait a share is express, and the others keep theirs', async () => {
  const { share } = await start();
  const express = Array.from({ length: 10_000 }, () => share.take(uploadOf('mira'), 0)).filter(Boolean);
  expect(express).toHaveLength(EXPRESS_SHARE);
  expect(share.take(uploadOf('jonas'), 0)).toBe(true);
});

test('an import that began as express stays it, also beyond the share', async () => {
  const { share } = await start();
  const upload = uploadOf('mira');
  const chunks = Array.from({ length: EXPRESS_CHUNKS }, (_, chunk) => share.take(upload, chunk));
  expect(chunks).toEqual(chunks.map(() => true));
  expect(share.take(uploadOf('mira'), 0)).toBe(false);
});

test('chunks that are reported leave their place to others; an earlier upload under the same key does not report for them', async () => {
  const { log, share } = await start();
  const folded = foldedImport('mira');
  const { uploadId, state } = folded;
  const former = foldedImport('mira', { ...ended, importId: state.importId });
  await keep(log, former);
  for (let chunk = 0; chunk < EXPRESS_SHARE; chunk += 1)
    share.take({ importId: state.importId, uploadId, owner: 'mira' }, chunk);
  await keep(log, { ...former, state: { ...former.state, version: 8 } }, folded);
  expect(share.take(uploadOf('mira'), 0)).toBe(false);

  const chunks = { total: null, completed: 1, failed: 1 };
  await keep(log, { ...folded, state: { ...state, version: 2, chunks } });
  await eventually(() => expect(share.take(uploadOf('mira'), 0)).toBe(true));
  expect(share.take(uploadOf('mira'), 0)).toBe(true);
  expect(share.take(uploadOf('mira'), 0)).toBe(false);
});
