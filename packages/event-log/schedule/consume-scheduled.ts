/**
 * Works off the records that a schedule has delivered; records of one key come in their order. A policy says what becomes of one that fails.
 * `blocking` tries it again and again, and those behind it wait (`failing-records.ts`). `non-blocking` puts it aside for further attempts while the
 * others go on, and makes it a dead letter in the end (`consume-with-retry.ts`). Each run comes at least once: one that was worked off may come
 * again after a crash, under the same key and time.
 */
import { consumeInOrder } from '../control/consume-in-order.ts';
import type { BlockingOptions } from '../control/failing-records.ts';
import type { ConsumeOptions, Consumer, EventLog, LogRecord } from '../event-log.ts';
import { type ConsumeWithRetryOptions, consumeWithRetry } from '../retry/consume-with-retry.ts';
import { SCHEDULE_DUE_HEADER, SCHEDULE_KEY_HEADER } from './fold-schedule.ts';

/** One run of a schedule. */
export interface ScheduledRun {
  /** Of the schedule; the record's own key where no schedule has delivered it. */
  readonly key: string;
  /** Milliseconds since 1970; the time of the record where no schedule has delivered it. */
  readonly dueAt: number;
  readonly record: LogRecord;
}

export type SchedulePolicy =
  | { readonly kind: 'blocking'; readonly blocking: BlockingOptions }
  | ({ readonly kind: 'non-blocking' } & Pick<
      ConsumeWithRetryOptions,
      'delaysMs' | 'isOutage' | 'describe' | 'onRetry' | 'onDead'
    >);

export interface ConsumeScheduledOptions extends Pick<ConsumeOptions, 'retry' | 'onError'> {
  readonly log: EventLog;
  readonly group: string;
  readonly topic: string;
  readonly policy: SchedulePolicy;
  handle(run: ScheduledRun): Promise<void>;
}

/** Resolves when the topic is consumed. Rejects with `topic_unknown`, also for a topic beside it that the policy needs. */
export function consumeScheduled(options: ConsumeScheduledOptions): Promise<Consumer> {
  const { log, group, topic, policy, handle, retry, onError } = options;
  const common = { log, group, topics: [topic], retry, onError };
  if (policy.kind === 'blocking') {
    const { blocking } = policy;
    return consumeInOrder({ ...common, blocking, handle: (record) => handle(runOf(record)) });
  }
  const { kind: _, ...rest } = policy;
  return consumeWithRetry({
    ...{ ...common, ...rest },
    async handle(record) {
      await handle(runOf(record));
      return [];
    },
  });
}

function runOf(record: LogRecord): ScheduledRun {
  const dueAt = Date.parse(record.headers[SCHEDULE_DUE_HEADER] ?? '');
  return {
    key: record.headers[SCHEDULE_KEY_HEADER] ?? record.key,
    dueAt: Number.isNaN(dueAt) ? record.timestamp : dueAt,
    record,
  };
}
