/** Forgets what the lanes have behind them, so that the log holds no more of a file than what is still to be done. */
import type { EventLog } from '../event-log/event-log.ts';
import type { Logger } from '../service-kit/logging.ts';
import { describeFailure } from './failures.ts';

export interface PurgeOptions {
  /** Chunks of a lane after which it is purged; default 64, that is up to 8 MiB. */
  readonly everyChunks?: number;
  /** Milliseconds without a chunk after which what is left is purged; default 2,000. */
  readonly idleMs?: number;
}

/** One lane: a topic and the group that works it off. At most one purge runs at a time. */
export class Purger {
  readonly #log: Pick<EventLog, 'purge'>;
  readonly #logger: Logger;
  readonly #topic: string;
  readonly #group: string;
  readonly #everyChunks: number;
  readonly #idleMs: number;
  #pending = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;

  constructor(
    log: Pick<EventLog, 'purge'>,
    logger: Logger,
    lane: { readonly topic: string; readonly group: string },
    options: PurgeOptions = {},
  ) {
    this.#log = log;
    this.#logger = logger;
    this.#topic = lane.topic;
    this.#group = lane.group;
    this.#everyChunks = options.everyChunks ?? 64;
    this.#idleMs = options.idleMs ?? 2_000;
  }

  /** To be told of each chunk; the position behind it need not be kept yet. */
  chunkDone(): void {
    this.#pending++;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#start(), this.#idleMs).unref();
    if (this.#pending >= this.#everyChunks) this.#start();
  }

  /** To be called when the lane has stopped: purges what is left. */
  async stop(): Promise<void> {
    clearTimeout(this.#idleTimer);
    await this.#running;
    if (this.#pending > 0) this.#start();
    await this.#running;
  }

  #start(): void {
    if (this.#running !== null) return;
    this.#pending = 0;
    this.#running = this.#purge().finally(() => {
      this.#running = null;
    });
  }

  /** Never rejects: what was not purged now is purged with the next chunks. */
  async #purge(): Promise<void> {
    try {
      await this.#log.purge(this.#topic, this.#group);
    } catch (error) {
      this.#logger.warn(
        { topic: this.#topic, failure: describeFailure(error) },
        'a lane could not be purged',
      );
    }
  }
}
