/**
 * What people have told the consumers to do: records of a control topic with one partition, so that all have one order. Any
 * instance may obey them, and together they say who did what, when and why.
 */
import type { LogRecord, NewRecord } from '../event-log.ts';
import { decodeJson, encodeJson, fieldsOf, isCount, isText, type JsonFields } from './json-fields.ts';

/**
 * `requeue`: a dead letter goes back to where it came from. `retry`: a blocked partition tries again at once; a record that waits for a
 * further attempt is due now. `skip`: a dead letter, or a record that waits, is given up for good; a blocked partition passes over the record.
 */
export const controlActions = ['requeue', 'skip', 'retry'] as const;
export type ControlAction = (typeof controlActions)[number];

/** A record at which a group has failed, by its place at its origin. */
export interface ControlTarget {
  readonly kind: 'dead_letter' | 'blocked_partition' | 'waiting_record';
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** The record's key. */
  readonly key: string;
  /** Only of a record that waits: how many attempts have failed, so that the order is about this wait and no later one. */
  readonly attempts?: number;
}

/** Which event the record is, and which one has led to it, as those of other topics say it. */
export interface ControlEvent {
  readonly eventId: string;
  readonly causationId: string;
  readonly correlationId: string;
  /** W3C Trace Context. */
  readonly traceparent: string;
  /** Whose the subject is; absent where it is nobody's. */
  readonly owner?: string;
}

export interface ControlOrder {
  readonly action: ControlAction;
  readonly target: ControlTarget;
  readonly who: string;
  readonly reason: string;
  /** Whether a program repeats an order that came to nothing, so that it is no further act of people. */
  readonly isRepeat?: boolean;
  /** Earlier releases do not say it. */
  readonly event?: ControlEvent;
}

export interface ControlRecord extends ControlOrder {
  /** In the control topic: of two orders the higher one is the newer. */
  readonly offset: number;
  /** Milliseconds since 1970, by the log's clock. */
  readonly at: number;
}

export function encodeControl(topic: string, { event, ...order }: ControlOrder): NewRecord {
  return { topic, key: order.target.group, value: encodeJson({ ...event, ...order }) };
}

/** null for a record that is no order. */
export function decodeControl({ value, offset, timestamp }: LogRecord): ControlRecord | null {
  const fields = decodeJson(value);
  const { action: name, target: place, who, reason, isRepeat } = fields;
  const action = controlActions.find((known) => known === name);
  const target = decodeTarget(fieldsOf(place));
  if (action === undefined || target === null || !isText(who) || !isText(reason)) return null;
  const repeat = isRepeat === true ? { isRepeat } : {};
  return { action, target, who, reason, ...repeat, ...eventOf(fields), offset, at: timestamp };
}

function eventOf(fields: JsonFields): Pick<ControlOrder, 'event'> {
  const { eventId, causationId, correlationId, traceparent, owner } = fields;
  if (!isText(eventId) || !isText(causationId) || !isText(correlationId) || !isText(traceparent)) return {};
  const ids = { eventId, causationId, correlationId, traceparent };
  return { event: isText(owner) ? { ...ids, owner } : ids };
}

function decodeTarget(fields: JsonFields): ControlTarget | null {
  const { kind, group, topic, partition, offset, key, attempts } = fields;
  if (!isText(group) || !isText(topic) || !isText(key) || !isCount(partition) || !isCount(offset))
    return null;
  const place = { group, topic, partition, offset, key };
  if (kind === 'waiting_record') return isCount(attempts) ? { kind, ...place, attempts } : null;
  return kind === 'dead_letter' || kind === 'blocked_partition' ? { kind, ...place } : null;
}

/** What people did that no consumer obeys. It stands among the orders for the audit alone. */
export interface ControlNote {
  /** In snake case. */
  readonly action: string;
  /** What it was done to, as `<kind>/<name>`. */
  readonly subject: string;
  readonly who: string;
  readonly reason: string;
  /** Earlier releases do not say it. */
  readonly event?: ControlEvent;
}

export interface NoteRecord extends ControlNote, Pick<ControlRecord, 'offset' | 'at'> {}

export function encodeNote(topic: string, { event, ...note }: ControlNote): NewRecord {
  return { topic, key: note.subject, value: encodeJson({ ...event, ...note }) };
}

/** null for a record that is no note. */
export function decodeNote({ value, offset, timestamp }: LogRecord): NoteRecord | null {
  const fields = decodeJson(value);
  const { action, subject, who, reason } = fields;
  if (!isText(action) || !isText(subject) || !isText(who) || !isText(reason)) return null;
  return { action, subject, who, reason, ...eventOf(fields), offset, at: timestamp };
}
