/**
 * A page of what stands on several partitions, in the order of time: history for people, read from the log itself, so that nothing is kept twice.
 * One page looks at a bounded number of records, so it may be empty and still have a cursor, as where what is looked for is rare.
 */
import type { EventLog, LogRecord } from './event-log.ts';

export interface HistorySource {
  readonly topic: string;
  readonly partition: number;
}

/** By source: the offset where to go on; null where nothing was read of it yet. */
export type HistoryCursor = readonly (number | null)[];

export interface HistoryOptions<Item> {
  readonly log: Pick<EventLog, 'read'>;
  readonly sources: readonly HistorySource[];
  /** Where to begin in each source: milliseconds since 1970, by the log's clock. */
  readonly since: number;
  /** `next` of the page before; it must be of the same sources. */
  readonly cursor?: HistoryCursor;
  /** Items of the page. The items of one record stay together, so a page may hold more by those. */
  readonly limit: number;
  /** Records that the page looks at, at most, but for the batches that are in hand; default 50,000. */
  readonly maxRecords?: number;
  /** Milliseconds after which it looks at no more; default 2,000. */
  readonly maxMs?: number;
  /** What the record is in the list: none, one or more items. */
  itemsOf(record: LogRecord): readonly Item[];
}

export interface HistoryPage<Item> {
  readonly items: Item[];
  /** null: the ends of all sources are reached, as they were when the page was begun. */
  readonly next: HistoryCursor | null;
}

const MAX_RECORDS = 50_000;
const MAX_MS = 2_000;
/** Readers that are opened at a time. */
const READS_AT_ONCE = 16;

/** Rejects as `EventLog.read` does. */
export async function readHistoryPage<Item>(options: HistoryOptions<Item>): Promise<HistoryPage<Item>> {
  const { limit, maxRecords = MAX_RECORDS, maxMs = MAX_MS } = options;
  const scans = options.sources.map((source, index) => new Scan(source, options, options.cursor?.[index]));
  const endsAt = performance.now() + maxMs;
  const seen = () => scans.reduce((sum, scan) => sum + scan.records, 0);
  const items: Item[] = [];
  try {
    while (items.length < limit) {
      const waiting = scans.filter((scan) => scan.needsRecords);
      if (waiting.length > 0) {
        if (seen() >= maxRecords || performance.now() >= endsAt) break;
        await Promise.all(waiting.slice(0, READS_AT_ONCE).map((scan) => scan.fill()));
        continue;
      }
      // Every source shows its next item or its end, so the earliest one is known.
      const next = earliest(scans);
      if (next === undefined) break;
      items.push(...next.take());
    }
    const isOver = scans.every((scan) => scan.isOver);
    return { items, next: isOver ? null : scans.map((scan) => scan.position) };
  } finally {
    await Promise.all(scans.map((scan) => scan.close()));
  }
}

interface Found<Item> {
  readonly offset: number;
  readonly timestamp: number;
  readonly items: readonly Item[];
}

class Scan<Item> {
  /** Records that it has read. */
  records = 0;
  readonly #options: HistoryOptions<Item>;
  readonly #source: HistorySource;
  readonly #found: Found<Item>[] = [];
  #reading: AsyncIterator<readonly LogRecord[]> | null = null;
  #read: number | null;
  #isAtEnd = false;

  constructor(source: HistorySource, options: HistoryOptions<Item>, position: number | null = null) {
    this.#source = source;
    this.#options = options;
    this.#read = position;
  }

  get needsRecords(): boolean {
    return this.#found.length === 0 && !this.#isAtEnd;
  }

  get isOver(): boolean {
    return this.#found.length === 0 && this.#isAtEnd;
  }

  /** Where the next page goes on. */
  get position(): number | null {
    return this.#found[0]?.offset ?? this.#read;
  }

  /** When the next item was appended; undefined where there is none. */
  get timestamp(): number | undefined {
    return this.#found[0]?.timestamp;
  }

  take(): readonly Item[] {
    return this.#found.shift()?.items ?? [];
  }

  /** Reads one batch. */
  async fill(): Promise<void> {
    this.#reading ??= this.#open();
    const { done, value } = await this.#reading.next();
    if (done) {
      this.#isAtEnd = true;
      await this.close();
      return;
    }
    this.records += value.length;
    for (const record of value) {
      const items = this.#options.itemsOf(record);
      if (items.length > 0) this.#found.push({ offset: record.offset, timestamp: record.timestamp, items });
      this.#read = record.offset + 1;
    }
  }

  async close(): Promise<void> {
    await this.#reading?.return?.();
  }

  #open(): AsyncIterator<readonly LogRecord[]> {
    const { topic, partition } = this.#source;
    const offsets: number[] = [];
    if (this.#read !== null) offsets[partition] = this.#read;
    const from = this.#read === null ? { timestamp: this.#options.since } : { offsets };
    return this.#options.log
      .read({ topic, partitions: [partition], from, follow: false })
      [Symbol.asyncIterator]();
  }
}

function earliest<Item>(scans: readonly Scan<Item>[]): Scan<Item> | undefined {
  let found: Scan<Item> | undefined;
  for (const scan of scans) {
    if (scan.timestamp !== undefined && scan.timestamp < (found?.timestamp ?? Number.POSITIVE_INFINITY))
      found = scan;
  }
  return found;
}
