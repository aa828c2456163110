/**
 * Takes chunks from the two lanes, and reports what became of them.
 *
 * A lane's position is kept only after the reports of the batch are durable: a chunk is worked off and reported at
 * least once, and the ledger of the contact store makes that once.
 */
import { setImmediate } from 'node:timers/promises';
import { encodeEvent } from '@tidings/contracts/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type {
  BlockingRetry,
  EventLog,
  LogRecord,
  RecordPosition,
  Subscription,
} from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import PQueue from 'p-queue';
import type { ChunkReport, ChunkWorker } from './chunk-worker.ts';
import { describeFailure } from './failures.ts';
import type { Lane } from './metrics.ts';
import { type PurgeOptions, Purger } from './purger.ts';

const lanePlans = {
  express: { topic: topics.expressWork, group: 'importer.express', priority: 1 },
  bulk: { topic: topics.bulkWork, group: 'importer.bulk', priority: 0 },
} as const satisfies Record<Lane, unknown>;

export const EXPRESS_GROUP = lanePlans.express.group;
export const BULK_GROUP = lanePlans.bulk.group;

/**
 * How the lanes share the contact store. `shared`: it takes one chunk at a time, and none of bulk begins while one of
 * express waits. `separate`: each lane has so many connections of its own.
 */
export type LaneConnections =
  | { readonly kind: 'shared' }
  | { readonly kind: 'separate'; readonly express: number; readonly bulk: number };

export interface LanesParts {
  readonly log: EventLog;
  readonly worker: Pick<ChunkWorker, 'work'>;
  readonly logger: Logger;
  readonly connections?: LaneConnections;
  readonly purge?: PurgeOptions;
  readonly retry?: BlockingRetry;
}

/** Bytes of chunks that one handler holds; see `partitionsAtOnce` for how many handlers there are. */
const MAX_BATCH_BYTES = 512 * 1024;
/** One more than connections, so that a chunk stands ready while the reports of another become durable. */
const SPARE_PARTITIONS = 1;

/** Resolves when both lanes are subscribed. */
export async function consumeLanes(parts: LanesParts): Promise<{ stop(): Promise<void> }> {
  const connections = parts.connections ?? { kind: 'shared' };
  const shared = new PQueue({ concurrency: 1 });
  const queueOf = (lane: Lane) =>
    connections.kind === 'shared' ? shared : new PQueue({ concurrency: connections[lane] });
  const express = await consumeLane(parts, 'express', queueOf('express'));
  try {
    const bulk = await consumeLane(parts, 'bulk', queueOf('bulk'));
    return { stop: async () => void (await Promise.all([express.stop(), bulk.stop()])) };
  } catch (error) {
    await express.stop();
    throw error;
  }
}

async function consumeLane(parts: LanesParts, lane: Lane, queue: PQueue): Promise<Subscription> {
  const { log, logger, retry } = parts;
  const { topic, group } = lanePlans[lane];
  const purger = new Purger(log, logger, { topic, group }, parts.purge);
  const subscription = await log.consume({
    group,
    topics: [topic],
    handler: (records) => handleBatch(parts, lane, queue, purger, records),
    maxBatchBytes: MAX_BATCH_BYTES,
    concurrency: queue.concurrency + SPARE_PARTITIONS,
    retry,
    onError: (error, attempt) =>
      logger.warn({ lane, attempt, failure: describeFailure(error) }, 'chunks wait to be delivered again'),
  });
  return {
    stop: async () => {
      await subscription.stop();
      await purger.stop();
    },
  };
}

/** Resolves when the report of every record is durable; rejects after all that was begun has ended. */
async function handleBatch(
  { log, worker }: LanesParts,
  lane: Lane,
  queue: PQueue,
  purger: Purger,
  records: readonly LogRecord[],
): Promise<void> {
  const appends: Promise<RecordPosition[]>[] = [];
  try {
    for (const record of records) {
      const report = await queue.add(() => workOne(worker, record, lane), {
        priority: lanePlans[lane].priority,
      });
      if (report !== null) appends.push(appendReport(log, report));
      purger.chunkDone(record);
    }
  } finally {
    await Promise.allSettled(appends);
  }
  await Promise.all(appends);
}

async function workOne(
  worker: Pick<ChunkWorker, 'work'>,
  record: LogRecord,
  lane: Lane,
): Promise<ChunkReport | null> {
  // Parsing a chunk takes the thread for some milliseconds: the report of the one before is sent first. And an embedded database
  // answers without leaving the thread's turn: without this, no timer and no message gets one.
  await setImmediate();
  return worker.work(record, lane);
}

function appendReport(log: EventLog, report: ChunkReport): Promise<RecordPosition[]> {
  const append = log.append([{ topic: topics.commands, key: report.subject, value: encodeEvent(report) }]);
  // It is awaited at the end of the batch; until then its failure must not count as unhandled.
  append.catch(() => undefined);
  return append;
}
