/**
 * Removes the details of imports that ended more than `RETENTION_DAYS` ago, at each run that the schedule delivers, in small transactions with
 * pauses, so that imports go on meanwhile. One jobs service has the run; where it dies, another one goes on.
 */

import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { addKeptRows, keptKinds, noKeptRows } from '@tidings/contact-store/kept-rows.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type { ErrorSummary } from '@tidings/event-log/error-summary.ts';
import { type Consumer, type EventLog, Postponement } from '@tidings/event-log/event-log.ts';
import { consumeScheduled } from '@tidings/event-log/schedule/consume-scheduled.ts';
import { pause } from '@tidings/failures/retry.ts';
import { blockingWith } from '@tidings/service-kit/process/blocking.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Counter, Gauge, type Registry } from '@tidings/service-kit/process/metrics.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Rows removed in one transaction: some tens of milliseconds. */
const STEP_ROWS = 2_000;

/** Milliseconds for which a run works at a stretch, so that the service can stop, and its partition move, in between. */
const STRETCH_MS = 5_000;

export interface RetentionTimes {
  /** Milliseconds between two transactions. */
  readonly pauseMs: number;
  /** Default 5,000. */
  readonly stretchMs: number;
  /** Milliseconds since 1970. */
  now(): number;
}

const defaultTimes: RetentionTimes = { pauseMs: 100, stretchMs: STRETCH_MS, now: Date.now };

export interface RetentionParts {
  readonly log: EventLog;
  readonly contactStore: Pick<ContactStore, 'removeOldDetails' | 'estimateKeptRows' | 'reclaimSpace'>;
  readonly logger: Logger;
  readonly registry: Registry;
  /** 1 to 3,650. */
  readonly retentionDays: number;
  readonly times?: Partial<RetentionTimes>;
}

/**
 * Whether the details of an import are old enough to be removed, so that nothing may begin that needs them. They are removed a
 * day later: what has begun by then ends before.
 */
export function isTooOld(endedAt: string | null, retentionDays: number, now: number = Date.now()): boolean {
  return endedAt !== null && Date.parse(endedAt) < now - retentionDays * DAY_MS;
}

/** Resolves once runs are waited for. */
export function startRetention(parts: RetentionParts): Promise<Consumer> {
  const { log, logger } = parts;
  const retention = new Retention(parts);
  return consumeScheduled({
    ...{ log, group: consumerGroups.retention, topic: topics.retentionRuns },
    policy: { kind: 'blocking', blocking: blockingWith(logger, describeFailure) },
    handle: () => retention.run(),
    onError: (error, attempt) =>
      logger.error({ err: error, attempt }, 'details of old imports not removed; retrying'),
  });
}

function describeFailure(): ErrorSummary {
  return { code: 'internal', message: 'The details of old imports could not be removed.' };
}

class Retention {
  readonly #parts: RetentionParts;
  readonly #times: RetentionTimes;
  readonly #metrics: ReturnType<typeof createMetrics>;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#times = { ...defaultTimes, ...parts.times };
    this.#metrics = createMetrics(parts.registry);
  }

  /** @throws Postponement where more is to be done: the run comes again at once */
  async run(): Promise<void> {
    const { contactStore, logger } = this.#parts;
    const isDone = await this.#removeOld();
    if (!isDone) throw new Postponement(0);
    const kept = await contactStore.estimateKeptRows();
    for (const kind of keptKinds(kept)) this.#metrics.kept.set({ kind }, kept[kind]);
    const tables = await contactStore.reclaimSpace();
    if (tables.length > 0) logger.info({ tables }, 'space of removed rows reclaimed');
  }

  /** Whether nothing old is left, or another process is at it. */
  async #removeOld(): Promise<boolean> {
    const { contactStore, logger, retentionDays } = this.#parts;
    const { now, pauseMs, stretchMs } = this.#times;
    // A day later than promised: an undo that began in time ends before.
    const endedBefore = new Date(now() - (retentionDays + 1) * DAY_MS).toISOString();
    const endsAt = performance.now() + stretchMs;
    const total = noKeptRows();
    let isDone = false;
    let hasRemoved = false;
    while (performance.now() < endsAt) {
      const removed = await contactStore.removeOldDetails({ endedBefore, limit: STEP_ROWS });
      isDone = removed === null || !addKeptRows(total, removed);
      if (isDone || removed === null) break;
      hasRemoved = true;
      for (const kind of keptKinds(removed)) this.#metrics.removed.inc({ kind }, removed[kind]);
      await pause(pauseMs);
    }
    if (hasRemoved) logger.info({ endedBefore, removed: total }, 'details of old imports removed');
    return isDone;
  }
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
