import { z } from 'zod';
import {
  type AuditItem,
  auditActions,
  type BlockedPartitionItem,
  type ChunkItem,
  chunkStatuses,
  type DeadLetterItem,
  MAX_AUDIT_QUERY,
} from '../../services/support.ts';
import { pageQueryShape } from '../http.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema } from '../values/text.ts';
import { count } from '../values/whole-number.ts';

const time = z.iso.datetime();

const failure = z.object({ code: z.string(), message: z.string() });

export const listDeadLettersQuerySchema = z.object({
  group: lineSchema(200).min(1).optional(),
  ...pageQueryShape,
});

export const deadLetterItemSchema = schemaOf<DeadLetterItem>()(
  z.object({
    id: z.string(),
    group: z.string(),
    topic: z.string(),
    key: z.string(),
    attempts: count,
    error: failure,
    failedAt: time,
    importId: z.uuid().optional(),
    chunk: count.optional(),
  }),
);

export const blockedPartitionItemSchema = schemaOf<BlockedPartitionItem>()(
  z.object({
    group: z.string(),
    topic: z.string(),
    partition: count,
    offset: count,
    key: z.string(),
    attempts: count,
    error: failure,
    since: time,
  }),
);

export const listAuditQuerySchema = z.object({
  /** A part of the reason, or of what was acted on. */
  q: lineSchema(MAX_AUDIT_QUERY).min(1).optional(),
  action: z.enum(auditActions).optional(),
  who: z.enum(['support', 'owner']).optional(),
  importId: z.uuid().optional(),
  ...pageQueryShape,
});

export const auditItemSchema = schemaOf<AuditItem>()(
  z.object({
    at: time,
    who: z.string(),
    action: z.string(),
    target: z.string(),
    reason: z.string(),
    importId: z.uuid().optional(),
    chunk: count.optional(),
  }),
);

export const listChunksQuerySchema = z.object({
  status: z.enum(chunkStatuses).optional(),
  ...pageQueryShape,
});

export const chunkItemSchema = schemaOf<ChunkItem>()(
  z.object({
    chunk: count,
    status: z.enum(chunkStatuses),
    firstLine: count.nullable(),
    rows: count.nullable(),
    attempts: count,
    error: failure.nullable(),
    nextAttemptAt: time.nullable(),
  }),
);

/** Of what support orders. */
export const reasonBodySchema = z.strictObject({ reason: lineSchema(500).trim().min(1) });
