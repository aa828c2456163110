import type { EventLog, LogRecord, ReadFrom } from './event-log.ts';

type ReadableLog = Pick<EventLog, 'describeTopic' | 'endOffsets' | 'read'>;

/** Reads a topic whenever somebody asks, each time what was appended since the last time. Holds nothing between but its positions. */
export class TopicReading {
  readonly #log: ReadableLog;
  readonly #topic: string;
  readonly #takeIn: (record: LogRecord) => void;
  readonly #since: number | null;
  /** By partition: where to read on. */
  #offsets: number[] | null = null;
  #reading: Promise<void> = Promise.resolve();

  /**
   * @param takeIn gets every record once, those of a partition in order; must not throw
   * @param since records before this time are left out, in milliseconds since 1970 by the log's clock; default: none is
   */
  constructor(
    log: ReadableLog,
    topic: string,
    takeIn: (record: LogRecord) => void,
    since: number | null = null,
  ) {
    this.#log = log;
    this.#topic = topic;
    this.#takeIn = takeIn;
    this.#since = since;
  }

  /** Resolves when everything that is on the topic now was taken in. Rejects as `read` does; the next call goes on from there. */
  refresh(): Promise<void> {
    const reading = this.#reading.then(() => this.#readOn());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readOn(): Promise<void> {
    if (this.#offsets === null && this.#since !== null) return this.#readSince(this.#since);
    this.#offsets ??= Array.from<number>({
      length: (await this.#log.describeTopic(this.#topic)).partitions,
    }).fill(0);
    await this.#take({ offsets: [...this.#offsets] }, this.#offsets);
  }

  /** Where a partition has no later record, its end of before shows where to read on. */
  async #readSince(timestamp: number): Promise<void> {
    const offsets = await this.#log.endOffsets(this.#topic);
    await this.#take({ timestamp }, offsets);
    this.#offsets = offsets;
  }

  async #take(from: ReadFrom, offsets: number[]): Promise<void> {
    for await (const records of this.#log.read({ topic: this.#topic, from, follow: false })) {
      for (const record of records) {
        offsets[record.partition] = Math.max(record.offset + 1, offsets[record.partition] ?? 0);
        this.#takeIn(record);
      }
    }
  }
}
