/** Purges the chunks that were worked off, so that the log holds only the part of a file that still waits. */
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { describeFailure } from '../failures.ts';

export interface PurgeOptions {
  /** Chunks of a topic after which it is purged; default 64, that is up to 8 MiB. */
  readonly everyChunks?: number;
  /** Milliseconds without a chunk after which what is left is purged; default 2,000. */
  readonly idleMs?: number;
}

/** Where a chunk lay. */
type Place = Pick<LogRecord, 'topic' | 'partition' | 'offset'>;
type PurgeableLog = Pick<EventLog, 'purge' | 'committedOffsets'>;

/** Purges each topic from which chunks come, for the group that works it off. */
export class Purgers {
  readonly #purgers = new Map<string, Purger>();
  readonly #log: PurgeableLog;
  readonly #logger: Logger;
  readonly #options: PurgeOptions | undefined;

  constructor(log: PurgeableLog, logger: Logger, options?: PurgeOptions) {
    this.#log = log;
    this.#logger = logger;
    this.#options = options;
  }

  /** Call it for each chunk that was worked off; the group need not have committed it yet. */
  settled(place: Place, group: string): void {
    const { topic } = place;
    const purger =
      this.#purgers.get(topic) ?? new Purger(this.#log, this.#logger, { topic, group }, this.#options);
    this.#purgers.set(topic, purger);
    purger.chunkDone(place);
  }

  /** Purges the rest. Call it when the groups have stopped and committed their positions. */
  async stop(): Promise<void> {
    await Promise.all([...this.#purgers.values()].map((purger) => purger.stop()));
  }
}

/** Purges one topic for the group that works it off. At most one purge runs at a time. */
class Purger {
  readonly #log: PurgeableLog;
  readonly #logger: Logger;
  readonly #topic: string;
  readonly #group: string;
  readonly #everyChunks: number;
  readonly #idleMs: number;
  /** Chunks done since the last purge began. */
  #pending = 0;
  /** By partition: the last offset that was worked off and is not known to be purged. */
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

  chunkDone({ partition, offset }: Place): void {
    this.#pending++;
    this.#done.set(partition, offset);
    this.#awaitIdle();
    if (this.#pending >= this.#everyChunks) this.#start();
  }

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
      // The group may commit a position after its last chunk: then there is more to purge.
      if (this.#done.size > 0) this.#awaitIdle();
    });
  }

  /** Never rejects: a failed purge is made up for by the next one. */
  async #purge(): Promise<void> {
    try {
      const committed = await this.#log.committedOffsets(this.#group, this.#topic);
      await this.#log.purge(this.#topic, this.#group);
      for (const [partition, offset] of this.#done) {
        if ((committed[partition] ?? 0) > offset) this.#done.delete(partition);
      }
    } catch (error) {
      this.#logger.warn({ topic: this.#topic, failure: describeFailure(error) }, 'purging a topic failed');
    }
  }
}
