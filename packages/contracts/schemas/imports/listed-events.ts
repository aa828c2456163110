import { z } from 'zod';
import type { EventItem, EventPage } from '../../imports/listed-events.ts';
import { pageQueryShape } from '../http.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema } from '../values/text.ts';
import { count } from '../values/whole-number.ts';

/** A cursor of events holds an offset of each partition. */
const eventCursor = lineSchema(12_000).min(1).optional();

export const listImportEventsQuerySchema = z.object({ ...pageQueryShape, cursor: eventCursor });

export const listEventsQuerySchema = z.object({
  correlationId: z.uuid(),
  ...pageQueryShape,
  cursor: eventCursor,
});

export const eventItemSchema = schemaOf<EventItem>()(
  z.object({
    eventId: z.uuid(),
    causationId: z.uuid(),
    correlationId: z.uuid(),
    type: z.string(),
    at: z.iso.datetime(),
    producer: z.string().nullable(),
    subject: z.string(),
    chunk: count.optional(),
  }),
);

export const eventPageSchema = schemaOf<EventPage>()(
  z.object({
    items: z.array(eventItemSchema),
    nextCursor: z.string().nullable(),
    keptSeconds: z.record(z.string(), count).describe('By topic: events that are older are not told.'),
  }),
);
