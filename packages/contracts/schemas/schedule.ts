/** What the schedule keeps on its topics, for readers of the documentation: the log's own code writes and reads it. */
import { z } from 'zod';

const recurrenceSchema = z.union([
  z.object({ cron: z.string(), timeZone: z.string() }),
  z.object({ everyMs: z.int().min(1_000) }),
]);
const scheduledRecordSchema = z.object({
  topic: z.string(),
  key: z.string(),
  headers: z.record(z.string(), z.string()),
  value: z.base64().describe('16 KiB at most.'),
});
const time = z.int().min(0).describe('Milliseconds since 1970.');

export const scheduleSchema = z.object({
  record: scheduledRecordSchema,
  dueAt: time,
  recurrence: recurrenceSchema.nullable(),
  order: z.int().min(0).describe('Of schedules that are due at the same time, the lower one is first.'),
});

export const scheduleCommandSchema = z.union([
  z.object({
    type: z.literal('set'),
    record: scheduledRecordSchema,
    dueAt: time.nullable(),
    recurrence: recurrenceSchema.nullable(),
    at: time,
  }),
  z.object({ type: z.literal('move'), dueAt: time }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('due'), dueAt: time, at: time }),
]);
