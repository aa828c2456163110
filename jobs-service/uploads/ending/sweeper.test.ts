import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { chunkWorkKey } from '@tidings/contracts/imports/work.ts';
import { workPlaces } from '@tidings/contracts/topics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { startTestAggregator } from '@tidings/testing/services/aggregator.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { followFoldedImports } from '../../imports/folded-from-log.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';
import { foldedImport, keep } from '../../test/folded-import.ts';
import { sendCommand } from '../../to-log.ts';
import { UploadSweeper } from './sweeper.ts';

const times = { everyMs: 10, expireAfterMs: 300 };

async function start() {
  const faulty = await startFaultyLog();
  const { log, commands } = faulty;
  const { logger, lines } = recordingLogger();
  const foldedImports = await followFoldedImports(log, logger);
  onTestFinished(() => foldedImports.close());
  return {
    ...faulty,
    lines,
    foldedImports,
    keep: keep.bind(null, log),
    sweep: () => {
      const sweeper = new UploadSweeper({ log, foldedImports, logger, times });
      onTestFinished(() => sweeper.stop());
      return sweeper;
    },
    expired: async () => (await commands()).filter(({ type }) => type === 'upload.expired'),
  };
}

function beat(folded: FoldedImport, number: number): FoldedImport {
  return { ...folded, heartbeat: { ...folded.heartbeat, number } };
}

test('an upload without a new heartbeat has expired, with the chunks that wait; one that beats, or begins anew, has not', async () => {
  const { log, keep, sweep, expired } = await start();
  const [silent, lively, renewed] = ['mira', 'noor', 'noor'].map((owner) => foldedImport(owner));
  if (!silent || !lively || !renewed) throw new Error('three imports are needed');
  const sealed = foldedImport('noor', { upload: 'sealed' });
  await keep(beat(silent, 3), lively, renewed, sealed);
  const { uploadId } = silent;
  const { importId } = silent.state;
  const headers = { work: JSON.stringify({ uploadId }) };
  // Chunk 1 has failed once, and waits for another attempt.
  for (const [chunk, { topic }] of workPlaces.slice(0, 2).entries())
    await log.append([{ topic, key: chunkWorkKey(importId, chunk), value: new Uint8Array([1]), headers }]);
  sweep();
  let heartbeat = 0;
  await eventually(async () => {
    heartbeat += 1;
    // The next attempt under the same key begins with the same number.
    await keep(beat(lively, heartbeat), { ...renewed, uploadId: uuidv7() });
    expect(await expired()).toEqual([
      { importId, type: 'upload.expired', data: { uploadId, heartbeat: 3, pending: [0, 1] } },
    ]);
  });
});

test('an expiry that could not be sent is sent later', async () => {
  const { keep, sweep, expired, fail, lines } = await start();
  await keep(foldedImport('mira'));
  fail(() => 'lost');
  sweep();
  await eventually(() => expect(lines.join('')).toContain('expired uploads not ended'));
  fail(() => null);
  await eventually(async () => expect(await expired()).toHaveLength(1));
});

test('two sweepers end an upload once; a heartbeat that came before their word keeps it alive', async () => {
  const { log, sweep, foldedImports, expired } = await start();
  const aggregator = await startTestAggregator(log);
  const [dead, alive] = [uuidv7(), uuidv7()];
  const uploadId = uuidv7();
  const accepted = {
    ...{ uploadId, channelId: 'c', owner: 'mira', fileName: 'a.csv' },
    ...{ clientReference: null, autoUndo: false },
  };
  for (const importId of [dead, alive])
    await sendCommand(log, importId, { type: 'import.accepted', data: accepted });
  const heartbeat = { uploadId, number: 2, bytes: 7 };
  await sendCommand(log, alive, { type: 'upload.heartbeat', data: heartbeat });
  // A sweeper that lags behind.
  await sendCommand(log, alive, { type: 'upload.expired', data: { uploadId, heartbeat: 1, pending: [] } });
  await eventually(() => expect(foldedImports.get(alive)?.heartbeat.number).toBe(2));
  expect(foldedImports.get(alive)?.state.upload).toBe('receiving');
  // What one sweeper tells must not be folded before the other one looks.
  await aggregator.stop();
  sweep();
  sweep();
  await eventually(async () =>
    expect((await expired()).filter(({ importId }) => importId === dead)).toHaveLength(2),
  );
  await startTestAggregator(log);
  const ended = { upload: 'aborted', uploadError: 'expired', status: 'failed' };
  await eventually(() => expect(foldedImports.get(dead)?.state).toMatchObject(ended));
});
