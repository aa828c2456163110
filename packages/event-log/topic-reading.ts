import type { EventLog, LogRecord } from './event-log.ts';

/** Reads a topic whenever somebody asks, each time what was appended since the last time. Holds nothing between but its positions. */
export class TopicReading {
  readonly #log: Pick<EventLog, 'describeTopic' | 'read'>;
  readonly #topic: string;
  readonly #takeIn: (record: LogRecord) => void;
  /** By partition: where to read on. */
  #offsets: number[] | null = null;
  #reading: Promise<void> = Promise.resolve();

  /** @param takeIn gets every record once, those of a partition in order; must not throw */
  constructor(
    log: Pick<EventLog, 'describeTopic' | 'read'>,
    topic: string,
    takeIn: (record: LogRecord) => void,
  ) {
    this.#log = log;
    this.#topic = topic;
    this.#takeIn = takeIn;
  }

  /** Resolves when everything that is on the topic now was taken in. Rejects as `read` does; the next call goes on from there. */
  refresh(): Promise<void> {
    const reading = this.#reading.then(() => this.#readOn());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readOn(): Promise<void> {
    this.#offsets ??= Array.from<number>({
      length: (await this.#log.describeTopic(this.#topic)).partitions,
    }).fill(0);
    const offsets = this.#offsets;
    const from = { offsets: [...offsets] };
    for await (const records of this.#log.read({ topic: this.#topic, from, follow: false })) {
      for (const record of records) {
        offsets[record.partition] = record.offset + 1;
        this.#takeIn(record);
      }
    }
  }
}
