import { openTestLog } from '@tidings/testing/log.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { startTestAggregator } from '@tidings/testing/services/aggregator.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { sendCommand } from '../to-log.ts';
import { followFoldedImports } from './folded-from-log.ts';

// Answers that were held for the same import, behind the listener that had thrown, heard of no change.
test('a listener of an import that throws keeps none of the others from hearing of it', async () => {
  const log = await openTestLog({ partitions: 1 });
  await startTestAggregator(log);
  const { logger, lines } = recordingLogger();
  const imports = await followFoldedImports(log, logger);
  onTestFinished(() => imports.close());
  const importId = uuidv7();
  const stop = imports.watch(importId, (live) => {
    if (live !== undefined) throw new Error('no listener');
  });
  onTestFinished(stop);
  const heard = imports.waitFor(importId, (live) => live !== undefined, 20_000);
  const data = {
    ...{ uploadId: uuidv7(), owner: 'mira', channelId: 'c' },
    ...{ fileName: 'a.csv', clientReference: null, autoUndo: true },
  };
  await sendCommand(log, importId, { type: 'import.accepted', data });
  expect(await heard).toBe(true);
  const told = lines
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg.includes('a listener for changes of an import failed'));
  expect(told).toMatchObject([{ importId }]);
});
