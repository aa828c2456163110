/** Makes events, writes them to records and reads them back. */
import { Failure } from '@tidings/failures/failure.ts';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import {
  type Event,
  type EventEnvelope,
  type ForgottenEvent,
  SCHEMA_VERSION,
  type UntracedCause,
} from '../event.ts';
import { schemaOf } from './values/schema-of.ts';
import { lineSchema, ownerSchema } from './values/text.ts';

/** W3C Trace Context, version 00. Neither the trace id nor the parent id may be zero. */
const traceparentSchema = z.string().regex(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/);

export const eventEnvelopeSchema = schemaOf<EventEnvelope>()(
  z.object({
    schemaVersion: z.literal(SCHEMA_VERSION),
    eventId: z.uuid(),
    causationId: z.uuid(),
    correlationId: z.uuid(),
    traceparent: traceparentSchema,
    type: lineSchema(100).min(1),
    occurredAt: z.iso.datetime(),
    // An owner may be a subject, and has at most so many characters.
    subject: lineSchema(255).min(1),
    owner: ownerSchema.optional(),
    version: z.int().min(0).optional(),
    final: z.boolean().optional(),
    causedBy: z
      .object({
        causationId: z.uuid(),
        type: lineSchema(100).min(1),
        occurredAt: z.iso.datetime(),
        producer: lineSchema(400).optional(),
      })
      .optional(),
  }),
);
export interface EventFields<Type extends string, Data> {
  readonly type: Type;
  readonly subject: string;
  readonly data: Data;
  /** Not given for the first event of a tree. */
  readonly cause?: UntracedCause;
  /** Default the cause's. */
  readonly owner?: string;
  readonly version?: number;
  readonly final?: boolean;
  readonly causedBy?: ForgottenEvent;
  /** Milliseconds since 1970; default now. */
  readonly occurredAt?: number;
  /** Default a new UUIDv7. */
  readonly eventId?: string;
}

/** A new event; without a cause it is the first of a new tree, and of a new trace. */
export function createEvent<Type extends string, Data>(fields: EventFields<Type, Data>): Event<Type, Data> {
  const eventId = fields.eventId ?? uuidv7();
  const owner = fields.owner ?? fields.cause?.owner;
  return {
    schemaVersion: SCHEMA_VERSION,
    eventId,
    causationId: fields.cause?.eventId ?? eventId,
    correlationId: fields.cause?.correlationId ?? eventId,
    traceparent: childTraceparent(fields.cause?.traceparent),
    type: fields.type,
    occurredAt: new Date(fields.occurredAt ?? Date.now()).toISOString(),
    subject: fields.subject,
    ...(owner === undefined ? {} : { owner }),
    ...(fields.version === undefined ? {} : { version: fields.version }),
    ...(fields.final === undefined ? {} : { final: fields.final }),
    ...(fields.causedBy === undefined ? {} : { causedBy: fields.causedBy }),
    data: fields.data,
  };
}

function childTraceparent(parent: string | undefined): string {
  const traceId = parent?.split('-')[1] ?? randomHex(16);
  return `00-${traceId}-${randomHex(8)}-01`;
}

function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
export function encodeEvent(event: Event): Uint8Array {
  return encoder.encode(JSON.stringify(event));
}

/** A record is no event, or not the event that its reader expects. The message says what is wrong, and quotes no data. */
export class MalformedEventError extends Failure<'malformed_event'> {
  override name = 'MalformedEventError';

  constructor(message: string, options?: { readonly cause: unknown }) {
    super('malformed_event', message, options);
  }
}

/** Where a record stands, for what its envelope may leave out. */
export interface EventOrigin {
  /** The same at every delivery. */
  readonly eventId: () => string;
  /** Milliseconds since 1970, by the log's clock. */
  readonly timestamp: number;
  /** Rises from record to record of a partition. */
  readonly version: number;
}

/**
 * Reads an event of any type; its data is not yet checked.
 * @param origin where the record may leave out all but `type`, `subject` and `data`
 * @throws MalformedEventError
 */
export function decodeEvent(value: Uint8Array | null, origin?: EventOrigin): Event {
  if (value === null) throw new MalformedEventError('a tombstone where an event was expected');
  try {
    const json: unknown = JSON.parse(decoder.decode(value));
    if (!isObject(json)) throw new TypeError('no JSON object');
    const whole = origin === undefined || isWhole(json) ? json : filledIn(json, origin);
    return { ...eventEnvelopeSchema.parse(whole), data: json.data };
  } catch (error) {
    throw new MalformedEventError('the value is not an event envelope in JSON', { cause: error });
  }
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null;
}

const filledNames = [
  'schemaVersion',
  'eventId',
  'causationId',
  'correlationId',
  'traceparent',
  'occurredAt',
] as const satisfies readonly (keyof EventEnvelope)[];

function isWhole(json: Readonly<Record<string, unknown>>): boolean {
  return filledNames.every((name) => json[name] !== undefined);
}

/** Fills in what is missing, and changes nothing that is there. */
function filledIn(json: Readonly<Record<string, unknown>>, origin: EventOrigin): Record<string, unknown> {
  const eventId = json.eventId ?? origin.eventId();
  const hex = String(eventId).replaceAll('-', '').toLowerCase();
  return {
    schemaVersion: SCHEMA_VERSION,
    eventId,
    causationId: eventId,
    correlationId: eventId,
    traceparent: `00-${hex}-${hex.slice(16)}-01`,
    occurredAt: new Date(origin.timestamp).toISOString(),
    ...json,
  };
}

const envelopeNames = [
  'schemaVersion',
  'eventId',
  'causationId',
  'correlationId',
  'traceparent',
  'type',
  'occurredAt',
  'subject',
  'owner',
] as const satisfies readonly (keyof EventEnvelope)[];

/** The envelope as headers, for records whose value is raw bytes. */
export function envelopeToHeaders(envelope: EventEnvelope): Record<string, string> {
  return Object.fromEntries(
    envelopeNames.flatMap((name) => (envelope[name] === undefined ? [] : [[name, String(envelope[name])]])),
  );
}

/** @throws MalformedEventError */
export function envelopeFromHeaders(headers: Readonly<Record<string, string>>): EventEnvelope {
  const parsed = eventEnvelopeSchema.safeParse({
    ...headers,
    schemaVersion: Number(headers.schemaVersion),
    version: undefined,
    final: undefined,
    causedBy: undefined,
  });
  if (!parsed.success)
    throw new MalformedEventError('the headers hold no event envelope', { cause: parsed.error });
  return parsed.data;
}
