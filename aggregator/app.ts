/** The aggregator, built from the parts handed to it: folds the commands of every import into its state, and tells. */

import { consumerGroups, planTopics, topics } from '@tidings/contracts/topics.ts';
import { requireEqualPartitions, runAtomicStore } from '@tidings/event-log/atomic-store.ts';
import { type EventLog, EventLogError, type LogRecord } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Counter, type Registry } from '@tidings/service-kit/process/metrics.ts';
import { type FoldResult, fold, type LoggedCommand } from './fold.ts';
import { decodeCommand, UnknownCommandError } from './from-log.ts';
import { decodeImportFold, encodeImportFold, type ImportFold } from './import-fold.ts';
import { createProgressSender } from './progress.ts';
import { toDurableRecords, toProgressRecords } from './to-log.ts';

export interface AggregatorParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly registry: Registry;
}

export interface Aggregator {
  /** Commits what was folded, and leaves. */
  stop(): Promise<void>;
}

/**
 * Makes the topics that are missing. Rejects with `topic_mismatch`. That commands and states have equally many partitions is looked
 * at before they are compared with the number asked for: where they have not, no other number mends it.
 *
 * @param partitions of each topic that work is spread over, 1 to 1,000
 */
export async function prepareTopics(log: EventLog, partitions: number): Promise<void> {
  try {
    await requireEqualPartitions(log, topics.commands, topics.state);
  } catch (error) {
    // The first start of an installation makes them.
    if (!(error instanceof EventLogError && error.code === 'topic_unknown')) throw error;
  }
  await log.ensureTopics(planTopics(partitions));
}

export async function startAggregator({ log, logger, registry }: AggregatorParts): Promise<Aggregator> {
  const commands = new Counter({
    name: 'tidings_aggregator_commands_total',
    help: 'Commands folded, by type and by whether they changed anything',
    labelNames: ['type', 'effect'],
    registers: [registry],
  });
  const progress = createProgressSender(async (live) => {
    try {
      await log.append(toProgressRecords(live));
    } catch (error) {
      logger.warn(
        { err: error, importId: live.state.importId },
        'progress could not be sent; the next one says it all',
      );
    }
  });
  const unusable = new Counter({
    name: 'tidings_aggregator_unusable_records_total',
    help: 'Records passed over, by topic: no command, or no state of an import',
    labelNames: ['topic'],
    registers: [registry],
  });
  const passOver = ({ topic, partition, offset }: LogRecord, error: unknown): null => {
    unusable.inc({ topic });
    logger.error({ err: error, topic, partition, offset }, 'a record cannot be used, and is passed over');
    return null;
  };
  const store = await runAtomicStore<LoggedCommand, ImportFold>({
    log,
    group: consumerGroups.aggregator,
    commandsTopic: topics.commands,
    storeTopic: topics.state,
    decodeCommand(record) {
      try {
        return decodeCommand(record);
      } catch (error) {
        if (error instanceof UnknownCommandError) throw error;
        return passOver(record, error);
      }
    },
    encodeState: encodeImportFold,
    decodeState(record) {
      try {
        return decodeImportFold(record.value);
      } catch (error) {
        return passOver(record, error);
      }
    },
    fold(current, logged, record) {
      const { next, notifications, ignored } = foldOrIgnore(current, logged, (error) =>
        passOver(record, error),
      );
      commands.inc({ type: logged.command.type, effect: ignored ? 'ignored' : 'folded' });
      const outputs =
        next == null ? [] : notifications.flatMap((notification) => toDurableRecords(next, notification));
      return { state: next ?? null, outputs, commitNow: notifications.length > 0 };
    },
    onFolded: (_key, live) => {
      if (live !== null) progress.update(live);
    },
    onError: (error, attempt) => logger.error({ err: error, attempt }, 'commands could not be folded'),
  });
  return {
    async stop() {
      await store.stop();
      progress.stop();
    },
  };
}

/** What cannot be folded must not hold up the imports behind it. */
function foldOrIgnore(
  current: ImportFold | undefined,
  logged: LoggedCommand,
  onFailure: (error: unknown) => void,
): FoldResult {
  try {
    return fold(current, logged);
  } catch (error) {
    onFailure(error);
    return { next: current, notifications: [], ignored: true };
  }
}
