import { noRows } from '@tidings/contracts/imports/import.ts';
import type {
  ImportCommand,
  ImportCommandData,
  ImportCommandType,
} from '@tidings/contracts/imports/import-commands.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { createEvent, decodeEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { decodeFoldedImport } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { decodeUndoPageWork } from '@tidings/contracts/schemas/imports/work.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { startAggregator } from './app.ts';

const UNUSABLE = 'tidings_aggregator_unusable_records_total';
const uploadId = uuidv7();

/** An aggregator on a log of its own with one partition, so that all commands have one order. */
async function start() {
  const log = await openTestLog({ partitions: 1 });
  const { logger, lines } = recordingLogger();
  let registry = createRegistry({ processMetrics: false });
  const run = async () => {
    registry = createRegistry({ processMetrics: false });
    const aggregator = await startAggregator({ log, logger, registry });
    onTestFinished(() => aggregator.stop());
    return aggregator;
  };
  const put = (topic: string, key: string, value: Uint8Array | null) => log.append([{ topic, key, value }]);
  const send = (key: string, type: string, data: unknown) =>
    put(topics.commands, key, encodeEvent(createEvent({ type, subject: 'an import', data })));
  /** The states that the log holds, without the forgotten ones. */
  const states = async () => {
    const found = new Map<string, ReturnType<typeof decodeFoldedImport>>();
    for (const { key, value } of await readAll(log, topics.state)) {
      if (value === null) found.delete(key);
      else found.set(key, decodeFoldedImport(value));
    }
    return found;
  };
  const notifications = async () =>
    (await readAll(log, topics.notifications)).map(({ key, value }) => ({ key, ...decodeEvent(value) }));
  const unusable = async (topic: string) =>
    (await registry.getSingleMetric(UNUSABLE)?.get())?.values.find(({ labels }) => labels.topic === topic)
      ?.value;
  const position = async () => (await log.committedOffsets(consumerGroups.aggregator, topics.commands))[0];
  return { log, run, put, send, states, notifications, unusable, position, lines };
}

type Harness = Awaited<ReturnType<typeof start>>;

function sendCommand<Type extends ImportCommandType>(
  { send }: Harness,
  importId: string,
  type: Type,
  data: ImportCommandData[Type],
) {
  return send(importId, type, data);
}

const accepted = (changes = {}) => ({
  ...{
    uploadId,
    channelId: 'channel',
    owner: 'mira',
    fileName: 'a.csv',
    clientReference: null,
    autoUndo: false,
  },
  ...changes,
});

/** The first half of the commands of an import with two chunks, of which the second fails. */
async function sendUpload(harness: Harness, importId: string): Promise<void> {
  await sendCommand(harness, importId, 'import.accepted', accepted());
  const delta = { ...noRows(), created: 4 };
  await sendCommand(harness, importId, 'chunk.completed', { uploadId, chunk: 0, rows: 4, delta });
}

async function sendEnd(harness: Harness, importId: string): Promise<void> {
  await sendCommand(harness, importId, 'upload.sealed', { uploadId, chunks: 2, rows: 7, bytes: 70 });
  const failure = { uploadId, chunk: 1, rows: 3, code: 'x', message: 'x' };
  await sendCommand(harness, importId, 'chunk.failed', failure);
}

async function endedVersion({ states }: Harness, importId: string): Promise<number> {
  return eventually(async () => {
    const state = (await states()).get(importId)?.state;
    expect(state?.endedAt).toEqual(expect.any(String));
    return state?.version ?? -1;
  });
}

