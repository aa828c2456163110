import {
  chunkOf,
  newImport,
  type TestImport,
  validRow,
} from '@tidings/contact-store/conformance/test/test-imports.ts';
import { noRows } from '@tidings/contracts/imports/import.ts';
import { UNSETTLED_CHUNK_TYPE, type UnsettledChunk } from '@tidings/contracts/imports/unsettled-chunk.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { deadChunk } from '../test/dead-work.ts';
import { startFaultyLog } from '../test/faulty-log.ts';
import { ended, foldedImport } from '../test/folded-import.ts';
import { Orders } from './orders.ts';
import { startSettling } from './settle-chunks.ts';

const contactStore = shareContactStore();

async function start() {
  const { log, commands } = await startFaultyLog();
  const { logger, lines } = recordingLogger();
  const orders = new Orders(log, logger);
  const settling = await startSettling({ log, contactStore: contactStore(), orders, logger });
  onTestFinished(() => settling.stop());
  const settled = () =>
    eventually(async () => {
      const ends = await log.endOffsets(topics.unsettledChunks);
      expect(await log.committedOffsets(consumerGroups.settling, topics.unsettledChunks)).toEqual(ends);
    });
  const tell = async ({ importId, owner }: TestImport, ...chunks: readonly UnsettledChunk[]) => {
    const values = chunks.map((data) =>
      encodeEvent(createEvent({ type: UNSETTLED_CHUNK_TYPE, subject: importId, data, owner })),
    );
    await log.append(values.map((value) => ({ topic: topics.unsettledChunks, key: importId, value })));
    await settled();
  };
  const letters = async ({ importId, uploadId }: TestImport) =>
    (await orders.chunkLetters(importId, uploadId)).map(({ note }) => note.chunk);
  return { log, commands, lines, settled, tell, letters };
}

/** Applies a chunk of one row. */
async function apply(run: TestImport, chunk: number) {
  const { delta } = await contactStore().applyChunk(
    chunkOf(run, chunk, [validRow(0, 'ann@example.org')], []),
  );
  return { uploadId: run.uploadId, chunk, rows: 1, delta };
}

// Such a dead letter stayed listed until somebody requeued it, although its work was done.
test('the dead letters of a chunk that the ledger has go, and that of another chunk stays', async () => {
  const { log, tell, letters, commands } = await start();
  const run = newImport();
  await apply(run, 9);
  await log.append([
    deadChunk(run, 8),
    deadChunk(run, 9),
    deadChunk(run, 9, 20),
    deadChunk(newImport(), 9, 30),
  ]);
  expect(await letters(run)).toEqual([8, 9, 9]);
  const { uploadId } = run;
  await tell(run, ...[8, 9, 9].map((chunk) => ({ uploadId, chunk, report: null })));
  expect(await letters(run)).toEqual([8]);
  expect(await commands()).toEqual([]);
});

// The last attempt at a chunk failed after its import had been cancelled: the dead letter stayed listed, although nobody could do anything about it.
test('the dead letter of a chunk that never runs any more goes, and tells nobody of rows', async () => {
  const { log, tell, letters, commands } = await start();
  const [cancelled, older] = [newImport(), newImport()];
  await contactStore().closeGate(cancelled);
  await apply({ ...older, uploadId: newImport().uploadId }, 0);
  for (const run of [cancelled, older]) {
    await log.append([deadChunk(run, 8, 8), deadChunk(run, 9, 9)]);
    await tell(run, { uploadId: run.uploadId, chunk: 9, report: null });
    expect(await letters(run)).toEqual([8]);
    await log.append([{ ...deadChunk(run, 8, 8), value: null }]);
  }
  expect(await commands()).toEqual([]);
});

// An aggregator that had been restarted since the look-up took no notice of the report, and the rows counted nowhere.
test('a report that came too late is made once more with the import of now, unless its chunk counts by now', async () => {
  const { log, tell, letters, commands } = await start();
  const run = newImport();
  const folded = foldedImport(run.owner, {
    ...{ ...ended, importId: run.importId, status: 'completed_with_errors', reconciled: true },
    rows: { total: 1, ...noRows(), failed: 1 },
  });
  // Chunk 9.
  const stored = { ...folded, uploadId: run.uploadId, failedChunks: Buffer.of(0, 2).toString('base64') };
  const applied = await apply(run, 9);
  const report = { ...applied, fileBytes: 70, warnings: 2 };
  const unsettled = { uploadId: run.uploadId, chunk: 9, report };
  await log.append([deadChunk(run, 9)]);

  // The import is not in the store yet, or was erased.
  await tell(run, unsettled);
  expect(await commands()).toEqual([]);

  await contactStore().projectImport(stored);
  await tell(run, unsettled);
  const { importId } = run;
  const again = { importId, type: 'chunk.completed', data: { ...report, folded: stored, asOf: 0 } };
  expect(await commands()).toEqual([again]);
  expect(await letters(run)).toEqual([]);

  await contactStore().projectImport({
    ...{ ...stored, failedChunks: '' },
    state: { ...stored.state, version: stored.state.version + 1 },
  });
  await tell(run, unsettled);
  await tell(run, { ...unsettled, uploadId: newImport().uploadId });
  expect(await commands()).toEqual([again]);
});

test('a record that is no such event holds nothing up, and is told without its content', async () => {
  const { log, tell, letters, lines } = await start();
  const run = newImport();
  await apply(run, 9);
  const key = run.importId;
  const stranger = encodeEvent(createEvent({ type: 'chunk.other', subject: key, data: 'canary-4711' }));
  for (const value of [null, Buffer.from('canary-4711 {'), stranger])
    await log.append([{ topic: topics.unsettledChunks, key, value }]);
  await log.append([deadChunk(run, 9)]);
  await tell(run, { uploadId: run.uploadId, chunk: 9, report: null });
  expect(await letters(run)).toEqual([]);
  expect(lines.filter((line) => line.includes('no unsettled chunk'))).toHaveLength(3);
  expect(lines.join('')).not.toContain('canary-4711');
});
