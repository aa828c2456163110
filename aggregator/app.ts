/** The aggregator, built from the parts handed to it: folds the commands of every import into its state, and tells. */
import { decodeEvent, MalformedEventError } from '../contracts/event.ts';
import { importCommandSchema } from '../contracts/import.ts';
import { planTopics, topics } from '../contracts/topics.ts';
import { requireEqualPartitions, runAtomicStore } from '../event-log/atomic-store.ts';
import { type EventLog, EventLogError, type LogRecord } from '../event-log/event-log.ts';
import type { Logger } from '../service-kit/logging.ts';
import { Counter, type Registry } from '../service-kit/metrics.ts';
import { fold, type LiveImport, type LoggedCommand } from './fold.ts';
import { createProgressSender } from './progress.ts';
import { decodeLiveImport, encodeLiveImport } from './stored-import.ts';
import { toDurableRecords, toProgressRecords } from './to-log.ts';

export const AGGREGATOR_GROUP = 'aggregator';

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
  const store = await runAtomicStore<LoggedCommand, LiveImport>({
    log,
    group: AGGREGATOR_GROUP,
    commandsTopic: topics.commands,
    storeTopic: topics.state,
    decodeCommand,
    encodeState: encodeLiveImport,
    decodeState: ({ value }) => decodeLiveImport(value),
    fold(current, logged) {
      const { next, announcements, ignored } = fold(current, logged);
      commands.inc({ type: logged.command.type, effect: ignored ? 'ignored' : 'folded' });
      const outputs =
        next == null ? [] : announcements.flatMap((announcement) => toDurableRecords(next, announcement));
      return { state: next ?? null, outputs, commitNow: announcements.length > 0 };
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

/** An unknown or malformed command stops its partition: nothing behind it may be folded as if it had not been there. */
function decodeCommand(record: LogRecord): LoggedCommand {
  const event = decodeEvent(record.value);
  const parsed = importCommandSchema.safeParse({ type: event.type, data: event.data });
  if (!parsed.success) {
    throw new MalformedEventError(
      `the command ${event.type} at offset ${record.offset} is not known, or not valid`,
      {
        cause: parsed.error,
      },
    );
  }
  const { eventId, correlationId, traceparent } = event;
  return {
    importId: record.key,
    command: parsed.data,
    cause: { eventId, correlationId, traceparent },
    offset: record.offset,
    timestamp: record.timestamp,
  };
}
