/** What support sees and does: dead letters, blocked partitions, an import's chunks, and the audit of what people ordered. */

/** A record that was given up, and waits for somebody: it can be requeued or skipped. */
export interface DeadLetterItem {
  /** `<topic>/<partition>/<offset>` of the record at its origin. */
  id: string;
  group: string;
  topic: string;
  key: string;
  /** Failed attempts. */
  attempts: number;
  /** Of the last attempt; quotes no data. */
  error: { code: string; message: string };
  /** ISO 8601, UTC. */
  failedAt: string;
  /** Only of an import's work. */
  importId?: string;
  /** Only of a chunk. */
  chunk?: number;
}

/** A partition that stands at a record which fails each time. */
export interface BlockedPartitionItem {
  group: string;
  topic: string;
  partition: number;
  offset: number;
  /** Of the record. */
  key: string;
  attempts: number;
  error: { code: string; message: string };
  /** ISO 8601, UTC: when the record failed first. */
  since: string;
}

/** What people order, and what support does itself. */
export const auditActions = [
  'requeue',
  'skip',
  'retry',
  'cancel',
  'undo',
  'erase',
  'revoke_tokens',
  'change_country',
  'take_back_country',
  'unblock_webhook',
  'test_webhook',
  'remove_webhook',
  'resend_delivery',
  'skip_delivery',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** Characters of what is looked for in the audit, at most. */
export const MAX_AUDIT_QUERY = 200;

export interface AuditItem {
  /** ISO 8601, UTC, by the log's clock. */
  at: string;
  /** `support` or `owner`, as the token tells. */
  who: string;
  /** One of `auditActions`, or of a later release. */
  action: string;
  /**
   * The group, and the record's place at its origin: `<group> <topic>/<partition>/<offset>`; else `import/<id>`, `owner/<owner>`, `country/<code>`
   * or `webhook/<id>`. Of a delivery `/delivery/<id>` stands behind its import, or that of a test behind its webhook.
   */
  target: string;
  reason: string;
  importId?: string;
  chunk?: number;
}

export const chunkStatuses = [
  'waiting',
  'retrying',
  'completed',
  'dead',
  'skipped',
  'lost',
  'cancelled',
] as const;
/**
 * `waiting`: it waits for an importer, or one is at work on it. `skipped`: it was a dead letter, and was given up for good. `lost`: it
 * is gone, or no importer could read which chunk it is.
 */
export type ChunkStatus = (typeof chunkStatuses)[number];

export interface ChunkItem {
  chunk: number;
  status: ChunkStatus;
  /** In the file, as an editor counts; null where it is not known, or no longer. */
  firstLine: number | null;
  /** As `firstLine`. */
  rows: number | null;
  /** Failed attempts. */
  attempts: number;
  error: { code: string; message: string } | null;
  /** ISO 8601, UTC; only of a chunk that is `retrying`. */
  nextAttemptAt: string | null;
}
