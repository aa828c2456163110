/** What only the embedded engine promises: its files, and its behaviour when a write fails. */

import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { numbered, numbersOf, record, unique, upTo, valuesOf } from '../conformance/fixtures.ts';
import type { EventLog, TopicSpecification } from '../event-log.ts';
import type { EmbeddedCrashPoint } from './crash-points.ts';
import { type EmbeddedLogOptions, openEmbeddedLog } from './embedded-log.ts';

async function open(directory: string, options: Partial<EmbeddedLogOptions> = {}): Promise<EventLog> {
  const log = await openEmbeddedLog({ directory, maintenanceIntervalMs: 20, ...options });
  onTestFinished(() => log.close());
  return log;
}

async function makeTopic(log: EventLog, specification: Partial<TopicSpecification> = {}): Promise<string> {
  const name = unique('topic');
  await log.ensureTopics([{ name, partitions: 1, cleanup: 'delete', ...specification }]);
  return name;
}

const segmentsIn = (directory: string): Promise<string[]> => readdir(join(directory, 'segments'));
const chunk = new Uint8Array(512 * 1024).fill(1);

/** Appends whole MiB of large values. */
async function fill(log: EventLog, topic: string, mebibytes: number, key = 'chunk'): Promise<void> {
  for (const _ of upTo(mebibytes)) await log.append([chunk, chunk].map((value) => ({ topic, key, value })));
}

async function consumeAll(log: EventLog, topic: string): Promise<string> {
  const group = unique('group');
  const consumer = await log.consume({ group, topics: [topic], handler: () => Promise.resolve() });
  await eventually(async () =>
    expect(await log.committedOffsets(group, topic)).toEqual(await log.endOffsets(topic)),
  );
  await consumer.stop();
  return group;
}

describe('segments', () => {
  it('are deleted when everything in them was purged', async () => {
    const directory = await temporaryFolder();
    const log = await open(directory);
    const topic = await makeTopic(log);
    await fill(log, topic, 80);
    expect(await segmentsIn(directory)).toHaveLength(3);
    expect(await log.purge(topic, await consumeAll(log, topic))).toBe(160);
    expect(await segmentsIn(directory)).toHaveLength(1);
    await log.close();
    const again = await open(directory);
    expect(await segmentsIn(directory)).toEqual([]);
    await again.append([{ topic, key: 'a', value: chunk }]);
    expect(await readAll(again, topic)).toHaveLength(1);
  });

  it('that hold little are emptied into the current one', async () => {
    const directory = await temporaryFolder();
    const log = await open(directory);
    const [topic, kept] = [await makeTopic(log), await makeTopic(log)];
    const value = new Uint8Array(10_000).map((_, place) => place % 250);
    await log.append([{ topic: kept, key: 'kept', value }]);
    await fill(log, topic, 40);
    await log.purge(topic, await consumeAll(log, topic));
    await eventually(async () => expect(await segmentsIn(directory)).toEqual(['0000000002.seg']));
    const [only] = await readAll(log, kept);
    expect(Buffer.compare(only?.value ?? new Uint8Array(), value)).toBe(0);
    await log.close();
    expect(await readAll(await open(directory), kept)).toEqual([only]);
  });

  it('that nothing refers to are deleted at the start', async () => {
    const directory = await temporaryFolder();
    const log = await open(directory);
    const topic = await makeTopic(log);
    await fill(log, topic, 1);
    await log.close();
    await writeFile(join(directory, 'segments', '0000000009.seg'), 'left by a crash');
    const again = await open(directory);
    expect(await segmentsIn(directory)).toEqual(['0000000001.seg']);
    await fill(again, topic, 1);
    expect(await segmentsIn(directory)).toEqual(['0000000001.seg', '0000000010.seg']);
    expect(await readAll(again, topic)).toHaveLength(4);
  });
});

describe('retention', () => {
  it('forgets what is older, in steps, and goes on with new offsets', async () => {
    const directory = await temporaryFolder();
    const log = await open(directory);
    const topic = await makeTopic(log, { retentionMs: 1 });
    const kept = await makeTopic(log, { retentionMs: 3_600_000 });
    await log.append([...numbered(topic, 1_500), ...numbered(kept, 10)]);
    await eventually(async () => expect(await readAll(log, topic)).toEqual([]));
    expect(await readAll(log, kept)).toHaveLength(10);
    await log.close();
    const again = await open(directory, { maintenanceIntervalMs: 3_600_000 });
    expect(await again.endOffsets(topic)).toEqual([1_500]);
    const [position] = await again.append([record(topic, 'a', 'x')]);
    expect(position?.offset).toBe(1_500);
  });
});

