/** Measures how long the oldest chunk of each topic has waited. */
import { workPlaces } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { oldestUnread } from '@tidings/event-log/oldest-unread.ts';
import { pause } from '@tidings/failures/retry.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { describeFailure } from '../failures.ts';
import type { ImporterMetrics } from '../metrics.ts';

export interface UnreadAgeParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly metrics: Pick<ImporterMetrics, 'oldestUnread'>;
  /** Milliseconds between two measurements; default 15,000. */
  readonly everyMs?: number;
}

/** Measures until it is stopped; where a measurement fails the last one stands. @returns what stops it */
export function watchUnreadAge({ log, logger, metrics, everyMs = 15_000 }: UnreadAgeParts): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  const measure = async (): Promise<void> => {
    for (const { topic, group } of workPlaces) {
      const since = await oldestUnread(log, group, topic);
      metrics.oldestUnread.set({ topic }, since === null ? 0 : Math.max(0, Date.now() - since) / 1000);
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await measure().catch((error: unknown) => {
        if (!signal.aborted)
          logger.warn({ failure: describeFailure(error) }, 'measuring what waits failed; repeating');
      });
      await pause(everyMs, signal).catch(() => undefined);
    }
  };
  void run();
  return () => stopping.abort();
}
