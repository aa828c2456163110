import { asEventLogError } from '../engine/failures.ts';
import { readLimits } from '../engine/limits.ts';
import type { PartitionReader, ReaderSource } from '../engine/reader.ts';
import type { LogRecord, ReadFrom, ReadOptions } from '../event-log.ts';
import type { StoredRecords } from './stored-records.ts';
import type { StoredPartition } from './topics.ts';

/** Reads partitions of the embedded log. */
export class EmbeddedReaderSource implements ReaderSource {
  private readonly records: StoredRecords;
  private readonly options: Pick<ReadOptions, 'from' | 'follow'>;
  private readonly partitions: () => readonly StoredPartition[];
  private readers: readonly EmbeddedPartitionReader[] = [];
  private wake = (): void => undefined;

  /** @param partitions called when the reader begins; throws for a topic or a partition that does not exist */
  constructor(
    records: StoredRecords,
    options: Pick<ReadOptions, 'from' | 'follow'>,
    partitions: () => readonly StoredPartition[],
  ) {
    this.records = records;
    this.options = options;
    this.partitions = partitions;
  }

  async open(wake: () => void): Promise<readonly PartitionReader[]> {
    const { from, follow } = this.options;
    this.wake = wake;
    const partitions = this.partitions();
    const ends = partitions.map(({ end }) => (follow ? null : end));
    const starts = await Promise.all(partitions.map((partition) => this.startOf(partition, from)));
    this.readers = partitions.map((partition, place) => {
      const [start = 0, end = null] = [starts[place], ends[place]];
      return new EmbeddedPartitionReader(this.records, partition, start, end);
    });
    for (const reader of this.readers) {
      reader.partition.readers.add(reader);
      if (follow) reader.partition.listeners.add(wake);
    }
    return this.readers;
  }

  close(): void {
    for (const reader of this.readers) {
      reader.partition.readers.delete(reader);
      reader.partition.listeners.delete(this.wake);
    }
  }

  asCallersError(error: unknown): Error {
    return asEventLogError(error, 'The event log could not be read.');
  }

  private async startOf(partition: StoredPartition, from: ReadFrom): Promise<number> {
    if (from === 'earliest') return partition.start;
    if ('offsets' in from) return from.offsets[partition.number] ?? partition.start;
    return this.records.offsetAt(partition, from.timestamp);
  }
}

class EmbeddedPartitionReader implements PartitionReader {
  readonly partition: StoredPartition;
  /** The offset that comes next: compaction keeps tombstones that this reader has not passed. */
  offset: number;
  private readonly records: StoredRecords;
  private readonly until: number | null;

  constructor(records: StoredRecords, partition: StoredPartition, offset: number, until: number | null) {
    this.records = records;
    this.partition = partition;
    this.offset = offset;
    this.until = until;
  }

  get isAtEnd(): boolean {
    return this.until !== null && this.offset >= this.until;
  }

  async next(): Promise<readonly LogRecord[] | null> {
    const until = this.until ?? this.partition.end;
    if (this.offset >= until) return null;
    const { records, next } = await this.records.read(this.partition, this.offset, { ...readLimits, until });
    this.offset = next;
    return records.length === 0 ? null : records;
  }

  /** The records are held by the caller alone. */
  release(): void {}
}