test('the channel and support are notified of an import, which is kept until it is projected', async () => {
  const harness = await start();
  await harness.run();
  const importId = uuidv7();
  await sendUpload(harness, importId);
  await sendEnd(harness, importId);
  const ended = await endedVersion(harness, importId);
  await sendCommand(harness, importId, 'import.compared', { version: ended, reconciled: true });
  const compared = await eventually(async () => {
    const state = (await harness.states()).get(importId)?.state;
    expect(state?.reconciled).toBe(true);
    return state?.version ?? -1;
  });
  // Commands that repeat, or are about an older version of the state, change nothing.
  await sendCommand(harness, importId, 'import.compared', { version: ended, reconciled: false });
  await sendCommand(harness, importId, 'import.projected', { version: ended });
  await sendCommand(harness, importId, 'import.projected', { version: compared });
  await sendCommand(harness, importId, 'import.projected', { version: compared });
  await eventually(async () => expect(await harness.states()).toEqual(new Map()));

  const told = await harness.notifications();
  const everyone = ['channel', SUPPORT_CHANNEL];
  expect(told.map(({ key, type, final }) => ({ key, type, final }))).toEqual([
    { key: 'channel', type: 'import.accepted' },
    { key: 'channel', type: 'import.sealed' },
    ...everyone.map((key) => ({ key, type: 'import.chunk_failed' })),
    ...everyone.map((key) => ({ key, type: 'import.completed_with_errors', final: true })),
    ...everyone.map((key) => ({ key, type: 'import.reconciled', final: true })),
  ]);
  expect(told.find(({ type }) => type === 'import.chunk_failed')?.data).toMatchObject({ chunk: 1 });
  // Support is told whose the import is; the import's own channel has no need of it.
  const owners = told.map(({ key, data }) => [key, 'owner' in (data as object)]);
  expect(owners).toEqual(told.map(({ key }) => [key, key === SUPPORT_CHANNEL]));
  expect(told.at(-1)).toMatchObject({
    ...{ subject: importId, owner: 'mira', version: compared },
    data: { importId, version: compared, status: 'completed_with_errors', reconciled: true },
  });
});

test('what a late report leaves to be settled stands on the log, whoever folds next', async () => {
  const harness = await start();
  const importId = uuidv7();
  const first = await harness.run();
  await sendUpload(harness, importId);
  await sendEnd(harness, importId);
  const ended = await endedVersion(harness, importId);
  const folded = (await harness.states()).get(importId) ?? expect.fail();
  await sendCommand(harness, importId, 'import.compared', { version: ended, reconciled: true });
  const version = await eventually(async () => {
    const state = (await harness.states()).get(importId)?.state;
    expect(state?.reconciled).toBe(true);
    return state?.version ?? -1;
  });
  await sendCommand(harness, importId, 'import.projected', { version });
  await eventually(async () => expect(await harness.states()).toEqual(new Map()));
  const [asOf = 0] = await harness.log.endOffsets(topics.commands);
  await sendCommand(harness, uuidv7(), 'import.accepted', accepted());
  await eventually(async () => expect(await harness.position()).toBe(asOf + 1));
  await first.stop();
  const report = { uploadId, chunk: 1, rows: 3, delta: { ...noRows(), created: 3 } };
  await sendCommand(harness, importId, 'chunk.completed', { ...report, folded, asOf });
  await harness.run();
  const [unsettled] = await eventually(async () => {
    const records = await readAll(harness.log, topics.unsettledChunks);
    expect(records).toHaveLength(1);
    return records;
  });
  expect(unsettled?.key).toBe(importId);
  expect(decodeEvent(unsettled?.value ?? null)).toMatchObject({
    ...{ type: 'chunk.unsettled', subject: importId },
    data: { uploadId, chunk: 1, report },
  });
});

test('an aggregator that is stopped in the middle goes on after a restart, and sends each notification once', async () => {
  const harness = await start();
  const importId = uuidv7();
  const first = await harness.run();
  await sendUpload(harness, importId);
  await eventually(async () => expect((await harness.states()).get(importId)?.state.rows.created).toBe(4));
  await first.stop();
  await sendEnd(harness, importId);
  await harness.run();
  await endedVersion(harness, importId);
  expect((await harness.states()).get(importId)?.state).toMatchObject({
    status: 'completed_with_errors',
    rows: { total: 7, created: 4, failed: 3 },
    chunks: { total: 2, completed: 1, failed: 1 },
  });
  const own = (await harness.notifications()).filter(({ key }) => key === 'channel');
  expect(own.map(({ type }) => type)).toEqual([
    'import.accepted',
    'import.sealed',
    'import.chunk_failed',
    'import.completed_with_errors',
  ]);
});

