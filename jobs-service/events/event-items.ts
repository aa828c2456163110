/** Reads the events of records as lists tell them: who, when and why, and no value of any cell. */
import type { EventEnvelope } from '@tidings/contracts/event.ts';
import type { EventItem } from '@tidings/contracts/http.ts';
import { decodeEvent, MalformedEventError } from '@tidings/contracts/schemas/event.ts';
import type { LogRecord } from '@tidings/event-log/event-log.ts';
import { PRODUCER_HEADER, serviceOf } from '@tidings/event-log/producer-name.ts';
import { z } from 'zod';

export interface Told {
  readonly event: EventEnvelope;
  readonly items: readonly EventItem[];
}

const aboutChunk = z.object({ chunk: z.int().min(0) });

/**
 * The event of a record, and before it the work that led to it, where only its report tells of it. null for a record that is no whole event: a
 * foreign program may leave its ids out, and then nothing ties it to others.
 * @param namesProcess whether the process is told, or its service alone
 */
export function readItems(record: LogRecord, namesProcess: boolean): Told | null {
  const event = eventOf(record);
  if (event === null) return null;
  const { eventId, causationId, correlationId, type, occurredAt, subject, causedBy } = event;
  const parsed = aboutChunk.safeParse(event.data);
  const about = { subject, ...(parsed.success ? { chunk: parsed.data.chunk } : {}) };
  const nameOf = (producer: string | undefined) =>
    producer === undefined || namesProcess ? (producer ?? null) : serviceOf(producer);
  const item = {
    ...{ eventId, causationId, correlationId, type, at: occurredAt },
    ...{ producer: nameOf(record.headers[PRODUCER_HEADER]), ...about },
  };
  if (causedBy === undefined) return { event, items: [item] };
  const work = {
    ...{ eventId: causationId, causationId: causedBy.causationId, correlationId },
    ...{ type: causedBy.type, at: causedBy.occurredAt, producer: nameOf(causedBy.producer), ...about },
  };
  return { event, items: [work, item] };
}

function eventOf({ value }: LogRecord) {
  try {
    return decodeEvent(value);
  } catch (error) {
    if (error instanceof MalformedEventError) return null;
    throw error;
  }
}
