import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { chunkWorkKey } from '@tidings/contracts/imports/work.ts';
import { topics, workPlaces, workTopics } from '@tidings/contracts/topics.ts';
import { partitionOf } from '@tidings/event-log/engine/partitioner.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { silentLogger as logger } from '@tidings/testing/logger.ts';
import { startTestAggregator } from '@tidings/testing/services/aggregator.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { startFaultyLog } from '../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../test/folded-import.ts';
import { sendCommand } from '../to-log.ts';
import { followFoldedImports } from './folded-from-log.ts';
import { LostWorkSweeper } from './lost-work.ts';

const times = { everyMs: 5, stillForMs: 100 };

async function start({ folds = true, partitions = 1 } = {}) {
  const { log, commands } = await startFaultyLog({ partitions });
  if (folds) await startTestAggregator(log);
  const foldedImports = await followFoldedImports(log, logger);
  onTestFinished(() => foldedImports.close());
  const looks: string[] = [];
  const watchedLog: EventLog = new Proxy(log, {
    get: (target, name) => {
      if (name !== 'committedOffsets') return Reflect.get(target, name);
      return (group: string, topic: string) => {
        looks.push(topic);
        return target.committedOffsets(group, topic);
      };
    },
  });
  const stateOf = (importId: string) => foldedImports.get(importId)?.state;
  return {
    log,
    /** The topics at which sweepers have looked, one for each look. */
    looks,
    stateOf,
    /** Its `count`: how often the sweeper has looked at the imports. */
    sweep: () => {
      const sweeps = { count: 0 };
      const values = () => {
        sweeps.count += 1;
        return foldedImports.values();
      };
      const sweeper = new LostWorkSweeper({ log: watchedLog, foldedImports: { values }, logger, times });
      onTestFinished(() => sweeper.stop());
      return sweeps;
    },
    /** An import as an aggregator has left it. */
    keepStill: async (state: Partial<ImportState> = {}) => {
      const folded = foldedImport('mira', { upload: 'sealed', ...state });
      await keep(log, folded);
      const { importId } = folded.state;
      await eventually(() => expect(foldedImports.get(importId)).toBeDefined());
      return { importId, uploadId: folded.uploadId };
    },
    told: async () => (await commands()).filter(({ type }) => type === 'work.lost'),
    /** An import of two chunks with five rows each, of which none has reported. */
    begin: async (importId = uuidv7()) => {
      const uploadId = uuidv7();
      const send = (command: ImportCommand) => sendCommand(log, importId, command);
      const names = { channelId: 'c', owner: 'mira', fileName: 'a.csv', clientReference: null };
      await send({ type: 'import.accepted', data: { uploadId, ...names, autoUndo: false } });
      await send({ type: 'upload.sealed', data: { uploadId, chunks: 2, rows: 10, bytes: 7 } });
      await eventually(() => expect(stateOf(importId)?.upload).toBe('sealed'));
      const complete = (chunk: number) => {
        const delta = { ...noRows(), created: 5 };
        return send({ type: 'chunk.completed', data: { uploadId, chunk, rows: 5, delta } });
      };
      return { importId, uploadId, send, complete };
    },
  };
}

function putChunk(log: EventLog, topic: string, importId: string, chunk: number) {
  return log.append([{ topic, key: chunkWorkKey(importId, chunk), value: new Uint8Array([1]) }]);
}

/** Of an import whose chunks 0 and 1 stand in this partition of two. */
function idWithChunksIn(partition: number): string {
  for (;;) {
    const id = uuidv7();
    if ([0, 1].every((chunk) => partitionOf(chunkWorkKey(id, chunk), 2) === partition)) return id;
  }
}

/** Works off the topic as this group, until the group has committed the topic's end. */
async function passBy(log: EventLog, group: string, topic: string): Promise<void> {
  const ends = await log.endOffsets(topic);
  const consumer = await log.consume({ group, topics: [topic], handler: async () => undefined });
  await eventually(async () => {
    const committed = await log.committedOffsets(group, topic);
    expect(committed.map((offset) => offset ?? 0)).toEqual(ends);
  });
  await consumer.stop();
}