test('a notification names its cause, the first event of the import, and the owner', async () => {
  const harness = await start();
  await harness.run();
  const importId = uuidv7();
  const first = createEvent({ type: 'import.accepted', subject: importId, data: accepted(), owner: 'mira' });
  await harness.put(topics.commands, importId, encodeEvent(first));
  const sealed = createEvent({
    type: 'upload.sealed',
    subject: importId,
    data: { uploadId, chunks: 0, rows: 0, bytes: 1 },
    cause: first,
  });
  await harness.put(topics.commands, importId, encodeEvent(sealed));
  await endedVersion(harness, importId);
  for (const { type, causationId, correlationId, owner } of await harness.notifications()) {
    const cause = type === 'import.accepted' ? first : sealed;
    expect({ causationId, correlationId, owner }).toEqual({
      causationId: cause.eventId,
      correlationId: first.eventId,
      owner: 'mira',
    });
  }
});

test('a record that is no command is skipped, logged and counted, and stops no import', async () => {
  const { run, put, send, states, unusable, lines } = await start();
  await run();
  const [mine, importId] = [uuidv7(), uuidv7()];
  await send(importId, 'import.accepted', accepted());
  const rows = noRows();
  const bad: [key: string, type: ImportCommand['type'], data: unknown][] = [
    ['no import', 'import.accepted', accepted()],
    [uuidv7(), 'import.accepted', accepted({ owner: 'canary-4711\0' })],
    [uuidv7(), 'import.accepted', accepted({ owner: '' })],
    [uuidv7(), 'import.accepted', accepted({ fileName: '\ud83c' })],
    [uuidv7(), 'import.accepted', accepted({ clientReference: 'a\nb' })],
    [importId, 'chunk.completed', { uploadId, chunk: 65_536, rows: 0, delta: rows }],
    [importId, 'chunk.completed', { uploadId, chunk: 0, rows: 0, delta: { ...rows, created: 2 ** 52 } }],
    [importId, 'chunk.failed', { uploadId, chunk: -1, rows: 0, code: 'x', message: 'x' }],
    [importId, 'upload.sealed', { uploadId, chunks: 4_000_000_000, rows: 0, bytes: 0 }],
    [
      importId,
      'upload.aborted',
      { uploadId, error: 'invalid_file', chunks: { pending: [65_536] }, bytes: 0 },
    ],
  ];
  for (const [key, type, data] of bad) await send(key, type, data);
  for (const value of [null, 'no JSON {', '{}', 'null', '[]']) {
    await put(topics.commands, importId, value === null ? null : new TextEncoder().encode(value));
  }
  await send(mine, 'import.accepted', accepted());
  await send(importId, 'upload.sealed', { uploadId, chunks: 1, rows: 0, bytes: 1 });
  await eventually(async () => {
    const found = await states();
    expect([...found.keys()].sort()).toEqual([mine, importId].sort());
    expect(found.get(importId)?.state.upload).toBe('sealed');
  });
  expect(await unusable(topics.commands)).toBe(bad.length + 5);
  expect(lines.filter((line) => line.includes('record skipped'))).toHaveLength(bad.length + 5);
  expect(lines.join('')).not.toContain('canary-4711');
});

test('a state that cannot be read is skipped when its partition is assigned', async () => {
  const { log, run, put, send, unusable } = await start();
  const importId = uuidv7();
  await put(topics.state, uuidv7(), new TextEncoder().encode('{"state":{}}'));
  await run();
  await send(importId, 'import.accepted', accepted());
  await eventually(async () =>
    expect((await readAll(log, topics.state)).map(({ key }) => key)).toContain(importId),
  );
  expect(await unusable(topics.state)).toBe(1);
});

