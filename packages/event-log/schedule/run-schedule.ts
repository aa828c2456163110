/**
 * Delivers records at their times: schedule and forget. This comment is the contract; the conformance suite tests it over every engine.
 *
 * **A schedule** has a key, a record, and a time or a recurrence. It is set, moved and cancelled by commands, which `schedule-records.ts`
 * makes; whoever appends one needs nothing else, and once the command is durable the schedule is. The compacted topic holds what waits.
 *
 * **Exactly one event for each run**: the record that is delivered and the schedule's next time, or its end, are one transaction. A run comes
 * when it is due or later, never earlier, by the clock of the process that owns the partition.
 *
 * **In order**: schedules of one partition are delivered in the order of their times, and at the same time in the order in which they were set.
 * With one partition that is the order of all of them. What the records lead to is a consumer's work: `consume-scheduled.ts`.
 *
 * **Times survive** restarts, since they stand on the log, and clocks that are set, since they are moments and no durations. After a time in which
 * nobody ran the schedule, each one that was due is delivered, and of a recurrence one run for all that were missed.
 *
 * **Memory**: what waits in the partitions that a process owns is in its memory: 100,000 schedules with records of 300 bytes take some 170 MB
 * (`npm run bench -- schedule`), and records have 16 KiB at most. `schedule-load.ts` tells who schedules how much waits. Nothing is asked of the log while nothing is due.
 */
import { inTurn } from '@tidings/failures/in-turn.ts';
import { settleAll } from '@tidings/failures/settle-all.ts';
import { runAtomicStore } from '../atomic-store.ts';
import type { BlockingOptions } from '../control/failing-records.ts';
import type { Consumer, EventLog, ProcessOptions } from '../event-log.ts';
import { type Clock, systemClock } from './clock.ts';
import type { DueEntry } from './due-queue.ts';
import { DueTimer } from './due-timer.ts';
import { foldSchedule } from './fold-schedule.ts';
import {
  decodeSchedule,
  decodeScheduleCommand,
  encodeSchedule,
  encodeScheduleCommand,
  MAX_SCHEDULED_BYTES,
  type Schedule,
  type ScheduleCommand,
  type ScheduledRecord,
} from './schedule-records.ts';

export interface RunScheduleOptions extends Pick<ProcessOptions, 'commitIntervalMs' | 'retry'> {
  readonly log: EventLog;
  readonly group: string;
  readonly commandsTopic: string;
  /** Compacted, with as many partitions as the commands. */
  readonly scheduleTopic: string;
  /** Where records may be delivered: a topic that does not exist would hold up all others. */
  readonly deliverTo: readonly string[];
  /** What happens where a command of a later release cannot be read. */
  readonly blocking: BlockingOptions;
  readonly clock?: Clock;
  /** Called for a record that is not delivered: its topic is not one of `deliverTo`, or it is too large. Must not throw. */
  onRefused(key: string, record: ScheduledRecord): void;
  /** Called for each run that is on its way into the log, with how late it is, in milliseconds. Must not throw. */
  onRun?(key: string, lateMs: number): void;
  onError(error: unknown): void;
}

export interface RunningSchedule extends Consumer {
  /** Schedules that wait in this process's partitions. */
  readonly waiting: number;
}

/** Resolves when it runs. Rejects with `topic_unknown`, and `topic_mismatch` where the topics' partitions differ. */
export async function runSchedule(options: RunScheduleOptions): Promise<RunningSchedule> {
  const { log, group, commandsTopic, scheduleTopic, blocking, onError, clock = systemClock } = options;
  const deliverTo = new Set(options.deliverTo);
  const timers = new Map<number, DueTimer>();
  const timerOf = (partition: number) => {
    const timer = timers.get(partition) ?? new DueTimer({ clock, tell, onError });
    timers.set(partition, timer);
    return timer;
  };
  const tell = async (due: readonly DueEntry[], at: number) => {
    await log.append(
      due.map(({ key, dueAt }) => encodeScheduleCommand(commandsTopic, key, { type: 'due', dueAt, at })),
    );
  };
  const store = await runAtomicStore<ScheduleCommand, Schedule>({
    ...{ log, group, commandsTopic, blocking, onError, retry: options.retry },
    commitIntervalMs: options.commitIntervalMs,
    storeTopic: scheduleTopic,
    decodeCommand: decodeScheduleCommand,
    encodeState: encodeSchedule,
    decodeState: decodeSchedule,
    fold(schedule, command, record) {
      const folded = foldSchedule(schedule, command, record);
      if (command.type !== 'due' || folded.outputs.length === 0) return folded;
      options.onRun?.(record.key, command.at - command.dueAt);
      if (schedule === undefined || isDeliverable(deliverTo, schedule.record)) return folded;
      options.onRefused(record.key, schedule.record);
      return { ...folded, outputs: [] };
    },
    onBegin: (partition, schedules) =>
      timerOf(partition).begin([...schedules].map(([key, schedule]) => entryOf(key, schedule))),
    onFolded: (key, schedule, { partition }) =>
      schedule === null ? timerOf(partition).remove(key) : timerOf(partition).put(entryOf(key, schedule)),
  });
  return {
    get waiting() {
      return [...timers.values()].reduce((sum, { size }) => sum + size, 0);
    },
    stop() {
      const stopTimers = () => settleAll([...timers.values()].map((timer) => timer.stop()));
      // A partition that comes meanwhile has a timer of its own.
      return inTurn([stopTimers, () => store.stop(), stopTimers]);
    },
  };
}

function entryOf(key: string, { dueAt, order }: Schedule): DueEntry {
  return { key, dueAt, order };
}

function isDeliverable(topics: ReadonlySet<string>, { topic, value }: ScheduledRecord): boolean {
  return topics.has(topic) && value.byteLength <= MAX_SCHEDULED_BYTES;
}