describe('tombstones', () => {
  it('stay until every reader that may know their key has passed them', async () => {
    const log = await open(await temporaryFolder(), { tombstoneRetentionMs: 0 });
    const topic = await makeTopic(log, { cleanup: 'compact' });
    await log.append([record(topic, 'a', '1')]);
    const reader = log.read({ topic, from: 'earliest', follow: true })[Symbol.asyncIterator]();
    expect((await reader.next()).value).toHaveLength(1);
    await log.append([record(topic, 'a', '2')]);
    await log.append([record(topic, 'a', null), record(topic, 'b', '1')]);
    // Compaction has come here when the replaced record is gone.
    await eventually(async () => expect(await readAll(log, topic)).toHaveLength(2));
    const { value } = await reader.next();
    expect(value).toMatchObject([{ key: 'a', value: null }, { key: 'b' }]);
    await reader.return?.();
    await eventually(async () => expect((await readAll(log, topic)).map(({ key }) => key)).toEqual(['b']));
  });
});

describe('a write that fails', () => {
  it.each<EmbeddedCrashPoint>([
    'segment-written',
    'segment-synced',
    'before-index-write',
    'after-index-write',
  ])('at %s rejects what was in it, and leaves the log usable and whole', async (failing) => {
    const directory = await temporaryFolder();
    let failures = 0;
    let handled = 0;
    const onCrashPoint = (step: EmbeddedCrashPoint): void => {
      if (step !== failing || failures === 0) return;
      failures -= 1;
      throw new Error('disk full');
    };
    const log = await open(directory, { onCrashPoint });
    const [input, output] = [await makeTopic(log), await makeTopic(log)];
    await log.append(numbered(input, 1));
    failures = 1;
    const refused = log.append([record(input, 'a', '1'.repeat(5_000))]);
    await expect(refused).rejects.toMatchObject({ code: 'log_unavailable', retriable: true });
    await log.append([record(input, 'a', '2')]);
    const left = numbersOf(await readAll(log, input)).filter((number) => number < 10);
    expect(left).toEqual([0, 2]);

    const waiting: string[] = [];
    await log.process({
      group: unique('group'),
      topics: [input],
      retry: { initialDelayMs: 1, maxDelayMs: 1 },
      createProcessor: () => ({
        handle: (records) => {
          waiting.splice(0, waiting.length, ...records.map(({ offset }) => String(offset)));
          handled += 1;
          if (handled === 1) failures = 1;
          return true;
        },
        outputs: () => waiting.splice(0).map((offset) => record(output, 'a', offset.padEnd(5_000))),
      }),
    });
    const offsets = (await readAll(log, input)).map(({ offset }) => offset);
    await eventually(async () => expect(numbersOf(await readAll(log, output))).toEqual(offsets));
    await log.close();
    const again = await open(directory);
    expect(valuesOf(await readAll(again, output)).map(Number)).toEqual(offsets);
  });
});

describe('a member that does not release its partition', () => {
  it('is fenced after the hand-over time, and can commit nothing', async () => {
    const log = await open(await temporaryFolder(), { handoverTimeoutMs: 20 });
    const [input, output] = [await makeTopic(log), await makeTopic(log)];
    const group = unique('group');
    let release = (): void => undefined;
    const door = new Promise<void>((resolve) => {
      release = resolve;
    });
    let reached = false;
    const stuck = await log.process({
      group,
      topics: [input],
      createProcessor: () => ({
        handle: async () => {
          reached = true;
          await door;
          return true;
        },
        outputs: () => [record(output, 'a', 'too late')],
      }),
    });
    await log.append([record(input, 'a', '0')]);
    await eventually(() => expect(reached).toBe(true));
    const stopping = stuck.stop();
    await log.process({
      group,
      topics: [input],
      createProcessor: () => ({ handle: () => true, outputs: () => [record(output, 'a', 'in time')] }),
    });
    await eventually(async () => expect(await log.committedOffsets(group, input)).toEqual([1]));
    release();
    await stopping;
    expect(valuesOf(await readAll(log, output))).toEqual(['in time']);
  });
});

describe('a write that is reported as failed but took place', () => {
  /**
   * Compaction read its next records, then a repair moved its place behind them because the step before had happened after
   * all: the records seemed to replace themselves, and the only one of each key was removed.
   */
  // Several hundred writes, each synced to the disk: on a busy machine that takes more than the usual 30 s.
  it('never makes compaction remove the only record of a key', { timeout: 120_000 }, async () => {
    const directory = await temporaryFolder();
    let failing = true;
    const onCrashPoint = (step: EmbeddedCrashPoint): void => {
      if (failing && step === 'after-index-write' && Math.random() < 0.4) throw new Error('failing here');
    };
    const log = await open(directory, { onCrashPoint, maintenanceIntervalMs: 1 });
    failing = false;
    const topic = await makeTopic(log, { cleanup: 'compact' });
    failing = true;
    const keys = upTo(400).map((number) => `key-${number}`);
    for (const key of keys) {
      await eventually(() => log.append([record(topic, key, key)]));
      // Lets the maintenance run between two writes.
      await new Promise(setImmediate);
    }
    failing = false;
    await log.close();
    const again = await open(directory);
    const found = new Set((await readAll(again, topic)).map(({ key }) => key));
    expect(keys.filter((key) => !found.has(key))).toEqual([]);
  });
});