test('an import that a later release has stored stops its partition, and no command of it is lost', async () => {
  const { run, put, send, states, position, unusable, lines } = await start();
  const [later, mine] = [uuidv7(), uuidv7()];
  const state = new TextEncoder().encode('{"schemaVersion":99,"state":{"status":"dreaming"}}');
  await put(topics.state, later, state);
  const first = await run();
  await send(mine, 'import.accepted', accepted());
  await eventually(async () => expect(lines.join('')).toContain('later_import'));
  await first.stop();
  expect(await position()).toBeNull();
  expect(await unusable(topics.state)).toBeUndefined();
  // Whoever can read it has the partition then; here it is gone.
  await put(topics.state, later, null);
  await run();
  await eventually(async () => expect([...(await states()).keys()]).toEqual([mine]));
});

test('an import that an earlier release has stored goes on', async () => {
  const harness = await start();
  const former = await start();
  await former.run();
  const importId = uuidv7();
  await sendUpload(former, importId);
  const folded = await eventually(async () => {
    const found = (await former.states()).get(importId);
    expect(found?.state.chunks.completed).toBe(1);
    return found;
  });
  const versionOne = { ...folded, state: { ...folded?.state, waitingFor: null, undo: null } };
  await harness.put(topics.state, importId, new TextEncoder().encode(JSON.stringify(versionOne)));
  await harness.run();
  await sendEnd(harness, importId);
  await endedVersion(harness, importId);
  expect((await harness.states()).get(importId)?.state.rows).toMatchObject({
    total: 7,
    created: 4,
    failed: 3,
  });
});

test('the pages of an undo stand on the log as express work, one after another', async () => {
  const harness = await start();
  await harness.run();
  const importId = uuidv7();
  await sendCommand(harness, importId, 'import.accepted', accepted({ autoUndo: true }));
  const aborted = { uploadId, error: 'connection_broken' as const, bytes: 1, chunks: { count: 0, rows: 0 } };
  await sendCommand(harness, importId, 'upload.aborted', aborted);
  const { undoId } = await eventually(async () => {
    const undo = (await harness.states()).get(importId)?.undo;
    expect(undo).toMatchObject({ page: 0, running: true });
    return undo ?? { undoId: '' };
  });
  for (let page = 0; page < 10; page += 1) {
    const next = page < 9 ? `after ${page}` : null;
    const counts = { reversed: 3, kept: 0, failed: 0 };
    await sendCommand(harness, importId, 'undo.page_completed', { undoId, page, ...counts, next });
  }
  await eventually(async () => {
    const state = (await harness.states()).get(importId)?.state;
    expect(state).toMatchObject({ status: 'failed', undo: { reversed: 30, endedAt: expect.any(String) } });
  });
  const pagesOf = async (topic: string) =>
    (await readAll(harness.log, topic)).map(({ key, value, headers }) => {
      const { envelope, work } = decodeUndoPageWork(headers);
      expect(value).toHaveLength(0);
      expect(envelope).toMatchObject({ subject: importId, owner: 'mira' });
      expect(work).toMatchObject({ importId, uploadId, undoId, owner: 'mira' });
      return [key, work.page, work.after];
    });
  const expected = Array.from({ length: 10 }, (_, page) => [
    `${importId}:undo-${page}`,
    page,
    page === 0 ? null : `after ${page - 1}`,
  ]);
  expect(await pagesOf(topics.expressWork)).toEqual(expected);
  expect(await pagesOf(topics.bulkWork)).toEqual([]);
  const ends = (await harness.notifications()).filter(({ key }) => key === 'channel');
  expect(ends.map(({ type, final }) => ({ type, final }))).toEqual([
    { type: 'import.accepted', final: undefined },
    { type: 'import.failed', final: undefined },
    { type: 'import.undone', final: true },
  ]);
});

test('a command that only a later release knows stops its partition', async () => {
  const { run, send, states, position, lines } = await start();
  await run();
  await send(uuidv7(), 'import.accepted', accepted());
  await send(uuidv7(), 'import.rewound', {});
  await send(uuidv7(), 'import.accepted', accepted());
  await eventually(async () =>
    expect(lines.filter((line) => line.includes('unknown_command'))).not.toEqual([]),
  );
  expect(await position()).not.toBe(3);
  expect((await states()).size).toBeLessThanOrEqual(1);
});
