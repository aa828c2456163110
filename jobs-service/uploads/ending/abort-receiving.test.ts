import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { chunkWorkKey } from '@tidings/contracts/imports/work.ts';
import { topics, workPlaces, workTopics } from '@tidings/contracts/topics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { followFoldedImports } from '../../imports/folded-from-log.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../test/folded-import.ts';
import { abortReceiving } from './abort-receiving.ts';

/** A log with these imports, and what is done at the start of a process. */
async function start(...imports: FoldedImport[]) {
  const { log, commands } = await startFaultyLog();
  await keep(log, ...imports);
  const { logger, lines } = recordingLogger();
  return {
    log,
    commands,
    lines,
    putChunks: async (topic: string, { state, uploadId }: FoldedImport, ...chunks: number[]) => {
      const [value, headers] = [new Uint8Array([1]), { work: JSON.stringify({ uploadId }) }];
      for (const chunk of chunks)
        await log.append([{ topic, key: chunkWorkKey(state.importId, chunk), value, headers }]);
    },
    abort: async () => {
      const foldedImports = await followFoldedImports(log, logger);
      onTestFinished(() => foldedImports.close());
      await abortReceiving(log, foldedImports, logger);
    },
  };
}

test('an upload that was being received is aborted, with the chunks that still wait on the log, also for a further attempt', async () => {
  const receiving = foldedImport('mira', { bytes: 4_711 });
  const other = foldedImport('noor', { upload: 'sealed' });
  const { log, commands, lines, putChunks, abort } = await start(receiving, other);
  const { express, bulk } = workTopics;
  await putChunks(express.topic, receiving, 0, 1);
  await putChunks(express.topic, other, 0);
  await putChunks(bulk.topic, receiving, 8, 9);
  for (const [place, { topic }] of workPlaces.entries()) {
    if (topic !== express.topic && topic !== bulk.topic) await putChunks(topic, receiving, 20 + place);
  }
  // What the importers have behind them was reported before.
  const importer = await log.consume({
    group: express.group,
    topics: [express.topic],
    handler: async () => {},
  });
  await eventually(async () => expect(await log.committedOffsets(express.group, express.topic)).toEqual([3]));
  await importer.stop();
  await putChunks(express.topic, receiving, 7);
  // An earlier upload of the same import, and work of another kind.
  await putChunks(express.topic, { ...receiving, uploadId: uuidv7() }, 3);
  await putChunks(express.topic, receiving, Number.NaN);

  await abort();
  expect(await commands()).toEqual([
    {
      importId: receiving.state.importId,
      type: 'upload.aborted',
      data: {
        uploadId: receiving.uploadId,
        error: 'receiver_restarted',
        chunks: { pending: [7, 21, 22, 8, 9, 24, 25] },
        bytes: 4_711,
      },
    },
  ]);
  expect(lines.filter((line) => line.includes(receiving.state.importId))).toHaveLength(1);
});

test('an upload that has ended, sealed or aborted, is left as it is', async () => {
  const { log, commands, abort } = await start(
    foldedImport('mira', { upload: 'sealed' }),
    foldedImport('mira', { upload: 'aborted' }),
    foldedImport('mira', ended),
  );
  await abort();
  expect(await commands()).toEqual([]);
  expect(await log.endOffsets(topics.commands)).toEqual([0]);
});

test('work from before the upload began is not looked at', async () => {
  const acceptedAt = new Date(Date.now() + 3_600_000).toISOString();
  const receiving = foldedImport('mira', { acceptedAt });
  const { commands, putChunks, abort } = await start(receiving);
  await putChunks(workTopics.bulk.topic, receiving, 8);
  await abort();
  expect((await commands()).map(({ data }) => data)).toMatchObject([{ chunks: { pending: [] } }]);
});
