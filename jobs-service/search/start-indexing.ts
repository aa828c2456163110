/**
 * Keeps the index of the search for contacts up to date, in small transactions with pauses. Every jobs service asks for work; the store lets one
 * at a time have it. While imports leave more than is done, it holds back: they come first, and searches read row by row meanwhile.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { type Pauses, pause, pauseAfter } from '@tidings/failures/retry.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Gauge, type Registry } from '@tidings/service-kit/process/metrics.ts';

/** Contacts of a batch: it takes some tens of milliseconds, in which an embedded database does nothing else. */
const BATCH = 1_000;

export interface IndexingTimes {
  /** Milliseconds until the next question where there was no work; they double with each such answer, up to the second. */
  readonly idleMs: number;
  readonly longestIdleMs: number;
  /** How many times as long as a batch the pause after it is; the second while imports leave more than is done. */
  readonly rest: number;
  readonly restBehindImports: number;
}

/** Contacts that no import has written, such as those of a deleted owner, wait for a minute at most. */
const defaultTimes: IndexingTimes = { idleMs: 500, longestIdleMs: 60_000, rest: 1, restBehindImports: 19 };

export interface IndexingParts {
  readonly contactStore: Pick<ContactStore, 'indexContacts'>;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Calls back whenever imports may have left work; returns what ends that. Default: nobody knows. */
  readonly onWork?: (wake: () => void) => () => void;
  readonly times?: Partial<IndexingTimes>;
}

export interface Indexing {
  /** Resolves once the batch in hand is done. */
  stop(): Promise<void>;
}

export function startIndexing({ contactStore, logger, registry, onWork, times }: IndexingParts): Indexing {
  const { idleMs, longestIdleMs, rest, restBehindImports } = { ...defaultTimes, ...times };
  const metrics = createMetrics(registry);
  const stopping = new AbortController();
  const idle = new IdlePause({ firstMs: idleMs, longestMs: longestIdleMs }, stopping.signal);
  const ignoreWork = onWork?.(() => idle.wake());
  let waited = 0;

  /** Resolves with the milliseconds until the next batch; null where there is nothing to do. */
  const step = async (): Promise<number | null> => {
    const batch = await contactStore.indexContacts(BATCH);
    if (batch === null) return null;
    metrics.waiting.set(batch.waiting);
    metrics.lag.set(batch.oldestMs / 1000);
    const grows = batch.waiting > waited;
    waited = batch.waiting;
    if (batch.waiting === 0 && batch.indexed === 0) return null;
    return batch.tookMs * (grows ? restBehindImports : rest);
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
          return null;
        },
      );
      if (restMs === null) await idle.wait();
      else {
        idle.reset();
        await pause(restMs, stopping.signal).catch(() => undefined);
      }
    }
  };
  const running = run();
  return {
    async stop() {
      ignoreWork?.();
      stopping.abort();
      await running;
    },
  };
}

/** Waits that become longer, and that work ends; the next one is then a short one again. */
class IdlePause {
  readonly #pauses: Pauses;
  readonly #ended: AbortSignal;
  #times = 0;
  #waking: AbortController | null = null;

  constructor(pauses: Pauses, ended: AbortSignal) {
    this.#pauses = pauses;
    this.#ended = ended;
  }

  /** Never rejects. */
  async wait(): Promise<void> {
    this.#times += 1;
    // Work that comes within the shortest wait costs no more than that.
    await pause(this.#pauses.firstMs, this.#ended).catch(() => undefined);
    const restMs = pauseAfter(this.#times, this.#pauses) - this.#pauses.firstMs;
    if (restMs <= 0 || this.#ended.aborted) return;
    this.#waking = new AbortController();
    await pause(restMs, AbortSignal.any([this.#ended, this.#waking.signal])).catch(() => undefined);
    this.#waking = null;
  }

  wake(): void {
    this.reset();
    this.#waking?.abort();
  }

  reset(): void {
    this.#times = 0;
  }
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
