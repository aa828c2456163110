/**
 * The envelope of every event on the log. It stands in the value as JSON; where the value is raw bytes, it stands in headers of
 * the same names.
 *
 * `eventId` names the event, `causationId` the event that led to it, and `correlationId` the first event of the tree. Readers
 * drop fields that they do not know. A reader of commands stops at an unknown type; a reader of notifications counts it and goes on.
 */

export const SCHEMA_VERSION = 1;

export interface EventEnvelope {
  schemaVersion: typeof SCHEMA_VERSION;
  /** A UUID. */
  eventId: string;
  causationId: string;
  correlationId: string;
  /** W3C Trace Context, version 00. */
  traceparent: string;
  type: string;
  /** ISO 8601, UTC. */
  occurredAt: string;
  subject: string;
  /** Whom the subject belongs to; absent where it belongs to nobody. Clients do not get it. */
  owner?: string;
  /** Of the subject's state; every change raises it. */
  version?: number;
  /** The subject has ended: no progress of it follows. */
  final?: boolean;
  /** The event that led to it, where the log forgets that one first: a chunk, or a page of an undo. */
  causedBy?: ForgottenEvent;
}

/** What is told of an event that may no longer stand on the log. Its `eventId` is the `causationId` of whoever tells. */
export interface ForgottenEvent extends Pick<EventEnvelope, 'causationId' | 'type' | 'occurredAt'> {
  /** Which process had written it; absent where it did not say. */
  producer?: string;
}

/** An envelope with its data, as it stands in a JSON value. */
export interface Event<Type extends string = string, Data = unknown> extends EventEnvelope {
  type: Type;
  data: Data;
}

/** What an event takes over from the event that led to it. */
export type Cause = Pick<EventEnvelope, 'eventId' | 'correlationId' | 'traceparent' | 'owner'>;

/** A cause whose trace may not be known any more: a new one begins then. */
export type UntracedCause = Omit<Cause, 'traceparent'> & Partial<Pick<Cause, 'traceparent'>>;
