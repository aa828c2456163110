/** Records of `topics.control` and `topics.blocked`: the types, and what each field means, stand with the log, which writes and reads them. */
import { z } from 'zod';
import { eventEnvelopeSchema } from '../event.ts';

const count = z.int().min(0);
const place = {
  group: z.string(),
  topic: z.string(),
  partition: count,
  offset: count,
  key: z.string(),
};
const reasons = { who: z.string(), reason: z.string() };
const { eventId, causationId, correlationId, traceparent, owner } = eventEnvelopeSchema.shape;
/** Which event the record is; earlier releases do not say it. */
const eventFields = {
  eventId: eventId.optional(),
  causationId: causationId.optional(),
  correlationId: correlationId.optional(),
  traceparent: traceparent.optional(),
  owner,
};

const orderSchema = z.strictObject({
  action: z.enum(['requeue', 'skip', 'retry']),
  target: z.union([
    z.strictObject({ kind: z.enum(['dead_letter', 'blocked_partition']), ...place }),
    z.strictObject({ kind: z.literal('waiting_record'), ...place, attempts: count }),
  ]),
  ...{ ...reasons, ...eventFields },
  isRepeat: z.boolean().optional(),
});

/** What people ordered, or a note of what they did themselves. */
export const controlRecordSchema = z.union([
  orderSchema,
  z.strictObject({ action: z.string(), subject: z.string(), ...reasons, ...eventFields }),
]);

export const blockedRecordSchema = z.strictObject({
  ...place,
  error: z.object({ code: z.string(), message: z.string() }),
  since: count.describe('Milliseconds since 1970.'),
  attempts: count,
});