test('chunks that are gone have failed once nothing is on its way, and are told once, however many sweep', async () => {
  const { log, begin, sweep, stateOf, told } = await start();
  const [{ importId, uploadId, complete }, other] = [await begin(), await begin()];
  await complete(1);
  await eventually(() => expect(stateOf(importId)?.chunks.completed).toBe(1));
  const { version } = stateOf(importId) ?? {};
  sweep();
  sweep();
  await eventually(() => {
    expect(stateOf(importId)).toMatchObject({
      status: 'completed_with_errors',
      rows: { total: 10, created: 5, failed: 5 },
      chunks: { total: 2, completed: 1, failed: 1 },
    });
    expect(stateOf(other.importId)?.rows).toMatchObject({ total: 10, failed: 10 });
  });
  const ofImport = (await told()).filter((command) => command.importId === importId);
  expect(new Set(ofImport.map(({ data }) => JSON.stringify(data)))).toEqual(
    new Set([JSON.stringify({ uploadId, version })]),
  );
  const notified = (await readAll(log, topics.notifications)).filter(
    ({ key, value }) => key === 'c' && new TextDecoder().decode(value ?? undefined).includes('chunks_lost'),
  );
  expect(notified).toHaveLength(2);
});

test.each(workPlaces.map(({ topic, group }) => [topic, group]))(
  'a chunk in %s is waited for, until its importer or somebody else has removed it',
  async (topic, group) => {
    const { log, begin, sweep, stateOf, told, looks } = await start();
    const { importId } = await begin();
    await putChunk(log, topic, importId, 0);
    const watched = await begin();
    sweep();
    await eventually(() => expect(looks.filter((looked) => looked === topic).length).toBeGreaterThan(5));
    expect(looks.at(-1)).toBe(topic);
    expect(await told()).toEqual([]);
    const isImporters = topic === workTopics.express.topic;
    await passBy(log, isImporters ? group : 'operator', topic);
    if (!isImporters) await log.purge(topic, 'operator');
    for (const id of [importId, watched.importId])
      await eventually(() => expect(stateOf(id)?.status).toBe('completed_with_errors'));
  },
);

test('a partition that stands for ever holds back no import that has no work in it', async () => {
  const { log, begin, sweep, stateOf, told, looks } = await start({ partitions: 2 });
  const [held, free] = [await begin(idWithChunksIn(0)), await begin(idWithChunksIn(1))];
  const { topic, group } = workTopics.express;
  await putChunk(log, topic, held.importId, 0);
  sweep();
  await eventually(() => expect(stateOf(free.importId)?.status).toBe('completed_with_errors'));
  // Nor does such a partition hold back an import that begins later.
  const later = await begin(idWithChunksIn(1));
  await eventually(() => expect(stateOf(later.importId)?.status).toBe('completed_with_errors'));
  const looked = looks.length;
  await eventually(() => expect(looks.length).toBeGreaterThan(looked + 5));
  expect((await told()).filter(({ importId }) => importId === held.importId)).toEqual([]);
  await passBy(log, group, topic);
  await eventually(() => expect(stateOf(held.importId)?.status).toBe('completed_with_errors'));
});

test('commands that wait to be folded are waited for', async () => {
  const { log, keepStill, looks, sweep, told } = await start({ folds: false });
  const { importId, uploadId } = await keepStill();
  const delta = { ...noRows(), created: 5 };
  await sendCommand(log, importId, {
    type: 'chunk.completed',
    data: { uploadId, chunk: 0, rows: 5, delta },
  });
  sweep();
  await eventually(() =>
    expect(looks.filter((looked) => looked === topics.commands).length).toBeGreaterThan(5),
  );
  expect(await told()).toEqual([]);
});

test('an import that receives its file, or is at rest, lets no engine be asked', async () => {
  const { keepStill, looks, sweep } = await start({ folds: false });
  await keepStill({ upload: 'receiving' });
  await keepStill(ended);
  const sweeps = sweep();
  await eventually(() => expect(sweeps.count).toBeGreaterThan(50));
  expect(looks).toEqual([]);
});
