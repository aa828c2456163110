/** The aggregator, built from the parts handed to it: folds the commands of every import into a state, and notifies its channel. */
import { LaterImportError } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { consumerGroups, planTopics, topics } from '@tidings/contracts/topics.ts';
import { requireEqualPartitions, runAtomicStore } from '@tidings/event-log/atomic-store.ts';
import type { ErrorSummary } from '@tidings/event-log/error-summary.ts';
import {
  type EventLog,
  EventLogError,
  type LogRecord,
  type NewRecord,
} from '@tidings/event-log/event-log.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import { blockingWith } from '@tidings/service-kit/process/blocking.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Registry } from '@tidings/service-kit/process/metrics.ts';
import { type FoldResult, fold } from './fold/fold.ts';
import { ForgottenImports } from './fold/forgotten-imports.ts';
import type { LoggedCommand } from './fold/logged-command.ts';
import { unsettledChunk } from './fold/unsettled-chunk.ts';
import { decodeCommand, UnknownCommandError } from './from-log.ts';
import { createMetrics } from './metrics.ts';
import { createProgressSender, type ProgressSender } from './progress.ts';
import { decodeImportFold, encodeImportFold, type ImportFold } from './state/import-fold.ts';
import {
  toDurableRecords,
  toLetterRecords,
  toProgressRecords,
  toUndoPageRecord,
  toUnsettledRecord,
} from './to-log.ts';

export interface AggregatorParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly registry: Registry;
}

export interface Aggregator {
  /** Resolves when the folded commands are committed and the consumer has left its group. */
  stop(): Promise<void>;
}

/**
 * Makes the topics that are missing.
 *
 * @param partitions of each topic that work is spread over, 1 to 1,000
 * @throws EventLogError topic_mismatch where a topic has another number of partitions
 */
export async function prepareTopics(log: EventLog, partitions: number): Promise<void> {
  try {
    // This check comes first: where these two topics differ, no value of `partitions` can be right.
    await requireEqualPartitions(log, topics.commands, topics.state);
  } catch (error) {
    // At the first start of an installation the topics do not exist yet.
    if (!(error instanceof EventLogError && error.code === 'topic_unknown')) throw error;
  }
  await log.ensureTopics(planTopics(partitions));
}

/** @throws EventLogError topic_unknown, topic_mismatch */
export async function startAggregator({ logger, registry, ...parts }: AggregatorParts): Promise<Aggregator> {
  const log = signedBy('aggregator', parts.log);
  const metrics = createMetrics(registry);
  const progress = startProgress(log, logger);
  const forgotten = new Map<number, ForgottenImports>();
  const skip = ({ topic, partition, offset }: LogRecord, error: unknown): null => {
    metrics.unusable.inc({ topic });
    logger.error({ err: error, topic, partition, offset }, 'record skipped; not usable');
    return null;
  };
  const consumer = await runAtomicStore<LoggedCommand, ImportFold>({
    log,
    group: consumerGroups.aggregator,
    commandsTopic: topics.commands,
    storeTopic: topics.state,
    blocking: blockingWith(logger, describeFailure),
    decodeCommand(record) {
      try {
        return decodeCommand(record);
      } catch (error) {
        if (error instanceof UnknownCommandError) throw error;
        return skip(record, error);
      }
    },
    encodeState: encodeImportFold,
    decodeState(record) {
      try {
        return decodeImportFold(record.value);
      } catch (error) {
        // Passed over, its commands would count as those of an unknown import, and it would be lost.
        if (error instanceof LaterImportError) throw error;
        return skip(record, error);
      }
    },
    onBegin: (partition) => void forgotten.set(partition, new ForgottenImports()),
    fold(current, logged, record) {
      const ofPartition = forgotten.get(record.partition);
      ofPartition?.begin(record.offset);
      const folded = foldOrIgnore(current, logged, ofPartition, (error) => skip(record, error));
      if (folded.next === null && current !== undefined) ofPartition?.add(current, record.offset);
      metrics.commands.inc({ type: logged.command.type, effect: folded.ignored ? 'ignored' : 'folded' });
      const unsettled = unsettledChunk(current, logged, folded);
      const outputs = [
        ...toOutputs(folded),
        ...toLetterRecords(logged, folded),
        ...(unsettled === null ? [] : [toUnsettledRecord(logged, unsettled)]),
      ];
      const state = folded.next ?? null;
      return {
        state,
        outputs,
        commitNow: outputs.length > 0 || state?.state.status !== current?.state.status,
      };
    },
    onFolded: (_key, folded) => {
      if (folded !== null) progress.update(folded);
    },
    onError: (error, attempt) => logger.error({ err: error, attempt }, 'folding commands failed; retrying'),
  });
  return {
    async stop() {
      await consumer.stop();
      progress.stop();
    },
  };
}

function toOutputs({ next, notifications, undoPage }: FoldResult): NewRecord[] {
  if (next == null) return [];
  const records = notifications.flatMap((notification) => toDurableRecords(next, notification));
  return undoPage === null ? records : [...records, toUndoPageRecord(next, undoPage)];
}

/** Only what a later release has written blocks; its message quotes no data. */
function describeFailure(error: unknown): ErrorSummary {
  return error instanceof UnknownCommandError || error instanceof LaterImportError
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: 'The command could not be folded.' };
}

function startProgress(log: EventLog, logger: Logger): ProgressSender {
  return createProgressSender(async (folded) => {
    try {
      await log.append(toProgressRecords(folded));
    } catch (error) {
      const { importId } = folded.state;
      logger.warn({ err: error, importId }, 'progress not appended; the next snapshot replaces it');
    }
  });
}

/** A command that cannot be folded must not hold up the imports behind it. */
function foldOrIgnore(
  current: ImportFold | undefined,
  logged: LoggedCommand,
  forgotten: ForgottenImports | undefined,
  onFailure: (error: unknown) => void,
): FoldResult {
  try {
    return fold(current, logged, forgotten);
  } catch (error) {
    onFailure(error);
    return { next: current, notifications: [], undoPage: null, ignored: true };
  }
}
