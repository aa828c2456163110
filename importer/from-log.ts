/**
 * Takes chunks of both priorities from the log, and reports what becomes of them.
 *
 * A group's position moves only after the reports of the batch are durable. So a chunk is worked off and reported at least
 * once, and with the ledger of the contact store it counts once. A chunk that fails is tried again later, and then given up.
 */
import { setImmediate } from 'node:timers/promises';
import type { WorkPriority } from '@tidings/contracts/imports/work.ts';
import { topics, WORK_RETRY_DELAYS_MS, workTopics } from '@tidings/contracts/topics.ts';
import type { BlockingRetry, Consumer, EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { consumeWithRetry } from '@tidings/event-log/retry/consume-with-retry.ts';
import { settleAll } from '@tidings/failures/settle-all.ts';
import { mustBeDeliveredAgain } from '@tidings/service-kit/process/failures.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { describeFailure } from './failures.ts';
import type { WorkHandler, WorkReport } from './handlers/handler-by-type.ts';
import { reportRecord } from './to-log.ts';
import { type PurgeOptions, Purgers } from './work/purger.ts';
import { Turns, type WorkConnections } from './work/turns.ts';

export interface WorkParts {
  readonly log: EventLog;
  readonly handler: WorkHandler;
  readonly logger: Logger;
  /** Default: shared. */
  readonly connections?: WorkConnections;
  readonly purge?: PurgeOptions;
  /** Pauses while the contact store or the log cannot be reached. */
  readonly retry?: BlockingRetry;
  /** Milliseconds before each further attempt at a chunk that failed; at most as many as `WORK_RETRY_DELAYS_MS`, the default. */
  readonly retryDelaysMs?: readonly number[];
}

/** Bytes of chunks that one handler holds; `concurrency` bounds how many handlers there are. */
const MAX_BATCH_BYTES = 512 * 1024;
/** One more than connections, so that a chunk stands ready while the reports of another become durable. */
const SPARE_PARTITIONS = 1;

export interface ConsumedWork {
  /**
   * Says that a short import is being received: the connection is kept free for its chunk, for a moment. Call what it returns where no such
   * chunk will come.
   */
  expectShortImport(): () => void;
  /** Resolves, or rejects, with what `work` does in the turn of a bulk chunk: the contact store's own work gives way as they do. */
  inBulkTurn<Result>(work: () => Promise<Result>): Promise<Result>;
  stop(): Promise<void>;
}

/** Resolves when both priorities are consumed. */
export async function consumeWork(parts: WorkParts): Promise<ConsumedWork> {
  const connections = parts.connections ?? { kind: 'shared' };
  const turns = new Turns(connections);
  const express = await consumePriority(parts, 'express', turns);
  try {
    const bulk = await consumePriority(parts, 'bulk', turns);
    return {
      expectShortImport: () => turns.announceExpress(),
      inBulkTurn: (work) => turns.take('bulk', work, { isChunk: false }),
      stop: async () => void (await settleAll([express.stop(), bulk.stop()])),
    };
  } catch (error) {
    await express.stop();
    throw error;
  }
}

async function consumePriority(parts: WorkParts, priority: WorkPriority, turns: Turns): Promise<Consumer> {
  const { log, logger, handler, retry } = parts;
  const { topic, group } = workTopics[priority];
  const purgers = new Purgers(log, logger, parts.purge);
  const consumer = await consumeWithRetry({
    log,
    group,
    topics: [topic],
    delaysMs: parts.retryDelaysMs ?? WORK_RETRY_DELAYS_MS,
    onDelivered: (records) => {
      const leave = handler.deliver(records);
      const settle = priority === 'express' ? turns.deliverExpress(records.length) : undefined;
      return () => {
        leave();
        settle?.();
      };
    },
    handle: async (record, attempt) => [
      reportRecord(await turns.take(priority, () => workOne(handler, record, attempt))),
    ],
    isOutage: mustBeDeliveredAgain,
    describe: (error) => ({
      code: describeFailure(error).code,
      message: 'The importer could not work the chunk off.',
    }),
    onRetry: (failed, dueAt) => handler.putOff(failed, dueAt).map(reportRecord),
    onDead: (failed) => {
      const further = handler.goOnBehind(failed);
      return further.length > 0 ? further : handler.giveUp(failed).map(reportRecord);
    },
    onSkipped: (failed) => handler.giveUp(failed).map(reportRecord),
    orders: { controlTopic: topics.control },
    onSettled: (place, positionOf) => purgers.settled(place, positionOf),
    maxBatchBytes: MAX_BATCH_BYTES,
    concurrency: turns.mostOf(priority) + SPARE_PARTITIONS,
    retry,
    onError: (error, attempt) =>
      logger.warn(
        { priority, attempt, failure: describeFailure(error) },
        'chunks not handled; the log delivers them again',
      ),
  });
  return {
    stop: async () => {
      await consumer.stop();
      await purgers.stop();
    },
  };
}

async function workOne(
  handler: Pick<WorkHandler, 'work'>,
  record: LogRecord,
  attempt: number,
): Promise<WorkReport> {
  // Parsing a chunk holds the thread for milliseconds, and an embedded database answers within the thread's turn: this turn
  // lets timers run, messages arrive, and the report of the chunk before be sent.
  await setImmediate();
  return handler.work(record, attempt);
}
