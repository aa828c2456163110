/**
 * Removes the details of imports that ended more than `RETENTION_DAYS` ago, at the start and then every hour, in small transactions
 * with pauses, so that imports go on meanwhile. Every jobs service does so; of those that work at the same time the database lets one.
 */

import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { addKeptRows, keptKinds, noKeptRows } from '@tidings/contact-store/kept-rows.ts';
import { pause } from '@tidings/failures/retry.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Counter, Gauge, type Registry } from '@tidings/service-kit/process/metrics.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
/** Rows removed in one transaction: some tens of milliseconds. */
const STEP_ROWS = 2_000;

export interface RetentionTimes {
  /** Milliseconds between two runs; each run comes up to a tenth earlier or later. */
  readonly everyMs: number;
  /** Milliseconds between two transactions. */
  readonly pauseMs: number;
  /** Milliseconds since 1970. */
  now(): number;
}

const defaultTimes: RetentionTimes = { everyMs: HOUR_MS, pauseMs: 100, now: Date.now };

export interface RetentionParts {
  readonly contactStore: Pick<ContactStore, 'removeOldDetails' | 'estimateKeptRows' | 'reclaimSpace'>;
  readonly logger: Logger;
  readonly registry: Registry;
  /** 1 to 3,650. */
  readonly retentionDays: number;
  readonly times?: Partial<RetentionTimes>;
}

export interface Retention {
  /** Ends what runs after its present transaction. */
  stop(): Promise<void>;
}

/**
 * Whether the details of an import are old enough to be removed, so that nothing may begin that needs them. They are removed a
 * day later: what has begun by then ends before.
 */
export function isTooOld(endedAt: string | null, retentionDays: number, now: number = Date.now()): boolean {
  return endedAt !== null && Date.parse(endedAt) < now - retentionDays * DAY_MS;
}

export function startRetention(parts: RetentionParts): Retention {
  const { contactStore, logger, registry, retentionDays } = parts;
  const times = { ...defaultTimes, ...parts.times };
  const metrics = createMetrics(registry);
  const stopping = new AbortController();

  async function removeOld(): Promise<void> {
    // A day later than promised: an undo that began in time ends before.
    const endedBefore = new Date(times.now() - (retentionDays + 1) * DAY_MS).toISOString();
    const total = noKeptRows();
    let hasRemoved = false;
    while (!stopping.signal.aborted) {
      const removed = await contactStore.removeOldDetails({ endedBefore, limit: STEP_ROWS });
      if (removed === null || !addKeptRows(total, removed)) break;
      hasRemoved = true;
      for (const kind of keptKinds(removed)) metrics.removed.inc({ kind }, removed[kind]);
      await pause(times.pauseMs, stopping.signal);
    }
    if (hasRemoved) logger.info({ endedBefore, removed: total }, 'details of old imports removed');
    const kept = await contactStore.estimateKeptRows();
    for (const kind of keptKinds(kept)) metrics.kept.set({ kind }, kept[kind]);
    if (stopping.signal.aborted) return;
    const tables = await contactStore.reclaimSpace();
    if (tables.length > 0) logger.info({ tables }, 'space of removed rows reclaimed');
  }

  const running = (async () => {
    while (!stopping.signal.aborted) {
      await removeOld().catch((error: unknown) => {
        if (!stopping.signal.aborted)
          logger.error({ err: error }, 'details of old imports not removed; the next run tries again');
      });
      await pause(times.everyMs * (0.9 + Math.random() * 0.2), stopping.signal).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function createMetrics(registry: Registry) {
  const registers = [registry];
  return {
    removed: new Counter({
      name: 'tidings_jobs_service_removed_rows_total',
      help: 'Rows of the contact store that were removed because their import ended longer ago than RETENTION_DAYS',
      labelNames: ['kind'],
      registers,
    }),
    kept: new Gauge({
      name: 'tidings_jobs_service_kept_rows',
      help: 'Rows that the contact store keeps, as its statistics estimate them once an hour',
      labelNames: ['kind'],
      registers,
    }),
  };
}
