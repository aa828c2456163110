import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { noRows } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { type ChunkWork, chunkWorkKey } from '@tidings/contracts/imports/work.ts';
import { createEvent } from '@tidings/contracts/schemas/event.ts';
import { CHUNK_WORK_TYPE, encodeWork } from '@tidings/contracts/schemas/imports/work.ts';
import { consumerGroups, topics, workTopics } from '@tidings/contracts/topics.ts';
import { encodeDeadLetter } from '@tidings/event-log/retry/retry-headers.ts';
import { deadLetterTopic } from '@tidings/event-log/retry/topic-names.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { startTestAggregator } from '@tidings/testing/services/aggregator.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { followFoldedImports } from '../imports/folded-from-log.ts';
import { sendCommand } from '../to-log.ts';
import { type ObeyParts, obeyOrders } from './obey-orders.ts';
import { Orders } from './orders.ts';

const { topic, group } = workTopics.express;
const ROWS = 3;
const LONG_MS = 20_000;

const textOf = (value: Uint8Array | null) => new TextDecoder().decode(value ?? new Uint8Array());

/** An import of one chunk, which is a dead letter; a real aggregator folds it. */
async function startImport() {
  const log = await openTestLog({ partitions: 1 });
  await startTestAggregator(log);
  const imports = await followFoldedImports(log, silentLogger);
  onTestFinished(() => imports.close());
  const [importId, uploadId, owner] = [uuidv7(), uuidv7(), 'mira'];
  const send = (command: ImportCommand) => sendCommand(log, importId, command);
  const key = chunkWorkKey(importId, 0);
  const value = new TextEncoder().encode('a@example.org\n');
  const work: ChunkWork = {
    ...{ importId, uploadId, owner, chunk: 0, dialect: { encoding: 'utf-8', delimiter: ',' } },
    ...{ header: ['email'], columns: ['email'], defaultCountry: null, restoreCells: false },
    shape: { firstLine: 2, firstRow: 0, rows: ROWS, damage: [] },
  };
  const cause = await send({
    type: 'import.accepted',
    data: { uploadId, owner, channelId: 'c', fileName: 'a.csv', clientReference: null, autoUndo: true },
  });
  const envelope = createEvent({ type: CHUNK_WORK_TYPE, subject: importId, data: null, cause });
  const headers = encodeWork(envelope, work);
  const [position] = await log.append([{ topic, key, value, headers }]);
  const origin = { topic, partition: position?.partition ?? 0, offset: position?.offset ?? 0 };
  const error = { code: 'x', message: 'x' };
  const dead = { group, origin, key, value, headers, attempts: 3, error, failedAt: 1_000_000 };
  await log.append([encodeDeadLetter(deadLetterTopic(topic, group), dead)]);
  await send({ type: 'upload.sealed', data: { uploadId, chunks: 1, rows: ROWS, bytes: 9 } });
  await send({ type: 'chunk.failed', data: { uploadId, chunk: 0, rows: ROWS, ...error } });
  const until = async (condition: (folded: FoldedImport | undefined) => boolean) => {
    expect(await imports.waitFor(importId, condition, LONG_MS)).toBe(true);
    return imports.get(importId);
  };
  const ended = await until((folded) => folded?.state.status === 'completed_with_errors');
  if (ended === undefined) throw new Error('no import');
  /** As the saga does, with the log behind it that has forgotten the import. */
  const project = async () => {
    await send({ type: 'import.compared', data: { version: ended.state.version, reconciled: true } });
    const compared = await until((folded) => folded?.state.reconciled === true);
    if (compared === undefined) throw new Error('no import');
    await send({ type: 'import.projected', data: { version: compared.state.version } });
    await until((folded) => folded === undefined);
    return compared;
  };
  const orders = new Orders(log, silentLogger);
  const order = async (parts: Partial<ObeyParts> = {}) => {
    const contactStore = { getImport: async () => null };
    const obeying = await obeyOrders({
      ...{ log, foldedImports: imports, contactStore, logger: silentLogger, retentionDays: 30 },
      ...parts,
    });
    onTestFinished(() => obeying.stop());
    const letters = [...(await orders.deadChunks(importId, uploadId)).values()];
    expect(letters).toHaveLength(1);
    await orders.orderLetters('requeue', letters, { who: 'support', reason: 'a test' });
  };
  /** @param times how often the chunk is put back */
  const requeue = async (parts: Partial<ObeyParts> = {}, times = 1) => {
    await order(parts);
    const requeued = await until((folded) => folded?.state.status === 'importing');
    expect(requeued?.state).toMatchObject({
      rows: { total: ROWS, failed: 0 },
      endedAt: null,
      reconciled: null,
    });
    const onLog = (await readAll(log, topic)).map((record) => `${record.key} ${textOf(record.value)}`);
    expect(onLog).toEqual(Array.from({ length: 1 + times }, () => `${key} ${textOf(value)}`));
    expect(await orders.deadLetters()).toEqual([]);
  };
  const complete = async () => {
    const delta = { ...noRows(), created: ROWS };
    await send({ type: 'chunk.completed', data: { uploadId, chunk: 0, rows: ROWS, delta } });
    await until((folded) => folded?.state.status === 'completed');
  };
  return { log, imports, orders, ended, project, order, requeue, complete };
}

