import type { BatchLimits } from '../engine/limits.ts';
import type { Batch } from '../engine/partition-source.ts';
import type { LogRecord } from '../event-log.ts';
import type { FetchedRecords } from './fetch-response.ts';

/** Bytes of memory that a record takes beside its value, estimated. */
const recordOverhead = 200;
const valueBytes = ({ value }: LogRecord): number => value?.byteLength ?? 0;
const memoryOf = (records: readonly LogRecord[]): number =>
  records.reduce((sum, record) => sum + valueBytes(record) + recordOverhead, 0);

/** One partition as somebody reads it: where to fetch, and what was fetched but not taken yet. */
export class Cursor {
  readonly topic: string;
  readonly partition: number;
  /** Bytes that may be held, in the buffer and by whoever has taken a batch. */
  private readonly maxBytes: number;
  private readonly onFetched: () => void;
  private buffer: readonly LogRecord[] = [];
  private bufferBytes = 0;
  private takenBytes = 0;
  /** Rises with each rewind: what is being fetched then is not wanted any more. */
  private epoch = 0;
  /** Where to fetch next; null until it is known. */
  position: number | null;
  /** How often in a row nothing came although there was something at the position. */
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

  /** It holds so much that it wants nothing now, and will want more as soon as that is worked off. */
  get isFull(): boolean {
    return this.position !== null && this.wanted === 0;
  }

  /** Whether `take` would give something. */
  get hasRecords(): boolean {
    return this.buffer.length > 0;
  }

  /** Returns the function that takes in the answer to a fetch that begins now; an answer that comes too late is dropped. */
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

  /** Nothing stands at the position, which only lies between two records. */
  skip(): void {
    if (this.position !== null) this.position += 1;
    this.onFetched();
  }

  /** Forgets what was fetched, and goes on there. */
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

  /** Whether everything before the offset was taken. */
  hasPassed(offset: number): boolean {
    const [first] = this.buffer;
    return first ? first.offset >= offset : this.position !== null && this.position >= offset;
  }
}
