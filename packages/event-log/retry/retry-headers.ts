/**
 * What a record that waits for another attempt, and a dead letter, say in their headers beside those of the record that failed.
 * Header names that begin with `retry-` are reserved for this.
 */
import { Failure } from '@tidings/failures/failure.ts';
import type { ErrorSummary } from '../error-summary.ts';
import type { LogRecord, NewRecord, RecordHeaders } from '../event-log.ts';

/** Where a record first stood, before any attempt at it failed. */
export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A record on which attempts have failed. */
export interface FailedRecord {
  /** The consumer group whose attempts failed. */
  readonly group: string;
  readonly origin: RecordOrigin;
  readonly key: string;
  /** As at the origin; null is a tombstone. */
  readonly value: Uint8Array | null;
  /** As at the origin. */
  readonly headers: RecordHeaders;
  /** Failed attempts, 1 or more. */
  readonly attempts: number;
  /** Of the last attempt. */
  readonly error: ErrorSummary;
  /** When the last attempt failed: milliseconds since 1970, by the clock of its process. */
  readonly failedAt: number;
}

export interface DeadLetter extends FailedRecord {
  /** `<topic>/<partition>/<offset>` of the origin: the key of the dead letter's record. */
  readonly id: string;
}

/** A record of a dead-letter topic that is none. The message quotes no data. */
export class MalformedDeadLetterError extends Failure<'malformed_dead_letter'> {
  override name = 'MalformedDeadLetterError';

  constructor() {
    super('malformed_dead_letter', 'The headers describe no dead letter.');
  }
}

const PREFIX = 'retry-';

export function deadLetterId({ topic, partition, offset }: RecordOrigin): string {
  return `${topic}/${partition}/${offset}`;
}

/** The record that waits for the next attempt. It keeps its key. @param dueAt milliseconds since 1970 */
export function encodeRetry(topic: string, failed: FailedRecord, dueAt: number): NewRecord {
  const headers = { ...headersOf(failed), 'retry-due-at': String(dueAt) };
  return { topic, key: failed.key, value: failed.value, headers };
}

/** null where the headers describe no record that waits for another attempt. */
export function decodeRetry(
  record: LogRecord,
): { readonly failed: FailedRecord; readonly dueAt: number } | null {
  const failed = decodeFailed(record, record.key, record.value);
  const dueAt = wholeNumber(record.headers['retry-due-at']);
  return failed === null || dueAt === null ? null : { failed, dueAt };
}

/** The record of a dead letter: its own copy of the bytes. In a compacted topic null would remove it, so a tombstone has no bytes. */
export function encodeDeadLetter(topic: string, failed: FailedRecord): NewRecord {
  const headers = {
    ...headersOf(failed),
    'retry-key': failed.key,
    ...(failed.value === null ? { 'retry-tombstone': 'true' } : {}),
  };
  return { topic, key: deadLetterId(failed.origin), value: failed.value ?? new Uint8Array(0), headers };
}

/** The record that removes a dead letter. */
export function removedLetter(topic: string, origin: RecordOrigin): NewRecord {
  return { topic, key: deadLetterId(origin), value: null };
}

/** @throws MalformedDeadLetterError */
export function decodeDeadLetter(record: LogRecord): DeadLetter {
  const { 'retry-key': key, 'retry-tombstone': tombstone } = record.headers;
  const failed =
    key === undefined ? null : decodeFailed(record, key, tombstone === 'true' ? null : record.value);
  if (failed === null) throw new MalformedDeadLetterError();
  return { ...failed, id: deadLetterId(failed.origin) };
}

/** The record as it was before its first attempt, for its origin's topic. */
export function requeuedRecord({ origin, key, value, headers }: FailedRecord): NewRecord {
  return { topic: origin.topic, key, value, headers };
}

function headersOf({ group, origin, headers, attempts, error, failedAt }: FailedRecord): RecordHeaders {
  return {
    ...headers,
    'retry-group': group,
    'retry-topic': origin.topic,
    'retry-partition': String(origin.partition),
    'retry-offset': String(origin.offset),
    'retry-attempts': String(attempts),
    'retry-code': error.code,
    'retry-message': error.message,
    'retry-failed-at': String(failedAt),
  };
}

function decodeFailed({ headers }: LogRecord, key: string, value: Uint8Array | null): FailedRecord | null {
  const {
    'retry-group': group,
    'retry-topic': topic,
    'retry-code': code,
    'retry-message': message,
  } = headers;
  const partition = wholeNumber(headers['retry-partition']);
  const offset = wholeNumber(headers['retry-offset']);
  const attempts = wholeNumber(headers['retry-attempts']);
  const failedAt = wholeNumber(headers['retry-failed-at']);
  if (group === undefined || topic === undefined || code === undefined || message === undefined) return null;
  if (partition === null || offset === null || attempts === null || failedAt === null) return null;
  const origin = { topic, partition, offset };
  return {
    group,
    origin,
    key,
    value,
    headers: ownHeaders(headers),
    attempts,
    error: { code, message },
    failedAt,
  };
}

function ownHeaders(headers: RecordHeaders): RecordHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX)));
}

function wholeNumber(text: string | undefined): number | null {
  const number = Number(text);
  return text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : null;
}
