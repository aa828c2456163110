/**
 * Measures a schedule on either log: setting schedules, holding them, finding them again at a start, and delivering all of them, due at once.
 * The baseline of the same run is a consume-transform-produce loop that copies as many records of the same size, as fast as it can.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { type RunningSchedule, runSchedule } from '@tidings/event-log/schedule/run-schedule.ts';
import { moveSchedule, scheduleOnce } from '@tidings/event-log/schedule/schedule-records.ts';
import { pause } from '@tidings/failures/retry.ts';
import { startEngines } from '@tidings/testing/engines/start-engines.ts';
import { megabytes, numberOption, residentBytes } from '../measure.ts';

const VALUE_BYTES = 300;
const APPENDED_AT_ONCE = 500;
const HOUR_MS = 3_600_000;
const topics = ['commands', 'target', 'source', 'copied', 'control'];

/** `--schedules 50000`: prints rates, memory, and the rate of delivery as a ratio to the baseline. `--engines distributed`: on Kafka. */
export async function run(words: string[]): Promise<void> {
  const count = numberOption(words, 'schedules', 50_000);
  const { log, stop } = await (words.includes('distributed') ? openOnKafka() : openOnDisk());
  try {
    await log.ensureTopics([
      ...topics.map((name) => ({ name, partitions: 1, cleanup: 'delete' as const })),
      ...['schedule', 'blocked'].map((name) => ({ name, partitions: 1, cleanup: 'compact' as const })),
    ]);
    const copied = await rate(count, () => copy(log, count));
    console.log(`copied by a loop alone: ${copied.toFixed(0)}/s`);
    await measure(log, count, copied);
  } finally {
    await log.close();
    await stop();
  }
}

interface OpenedLog {
  readonly log: EventLog;
  stop(): Promise<void>;
}

async function openOnDisk(): Promise<OpenedLog> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
  const stop = () => rm(directory, { recursive: true, force: true });
  return { log: await openEmbeddedLog({ directory }), stop };
}

async function openOnKafka(): Promise<OpenedLog> {
  const engines = await startEngines({ kafka: true, onProgress: console.log });
  const log = await openKafkaLog({ brokers: engines.kafkaBrokers.split(','), replication: 1 });
  return { log, stop: () => engines.stop() };
}

async function measure(log: EventLog, count: number, copied: number): Promise<void> {
  const before = memory();
  let running = await start(log);
  const dueAt = Date.now() + HOUR_MS;
  const set = await rate(count, async () => {
    await append(log, count, (number) => scheduleOnce('commands', `${number}`, recordOf(number), dueAt));
    await untilWaiting(running, count);
  });
  const held = memory() - before;
  console.log(
    `set: ${set.toFixed(0)}/s; ${count} waiting take ${megabytes(held)} MB, ${((held / count) * 0.1).toFixed(0)} MB for each 100,000`,
  );
  await running.stop();
  const startedAt = performance.now();
  running = await start(log);
  await untilWaiting(running, count);
  console.log(`found again at a start: ${(performance.now() - startedAt).toFixed(0)} ms`);
  const moved = Date.now();
  const delivered = await rate(count, async () => {
    await append(log, count, (number) => moveSchedule('commands', `${number}`, moved));
    await untilAppended(log, 'target', count);
  });
  await running.stop();
  console.log(
    `moved and delivered: ${delivered.toFixed(0)}/s, ${(delivered / copied).toFixed(2)} of the loop alone (each run is three records in place of one)`,
  );
}

async function start(log: EventLog): Promise<RunningSchedule> {
  return runSchedule({
    ...{
      log,
      group: 'schedule',
      commandsTopic: 'commands',
      scheduleTopic: 'schedule',
      deliverTo: ['target'],
    },
    blocking: {
      ...{ blockedTopic: 'blocked', controlTopic: 'control', isOutage: () => false },
      describe: () => ({ code: 'failed', message: 'It failed.' }),
      onBlocked: () => undefined,
      onSkipped: () => undefined,
    },
    onRefused: () => undefined,
    onError: (error) => console.error(error),
  });
}

function recordOf(number: number): NewRecord & { readonly value: Uint8Array } {
  return { topic: 'target', key: `channel-${number % 1_000}`, value: new Uint8Array(VALUE_BYTES).fill(120) };
}

async function copy(log: EventLog, count: number): Promise<void> {
  await append(log, count, (number) => ({ ...recordOf(number), topic: 'source' }));
  const consumer = await log.process({
    group: 'copier',
    topics: ['source'],
    createProcessor: () => {
      let waiting: NewRecord[] = [];
      return {
        handle(records) {
          waiting.push(...records.map(({ key, value }) => ({ topic: 'copied', key, value })));
          return true;
        },
        outputs() {
          const outputs = waiting;
          waiting = [];
          return outputs;
        },
      };
    },
  });
  await untilAppended(log, 'copied', count);
  await consumer.stop();
}

async function append(log: EventLog, count: number, make: (number: number) => NewRecord): Promise<void> {
  for (let first = 0; first < count; first += APPENDED_AT_ONCE) {
    const size = Math.min(APPENDED_AT_ONCE, count - first);
    await log.append(Array.from({ length: size }, (_, index) => make(first + index)));
  }
}

async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (count / (performance.now() - startedAt)) * 1_000;
}

async function untilWaiting(running: RunningSchedule, count: number): Promise<void> {
  while (running.waiting < count) await pause(5);
}

/** Transactions take offsets too, so records are counted. */
async function untilAppended(log: EventLog, topic: string, count: number): Promise<void> {
  let appended = 0;
  for await (const records of log.read({ topic, from: 'earliest', follow: true })) {
    appended += records.length;
    if (appended >= count) return;
  }
}

function memory(): number {
  globalThis.gc?.();
  return residentBytes(process.pid);
}
