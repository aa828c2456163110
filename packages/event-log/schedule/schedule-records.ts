/** What stands on the topics of a schedule: commands, and the schedules that wait. Both are JSON; the record to deliver is base64 in it. */
import { Failure } from '@tidings/failures/failure.ts';
import {
  decodeJson,
  encodeJson,
  fieldsOf,
  isCount,
  isText,
  type JsonFields,
} from '../control/json-fields.ts';
import type { LogRecord, NewRecord, RecordHeaders } from '../event-log.ts';
import { checkRecurrence, type Recurrence } from './recurrence.ts';

/** Bytes of the value of a record that is scheduled, at most. */
export const MAX_SCHEDULED_BYTES = 16 * 1024;
/** The furthest time that JavaScript's dates have, in milliseconds since 1970. */
const LATEST = 8_640_000_000_000_000;

/** A record that is appended at its time; it has a value. */
export interface ScheduledRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers?: RecordHeaders;
}

export interface Schedule {
  readonly record: ScheduledRecord;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  /** null: it happens once. */
  readonly recurrence: Recurrence | null;
  /** Of schedules that are due at the same time, the lower one is first. */
  readonly order: number;
}

export type ScheduleCommand =
  | {
      readonly type: 'set';
      readonly record: ScheduledRecord;
      /** null: as the recurrence says, after `at`. */
      readonly dueAt: number | null;
      readonly recurrence: Recurrence | null;
      readonly at: number;
    }
  | { readonly type: 'move'; readonly dueAt: number }
  | { readonly type: 'cancel' }
  /** The schedule was due at that time, as `at` a clock has found. */
  | { readonly type: 'due'; readonly dueAt: number; readonly at: number };

/**
 * Delivers the record once, at a time. The schedule of the key, if there is one, is replaced.
 * @param dueAt milliseconds since 1970; a time that has passed is now
 * @throws Failure schedule_invalid
 */
export function scheduleOnce(
  commandsTopic: string,
  key: string,
  record: ScheduledRecord,
  dueAt: number,
): NewRecord {
  checkRecord(record);
  return encodeScheduleCommand(commandsTopic, key, {
    ...{ type: 'set', record, recurrence: null, at: Date.now() },
    dueAt: checkedTime(dueAt),
  });
}

/**
 * Delivers the record every so often. The schedule of the key is replaced, unless it says the same: then its next run stays.
 * @param at milliseconds since 1970: the first run is the first one after it; default now
 * @throws Failure schedule_invalid, recurrence_invalid
 */
export function scheduleEvery(
  commandsTopic: string,
  key: string,
  record: ScheduledRecord,
  recurrence: Recurrence,
  at: number = Date.now(),
): NewRecord {
  checkRecord(record);
  checkRecurrence(recurrence);
  return encodeScheduleCommand(commandsTopic, key, { type: 'set', record, dueAt: null, recurrence, at });
}

/** Gives the schedule of the key another time for its next run; nothing where there is none. @throws Failure schedule_invalid */
export function moveSchedule(commandsTopic: string, key: string, dueAt: number): NewRecord {
  return encodeScheduleCommand(commandsTopic, key, { type: 'move', dueAt: checkedTime(dueAt) });
}

export function cancelSchedule(commandsTopic: string, key: string): NewRecord {
  return encodeScheduleCommand(commandsTopic, key, { type: 'cancel' });
}

export function encodeScheduleCommand(topic: string, key: string, command: ScheduleCommand): NewRecord {
  const fields = command.type === 'set' ? { ...command, record: recordFields(command.record) } : command;
  return { topic, key, value: encodeJson(fields) };
}

/**
 * null for a record that is no command at all.
 * @throws Failure schedule_unreadable for one of a type that a later release may know
 */
export function decodeScheduleCommand({ value }: LogRecord): ScheduleCommand | null {
  const fields = decodeJson(value);
  const { type, dueAt, at } = fields;
  if (!isText(type)) return null;
  if (type === 'cancel') return { type };
  if (type === 'move' && isCount(dueAt)) return { type, dueAt };
  if (type === 'due' && isCount(dueAt) && isCount(at)) return { type, dueAt, at };
  if (type === 'set') {
    const { record, recurrence } = { record: readRecord(fields), recurrence: readRecurrence(fields) };
    if (record !== null && isCount(at) && (isCount(dueAt) || recurrence !== null))
      return { type, record, dueAt: isCount(dueAt) ? dueAt : null, recurrence, at };
  }
  throw new Failure('schedule_unreadable', `A command of the schedule, ${type}, cannot be read.`);
}

export function encodeSchedule(schedule: Schedule): Uint8Array {
  return encodeJson({ ...schedule, record: recordFields(schedule.record) });
}

/** null for a record that is no schedule. */
export function decodeSchedule({ value }: Pick<LogRecord, 'value'>): Schedule | null {
  const fields = decodeJson(value);
  const record = readRecord(fields);
  const { dueAt, order } = fields;
  if (record === null || !isCount(dueAt) || !isCount(order)) return null;
  return { record, dueAt, order, recurrence: readRecurrence(fields) };
}

function checkRecord({ value, topic }: ScheduledRecord): void {
  if (value.byteLength <= MAX_SCHEDULED_BYTES) return;
  throw new Failure(
    'schedule_invalid',
    `A record for ${topic} has ${value.byteLength} bytes, where ${MAX_SCHEDULED_BYTES} can be scheduled.`,
  );
}

function checkedTime(dueAt: number): number {
  if (Number.isSafeInteger(dueAt) && dueAt >= 0 && dueAt <= LATEST) return dueAt;
  throw new Failure('schedule_invalid', 'The time must be whole milliseconds since 1970.');
}

function recordFields({ topic, key, value, headers = {} }: ScheduledRecord): object {
  return { topic, key, headers, value: Buffer.from(value).toString('base64') };
}

function readRecord(fields: JsonFields): ScheduledRecord | null {
  const { topic, key, value, headers } = fieldsOf(fields.record);
  if (!isText(topic) || !isText(key) || !isText(value)) return null;
  const texts = Object.entries(fieldsOf(headers)).filter((entry): entry is [string, string] =>
    isText(entry[1]),
  );
  return { topic, key, headers: Object.fromEntries(texts), value: Buffer.from(value, 'base64') };
}

function readRecurrence({ recurrence }: JsonFields): Recurrence | null {
  const { cron, timeZone, everyMs } = fieldsOf(recurrence);
  if (isText(cron) && isText(timeZone)) return { cron, timeZone };
  return isCount(everyMs) ? { everyMs } : null;
}
