/**
 * The envelope of every event on the log, and how it stands in a record: as JSON in the value, or, where the value is raw
 * bytes, as headers of the same names.
 *
 * `eventId` names the event, `causationId` the one that led to it, `correlationId` the first of the tree: from any of
 * them the whole tree can be drawn. Readers drop fields they do not know; a reader of commands stops at a type it does
 * not know, a reader of notifications counts it and goes on.
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
  /** Whose the subject is, where it is somebody's; clients are not told. */
  owner?: string;
  /** Of the subject's state; rises. */
  version?: number;
  /** The subject has ended: no progress of it follows. */
  final?: boolean;
}

/** An envelope with its data, as it stands in a JSON value. */
export interface Event<Type extends string = string, Data = unknown> extends EventEnvelope {
  type: Type;
  data: Data;
}

/** What is needed of the event that led to another one. What follows from it has its owner, unless it says otherwise. */
export type Cause = Pick<EventEnvelope, 'eventId' | 'correlationId' | 'traceparent' | 'owner'>;
