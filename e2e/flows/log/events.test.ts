/** Every event of an import on one machine: on the log, and as the tree that the API draws. */
import { join } from 'node:path';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import { acceptImport, orderImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { expect, onTestFinished, test } from 'vitest';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { expectOneTree, expectWholeEvents, readEvents } from '../../test/event-tree.ts';

test('an import and its undo are one tree, and every event says what led to it, whose it is and who wrote it', {
  timeout: 300_000,
}, async () => {
  const stack = await startStack();
  onTestFinished(() => stack.dispose());
  const file = makeContactsFile(3_000, 'tree.example');
  const { importId, channelToken } = await acceptImport(stack.url, { file: file.bytes });
  await untilEnded(stack.url, importId, channelToken);
  await orderImport(stack.url, importId, 'undo', channelToken);
  // Support's token may poll faster than a channel's.
  await eventually(
    async () => {
      const found = await readEvents(`${stack.url}/imports/${importId}/events?`, stack.supportToken);
      const types = found.map(({ type }) => type);
      expect(types).toEqual(expect.arrayContaining(['import.undone', 'import.projected']));
      expect(types.lastIndexOf('import.projected')).toBeGreaterThan(types.indexOf('import.undone'));
    },
    { withinMs: 120_000 },
  );
  const items = await expectOneTree(stack.url, importId, channelToken);
  const types = new Set(items.map(({ type }) => type));
  for (const type of ['chunk.work', 'chunk.completed', 'upload.sealed', 'undo.page', 'undo.page_completed'])
    expect(types).toContain(type);
  expect(new Set(items.map(({ producer }) => producer))).toEqual(
    new Set(['jobs-service', 'importer', 'aggregator']),
  );
  await stack.interrupt();
  const log = await openEmbeddedLog({ directory: join(stack.directory, 'data', 'log') });
  onTestFinished(() => log.close());
  expect(await expectWholeEvents(log, importId, 'default')).toBeGreaterThan(10);
});
