import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { workTopics } from '@tidings/contracts/topics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { startTestAggregator } from '@tidings/testing/services/aggregator.ts';
import { expect, onTestFinished, test } from 'vitest';
import { ended, foldedImport } from '../test/folded-import.ts';
import { WorkMonitor, type WorkView, waitingNow } from './waiting-for.ts';

const running = foldedImport('mira');
const works = {
  hasImporters: true,
  hasAggregators: true,
  hasUnfolded: false,
  hasWork: true,
  work: { positions: { express: [], bulk: [] }, expressEnds: [] },
};
const view = (log: Partial<WorkView['log']> | null = {}, hasDatabase = true): WorkView => ({
  log: log && { ...works, ...log },
  hasDatabase,
});
const known = (waiting: FoldedImport['state']['waitingFor'], state = {}): FoldedImport => ({
  ...running,
  state: { ...running.state, ...state, waitingFor: waiting },
});
const retry = { reason: 'retry', text: 'retry 2 of 3 at 12:04:05' } as const;
const rest = { reason: 'upload', text: 'the rest of the file' } as const;
const undo = { reversed: 0, kept: 0, failed: 0, endedAt: null };

test.each([
  ['nothing, where its chunks are worked off', running, view(), null],
  ['nothing, once it has ended', foldedImport('mira', ended), view(null), null],
  ['the log', running, view(null, false), { reason: 'log', text: 'log' }],
  [
    'no importer',
    known(retry),
    view({ hasImporters: false }, false),
    { reason: 'importer', text: 'no importer' },
  ],
  ['the database', known(retry), view({}, false), { reason: 'database', text: 'database' }],
  ['a retry, as the fold says', known(retry), view(), retry],
  [
    'the rest of the file, whatever is stopped meanwhile',
    known(rest),
    view({ hasImporters: false }, false),
    rest,
  ],
  [
    'the rest of the file, where no chunk of anybody is on the log',
    running,
    view({ hasWork: false, hasImporters: false }, false),
    rest,
  ],
  [
    'a retry, where no other chunk is on the log while the file comes',
    { ...known(retry), retrying: [{ chunk: 0, attempt: 2, attempts: 3, dueAt: '2026-11-28T12:04:05.000Z' }] },
    view({ hasWork: false }),
    retry,
  ],
  [
    'the log, for a file that comes while the log is away',
    known(rest),
    view(null),
    { reason: 'log', text: 'log' },
  ],
  [
    'no importer, for an undo after its end',
    known(null, { ...ended, status: 'failed', undo }),
    view({ hasImporters: false }),
    { reason: 'importer', text: 'no importer' },
  ],
  [
    'no aggregator, whatever its old state says',
    known(rest),
    view({ hasAggregators: false, hasImporters: false }, false),
    { reason: 'aggregator', text: 'no aggregator' },
  ],
])('an import waits for %s', (_name, folded, seen, expected) => {
  expect(waitingNow(folded, seen, { chunksBefore: () => 0 })).toEqual(expected);
});

test.each([
  ['its turn (1 chunk of others before it)', running, 1],
  ['its turn (12 chunks of others before it)', running, 12],
  ['retry 2 of 3 at 12:04:05', known(retry), 12],
  ['the rest of the file', known(rest), 12],
])('an import waits for %s', (text, folded, chunksBefore) => {
  const waiting = waitingNow(folded, view(), { chunksBefore: () => chunksBefore });
  expect(waiting).toMatchObject({ text, ...(text.startsWith('its turn') && { chunksBefore }) });
});

test('the view of the work shows whether importers run, how far they are, and whether the database answers', async () => {
  const log = await openTestLog();
  const store = { ping: async () => undefined };
  const look = (contactStore: Pick<ContactStore, 'ping'> = store) =>
    new WorkMonitor(log, contactStore).view();
  const work = { positions: { express: [null, null], bulk: [null, null] }, expressEnds: [0, 0] };
  expect(await look()).toEqual({
    log: { hasImporters: false, hasAggregators: false, hasUnfolded: false, hasWork: false, work },
    hasDatabase: true,
  });
  const { group, topic } = workTopics.bulk;
  await log.append([{ topic, key: 'a:0', value: new Uint8Array([1]) }]);
  expect(await look()).toMatchObject({ log: { hasWork: true } });
  const importer = await log.consume({ group, topics: [topic], handler: async () => undefined });
  onTestFinished(() => importer.stop());
  await startTestAggregator(log);
  await eventually(async () =>
    expect(await look()).toMatchObject({
      log: { hasImporters: true, hasAggregators: true, hasWork: false },
    }),
  );
  const down = { ping: () => Promise.reject(new Error('away')) };
  expect(await look(down)).toMatchObject({ log: { hasImporters: true }, hasDatabase: false });
  await log.close();
  expect(await look()).toEqual({ log: null, hasDatabase: true });
});
