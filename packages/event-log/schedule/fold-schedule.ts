/** The next state of a schedule from its state and a command. Pure: it reads no clock. */
import type { Folded } from '../atomic-store.ts';
import type { NewRecord, RecordHeaders } from '../event-log.ts';
import { nextRun } from './recurrence.ts';
import { encodeSchedule, type Schedule, type ScheduleCommand } from './schedule-records.ts';

/** Headers of a record that a schedule has delivered, beside its own. Key and time together name the run. */
export const SCHEDULE_KEY_HEADER = 'schedule-key';
/** ISO 8601, UTC: when it was due. */
export const SCHEDULE_DUE_HEADER = 'schedule-due-at';

/**
 * A command `due` counts where it names the time at which the schedule is due, so that a run is one record, however many clocks have told
 * of it. Runs that were missed meanwhile are one run: the next one is the first after now.
 * @param place of the command on its partition
 */
export function foldSchedule(
  schedule: Schedule | undefined,
  command: ScheduleCommand,
  { key, offset }: { readonly key: string; readonly offset: number },
): Folded<Schedule> {
  switch (command.type) {
    case 'set':
      return unhurried(set(schedule, command, offset));
    case 'move':
      return unhurried(schedule === undefined ? null : { ...schedule, dueAt: command.dueAt });
    case 'cancel':
      return unhurried(null);
    case 'due':
      if (schedule?.dueAt !== command.dueAt) return unhurried(schedule ?? null);
      return {
        state: following(schedule, Math.max(command.dueAt, command.at)),
        outputs: [runOf(key, schedule)],
        commitNow: true,
      };
  }
}

type SetCommand = Extract<ScheduleCommand, { type: 'set' }>;

function set(schedule: Schedule | undefined, command: SetCommand, order: number): Schedule | null {
  const { record, recurrence, at } = command;
  if (recurrence !== null && schedule !== undefined && saysTheSame(schedule, command)) return schedule;
  const dueAt = command.dueAt ?? (recurrence === null ? null : nextRun(recurrence, at));
  return dueAt === null ? null : { record, recurrence, dueAt, order };
}

function saysTheSame(schedule: Schedule, { record, recurrence }: SetCommand): boolean {
  const said = ({ record, recurrence }: Pick<Schedule, 'record' | 'recurrence'>) =>
    Buffer.from(encodeSchedule({ record, recurrence, dueAt: 0, order: 0 }));
  return said(schedule).equals(said({ record, recurrence }));
}

function following(schedule: Schedule, after: number): Schedule | null {
  const { recurrence } = schedule;
  const dueAt = recurrence === null ? null : nextRun(recurrence, after);
  return dueAt === null ? null : { ...schedule, dueAt };
}

function runOf(key: string, { record, dueAt }: Schedule): NewRecord {
  const own: RecordHeaders = {
    [SCHEDULE_KEY_HEADER]: key,
    [SCHEDULE_DUE_HEADER]: new Date(dueAt).toISOString(),
  };
  return { ...record, headers: { ...record.headers, ...own } };
}

function unhurried(state: Schedule | null): Folded<Schedule> {
  return { state, outputs: [], commitNow: false };
}
