import type { Batch } from '../engine/partition-source.ts';
import type { LogRecord } from '../event-log.ts';
import type { Index } from './index-store.ts';
import { offsetOf, recordKey } from './keys.ts';
import { decodeRecord, type StoredRecord } from './record-codec.ts';
import { SegmentGoneError, type SegmentStore } from './segments.ts';
import type { StoredPartition } from './topics.ts';

/** Index entries fetched at once: below 4 KiB each. */
const entriesAtOnce = 100;
/** Attempts to read a value: it may be moved during one read, but not during so many in a row. */
const maxAttempts = 10;

export interface RangeLimits {
  /** The offset at which to end; at most the partition's end. */
  readonly until: number;
  readonly maxRecords: number;
  /** Bytes of values; the first record comes whatever its size. */
  readonly maxBytes: number;
}

export interface StoredEntry {
  readonly offset: number;
  readonly stored: StoredRecord;
}

/** Reads records in order. Holds nothing between two batches. */
export class StoredRecords {
  private readonly index: Index;
  private readonly segments: SegmentStore;

  constructor(index: Index, segments: SegmentStore) {
    this.index = index;
    this.segments = segments;
  }

  async read(partition: StoredPartition, from: number, limits: RangeLimits): Promise<Batch> {
    for (let attempt = 1; ; attempt += 1) {
      const entries = await this.entries(partition, from, limits);
      const last = entries.at(-1);
      if (!last) return { records: [], next: limits.until };
      try {
        const records = await Promise.all(entries.map((entry) => this.load(partition, entry)));
        return { records, next: last.offset + 1 };
      } catch (error) {
        if (!(error instanceof SegmentGoneError) || attempt === maxAttempts) throw error;
      }
    }
  }

  /** Reads records from the index, without the bytes of large values. */
  async entries(partition: StoredPartition, from: number, limits: RangeLimits): Promise<StoredEntry[]> {
    const { until, maxRecords, maxBytes } = limits;
    const { name } = partition.topic.specification;
    const first = Math.max(from, partition.start);
    if (first >= until) return [];
    const range = {
      gte: recordKey(name, partition.number, first),
      lt: recordKey(name, partition.number, until),
      limit: maxRecords,
      highWaterMarkBytes: 64 * 1024,
    };
    const found: StoredEntry[] = [];
    let bytes = 0;
    const iterator = this.index.iterator(range);
    try {
      for (;;) {
        const entries = await iterator.nextv(entriesAtOnce);
        if (entries.length === 0) return found;
        for (const [key, value] of entries) {
          const stored = decodeRecord(value);
          bytes += stored.reference?.length ?? stored.value?.byteLength ?? 0;
          if (found.length > 0 && bytes > maxBytes) return found;
          found.push({ offset: offsetOf(key), stored });
        }
      }
    } finally {
      await iterator.close();
    }
  }

  /** The first offset whose record is not older than the time; the partition's end if there is none. */
  async offsetAt(partition: StoredPartition, timestamp: number): Promise<number> {
    let low = partition.start;
    let high = partition.end;
    // Timestamps never fall within a partition, so a binary search finds it.
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [entry] = await this.entries(partition, middle, { until: high, maxRecords: 1, maxBytes: 0 });
      if (!entry || entry.stored.timestamp >= timestamp) high = middle;
      else low = entry.offset + 1;
    }
    return low;
  }

  private async load(partition: StoredPartition, { offset, stored }: StoredEntry): Promise<LogRecord> {
    const { key, headers, timestamp, reference } = stored;
    const value = reference ? await this.segments.read(reference) : stored.value;
    return {
      topic: partition.topic.specification.name,
      partition: partition.number,
      offset,
      key,
      value,
      headers,
      timestamp,
    };
  }
}