test('a requeued chunk is on its topic again, and its failed report is taken back before the next one counts', async () => {
  const { requeue, complete, log } = await startImport();
  await requeue();
  await complete();
  const commands = (await readAll(log, topics.commands)).map((record) => textOf(record.value));
  expect(commands.filter((text) => text.includes('chunk.requeued'))).toHaveLength(1);
});

test('an order is an event of the import’s tree: the work has led to it, and it to the requeue', async () => {
  const { requeue, log } = await startImport();
  await requeue();
  const json = async (from: string) =>
    (await readAll(log, from)).map(({ value }) => JSON.parse(textOf(value)));
  const [order] = await json(topics.control);
  const commands = await json(topics.commands);
  const [work] = await readAll(log, topic);
  const { eventId, owner, correlationId } = commands.find(({ type }) => type === 'import.accepted');
  expect(order).toMatchObject({ causationId: work?.headers.eventId, correlationId: eventId, owner });
  expect(commands.find(({ type }) => type === 'chunk.requeued')).toMatchObject({
    ...{ causationId: order.eventId, correlationId, owner },
  });
});

test('a requeue carries the import back from the contact store, where the log has forgotten it', async () => {
  const { project, requeue, complete } = await startImport();
  const projected = await project();
  await requeue({ contactStore: { getImport: async () => projected } });
  await complete();
});

// A requeued chunk was worked off, and its rows counted as failed for ever.
test('an import that the log forgets while the order is obeyed is carried back, though it was not yet compared', async () => {
  const { imports, ended, project, requeue, complete } = await startImport();
  const projected = await project();
  const contactStore = { getImport: async () => projected };
  await requeue({ foldedImports: { ...imports, get: () => ended }, contactStore });
  await complete();
});

// The command named no state, because the import ran when it was looked for, and the log had forgotten the import before the command came.
test('a requeue is not lost where a running import ends and is forgotten between its look-up and the command', async () => {
  const { imports, ended, orders, project, requeue, complete } = await startImport();
  const projected = await project();
  const running = { ...ended, state: { ...ended.state, status: 'importing' as const, endedAt: null } };
  const contactStore = { getImport: async () => projected };
  await requeue({ foldedImports: { ...imports, get: () => running }, contactStore }, 2);
  await complete();
  // People have ordered it once.
  expect((await orders.journal.list({ limit: 10 })).items).toHaveLength(1);
});

test('nothing is put back of an import whose ledger may be gone: it ended too long ago, or nobody knows it', async () => {
  const { log, orders, project, order } = await startImport();
  const { state, ...projected } = await project();
  const old = { ...projected, state: { ...state, endedAt: '2020-01-01T00:00:00.000Z' } };
  const found = [old, null];
  await order({ contactStore: { getImport: async () => found.shift() ?? null } });
  const letters = await orders.deadLetters();
  await orders.orderLetters('requeue', letters, { who: 'support', reason: 'once more' });
  await eventually(async () =>
    expect(await log.committedOffsets(consumerGroups.control, topics.control)).toEqual([2]),
  );
  expect(await readAll(log, topic)).toHaveLength(1);
  expect(await orders.deadLetters()).toHaveLength(1);
});
