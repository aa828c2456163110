/** Purges the chunks that were worked off, so that the log holds no more of a file than what is still to be done. */
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { describeFailure } from './failures.ts';

export interface PurgeOptions {
  /** Chunks of a topic after which it is purged; default 64, that is up to 8 MiB. */
  readonly everyChunks?: number;
  /** Milliseconds without a chunk after which what is left is purged; default 2,000. */
  readonly idleMs?: number;
}

type PurgeableLog = Pick<EventLog, 'purge' | 'committedOffsets'>;

/** Purges one topic for the group that works it off. At most one purge runs at a time. */
export class Purger {
  readonly #log: PurgeableLog;
  readonly #logger: Logger;
  readonly #topic: string;
  readonly #group: string;
  readonly #everyChunks: number;
  readonly #idleMs: number;
  /** Chunks done since the last purge began. */
  #pending = 0;
  /** By partition: the last offset done, as long as it is not known to be forgotten. */
  readonly #done = new Map<number, number>();
  #idleTimer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(
    log: PurgeableLog,
    logger: Logger,
    { topic, group }: { readonly topic: string; readonly group: string },
    options: PurgeOptions = {},
  ) {
    this.#log = log;
    this.#logger = logger;
    this.#topic = topic;
    this.#group = group;
    this.#everyChunks = options.everyChunks ?? 64;
    this.#idleMs = options.idleMs ?? 2_000;
  }

  /** To be told of each chunk; the position behind it need not be kept yet. */
  chunkDone({ partition, offset }: Pick<LogRecord, 'partition' | 'offset'>): void {
    this.#pending++;
    this.#done.set(partition, offset);
    this.#awaitIdle();
    if (this.#pending >= this.#everyChunks) this.#start();
  }

  /** To be called when the group has stopped and its positions are kept: purges what is left. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    if (this.#done.size > 0) this.#start();
    await this.#running;
    clearTimeout(this.#idleTimer);
  }

  #awaitIdle(): void {
    clearTimeout(this.#idleTimer);
    if (!this.#stopped) this.#idleTimer = setTimeout(() => this.#start(), this.#idleMs).unref();
  }

  #start(): void {
    if (this.#running !== null) return;
    this.#pending = 0;
    this.#running = this.#purge().finally(() => {
      this.#running = null;
      // A position may be kept only after the last chunk was done: then there is more to forget.
      if (this.#done.size > 0) this.#awaitIdle();
    });
  }

  /** Never rejects: what was not purged now is purged later. */
  async #purge(): Promise<void> {
    try {
      const committed = await this.#log.committedOffsets(this.#group, this.#topic);
      await this.#log.purge(this.#topic, this.#group);
      for (const [partition, offset] of this.#done) {
        if ((committed[partition] ?? 0) > offset) this.#done.delete(partition);
      }
    } catch (error) {
      this.#logger.warn(
        { topic: this.#topic, failure: describeFailure(error) },
        'a topic could not be purged',
      );
    }
  }
}
