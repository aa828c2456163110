import type { ImportCommand } from '@tidings/contracts/import-commands.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { startAggregator } from './app.ts';

const UNUSABLE = 'tidings_aggregator_unusable_records_total';
const uploadId = uuidv7();

/** An aggregator on a log of its own, with one partition: each command stands behind all before it. */
async function start() {
  const log = await openTestLog({ partitions: 1 });
  const { logger, lines } = recordingLogger();
  const registry = createRegistry({ processMetrics: false });
  const run = () => startAggregator({ log, logger, registry });
  const put = (topic: string, key: string, value: Uint8Array | null) => log.append([{ topic, key, value }]);
  const send = (key: string, type: string, data: unknown) =>
    put(topics.commands, key, encodeEvent(createEvent({ type, subject: 'an import', data })));
  const states = async () => {
    const found = new Map<string, { state: { upload: string; version: number } }>();
    for await (const records of log.read({ topic: topics.state, from: 'earliest', follow: false })) {
      for (const { key, value } of records)
        if (value !== null) found.set(key, JSON.parse(Buffer.from(value).toString()));
    }
    return found;
  };
  const unusable = async (topic: string) =>
    (await registry.getSingleMetric(UNUSABLE)?.get())?.values.find(({ labels }) => labels.topic === topic)
      ?.value;
  const position = async () => (await log.committedOffsets(consumerGroups.aggregator, topics.commands))[0];
  return { log, run, put, send, states, unusable, position, lines };
}

const accepted = (changes = {}) => ({
  ...{ uploadId, channelId: 'channel', owner: 'mira', fileName: 'a.csv', clientReference: null },
  ...changes,
});

test('what is no command is passed over, told and counted, and stops no import', async () => {
  const { run, put, send, states, unusable, lines } = await start();
  const aggregator = await run();
  onTestFinished(() => aggregator.stop());
  const [mine, importId] = [uuidv7(), uuidv7()];
  await send(importId, 'import.accepted', accepted());
  const rows = { created: 0, updated: 0, unchanged: 0, duplicate: 0, rejected: 0, failed: 0, cancelled: 0 };
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
  expect(lines.filter((line) => line.includes('is passed over'))).toHaveLength(bad.length + 5);
  expect(lines.join('')).not.toContain('canary-4711');
});

test('a state that cannot be read is passed over when its partition is taken over', async () => {
  const { run, put, send, states, unusable } = await start();
  const importId = uuidv7();
  await put(topics.state, uuidv7(), new TextEncoder().encode('{"state":{}}'));
  const aggregator = await run();
  onTestFinished(() => aggregator.stop());
  await send(importId, 'import.accepted', accepted());
  await eventually(async () => expect((await states()).has(importId)).toBe(true));
  expect(await unusable(topics.state)).toBe(1);
});

test('a command of a release to come waits for it, and everything behind it', async () => {
  const { run, send, states, position, lines } = await start();
  const aggregator = await run();
  onTestFinished(() => aggregator.stop());
  await send(uuidv7(), 'import.accepted', accepted());
  await send(uuidv7(), 'import.rewound', {});
  await send(uuidv7(), 'import.accepted', accepted());
  await eventually(async () =>
    expect(lines.filter((line) => line.includes('unknown_command'))).not.toEqual([]),
  );
  expect(await position()).not.toBe(3);
  expect((await states()).size).toBeLessThanOrEqual(1);
});
