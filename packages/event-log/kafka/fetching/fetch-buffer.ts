import type { BatchLimits } from '../../engine/limits.ts';
import type { Batch } from '../../engine/partition-source.ts';
import type { LogRecord } from '../../event-log.ts';
import type { FetchedRecords } from './fetch-response.ts';

/** Bytes of memory of a record besides its value, estimated. */
const recordOverhead = 200;
const valueBytes = ({ value }: LogRecord): number => value?.byteLength ?? 0;
const memoryOf = (records: readonly LogRecord[]): number =>
  records.reduce((sum, record) => sum + valueBytes(record) + recordOverhead, 0);

/** One partition that is read: where to fetch next, and the fetched records that are not taken yet. */
export class FetchBuffer {
  readonly topic: string;
  readonly partition: number;
  /** Bytes that may be held, in the buffer and in batches that were taken. */
  private readonly maxBytes: number;
  private readonly onFetched: () => void;
  private buffer: readonly LogRecord[] = [];
  private bufferBytes = 0;
  private takenBytes = 0;
  /** Rises with each rewind, after which the answer to a running fetch is dropped. */
  private epoch = 0;
  /** The offset to fetch next; null until it is known. */
  position: number | null;
  /** Fetches in a row that gave nothing although there was a record at the position. */
  emptyFetches = 0;

  constructor(
    place: { readonly topic: string; readonly partition: number },
    position: number | null,
    maxBytes: number,
    onFetched: () => void,
  ) {
    this.topic = place.topic;
    this.partition = place.partition;
    this.position = position;
    this.maxBytes = maxBytes;
    this.onFetched = onFetched;
  }

  get heldBytes(): number {
    return this.bufferBytes + this.takenBytes;
  }

  /** Bytes to fetch now; 0: none. */
  get wanted(): number {
    if (this.position === null || this.buffer.length > 0) return 0;
    // While a large batch is being handled nothing is fetched ahead.
    return this.takenBytes > this.maxBytes / 2 ? 0 : this.maxBytes - this.takenBytes;
  }

  /** Whether the buffer is full, and will fetch again as soon as its records are worked off. */
  get isFull(): boolean {
    return this.position !== null && this.wanted === 0;
  }

  /** Whether only a new record can change it: a handler that holds records may have them delivered again. */
  get isIdle(): boolean {
    return this.position !== null && this.heldBytes === 0;
  }

  /** Whether `take` would give a batch. */
  get hasRecords(): boolean {
    return this.buffer.length > 0;
  }

  /** Returns the function that takes in the answer to a fetch that begins now. It drops an answer that comes after a rewind. */
  fetching(): (fetched: FetchedRecords) => void {
    const { epoch, position } = this;
    return (fetched) => {
      if (epoch !== this.epoch || position !== this.position) return;
      this.emptyFetches = fetched.isIncomplete ? this.emptyFetches + 1 : 0;
      this.position = fetched.next;
      this.buffer = fetched.records;
      this.bufferBytes = memoryOf(fetched.records);
      this.onFetched();
    };
  }

  /** Moves on where no record stands at the position, which lies between two records. */
  skip(): void {
    if (this.position !== null) this.position += 1;
    this.onFetched();
  }

  /** Drops the fetched records, and goes on at the offset. */
  rewind(position: number | null): void {
    this.epoch += 1;
    this.position = position;
    this.buffer = [];
    this.bufferBytes = 0;
    this.takenBytes = 0;
    this.emptyFetches = 0;
  }

  /** The next records, if some are here. They count as held until `release`. */
  take({ maxRecords, maxBytes, until = Number.POSITIVE_INFINITY }: BatchLimits): Batch | null {
    let bytes = 0;
    let count = 0;
    for (const record of this.buffer.slice(0, maxRecords)) {
      bytes += valueBytes(record);
      if (record.offset >= until || (count > 0 && bytes > maxBytes)) break;
      count += 1;
    }
    const records = this.buffer.slice(0, count);
    const last = records.at(-1);
    if (!last) return null;
    this.buffer = this.buffer.slice(count);
    const held = memoryOf(records);
    this.bufferBytes -= held;
    this.takenBytes += held;
    const next = this.buffer.length === 0 && this.position !== null ? this.position : last.offset + 1;
    return { records, next };
  }

  release({ records }: Batch): void {
    this.takenBytes = Math.max(0, this.takenBytes - memoryOf(records));
  }

  /** Whether every record before the offset was taken. */
  hasPassed(offset: number): boolean {
    const [first] = this.buffer;
    return first ? first.offset >= offset : this.position !== null && this.position >= offset;
  }
}
