/**
 * Keeps the index of the search for contacts up to date, in small transactions with pauses. Every jobs service asks for work; the store lets one
 * at a time have it. While imports leave more than is done, it holds back: they come first, and searches read row by row meanwhile.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { pause } from '@tidings/failures/retry.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Gauge, type Registry } from '@tidings/service-kit/process/metrics.ts';

/** Contacts of a batch: it takes some tens of milliseconds, in which an embedded database does nothing else. */
const BATCH = 1_000;

export interface IndexingTimes {
  /** Milliseconds between two questions whether there is work. */
  readonly idleMs: number;
  /** How many times as long as a batch the pause after it is; the second while imports leave more than is done. */
  readonly rest: number;
  readonly restBehindImports: number;
}

const defaultTimes: IndexingTimes = { idleMs: 500, rest: 1, restBehindImports: 9 };

export interface IndexingParts {
  readonly contactStore: Pick<ContactStore, 'indexContacts'>;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly times?: Partial<IndexingTimes>;
}

export interface Indexing {
  /** Resolves once the batch in hand is done. */
  stop(): Promise<void>;
}

export function startIndexing({ contactStore, logger, registry, times }: IndexingParts): Indexing {
  const { idleMs, rest, restBehindImports } = { ...defaultTimes, ...times };
  const metrics = createMetrics(registry);
  const stopping = new AbortController();
  let waited = 0;

  /** Resolves with the milliseconds until the next batch. */
  const step = async (): Promise<number> => {
    const began = performance.now();
    const batch = await contactStore.indexContacts(BATCH);
    if (batch === null) return idleMs;
    metrics.waiting.set(batch.waiting);
    metrics.lag.set(batch.oldestMs / 1000);
    const grows = batch.waiting > waited;
    waited = batch.waiting;
    if (batch.waiting === 0) return idleMs;
    return (performance.now() - began) * (grows ? restBehindImports : rest);
  };

  const run = async (): Promise<void> => {
    let failing = false;
    while (!stopping.signal.aborted) {
      const restMs = await step().then(
        (milliseconds) => {
          failing = false;
          return milliseconds;
        },
        (error: unknown) => {
          // A database that is away is away for every batch: once is enough to say so.
          if (!failing) logger.error({ err: error }, 'contacts not indexed; trying again');
          failing = true;
          return idleMs;
        },
      );
      await pause(restMs, stopping.signal).catch(() => undefined);
    }
  };
  const running = run();
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
    waiting: new Gauge({
      name: 'tidings_jobs_service_unindexed_contacts',
      help: 'Contacts that wait for the index of the search; searches read row by row until there are none of their owner',
      registers,
    }),
    lag: new Gauge({
      name: 'tidings_jobs_service_index_lag_seconds',
      help: 'How long the oldest contact has waited for the index of the search',
      registers,
    }),
  };
}
