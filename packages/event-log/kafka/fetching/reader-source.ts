import { partitionsToRead, readLimits } from '../../engine/limits.ts';
import type { Batch } from '../../engine/partition-source.ts';
import type { PartitionReader, ReaderSource } from '../../engine/reader.ts';
import { EventLogError, type LogRecord, type ReadFrom, type ReadOptions } from '../../event-log.ts';
import { fromKafkaError } from '../connections/failures.ts';
import type { KafkaLogSettings } from '../connections/settings.ts';
import type { Offsets } from '../topics/offsets.ts';
import type { KafkaTopics } from '../topics/topics.ts';
import { FetchBuffer } from './fetch-buffer.ts';
import { Fetcher } from './fetcher.ts';

/** Bytes that all partitions of a reader may hold together. */
const maxHeldBytes = 4 * 1024 * 1024;

export interface ReaderParts {
  readonly settings: KafkaLogSettings;
  readonly topics: KafkaTopics;
  readonly offsets: Offsets;
  /** Throws when the log is closed. */
  check(): void;
}

/** Fetches partitions of a Kafka topic, without a group. */
export class KafkaReaderSource implements ReaderSource {
  private readonly parts: ReaderParts;
  private readonly options: ReadOptions;
  private fetcher: Fetcher | null = null;
  private failure: Error | null = null;
  private closed = false;

  constructor(parts: ReaderParts, options: ReadOptions) {
    this.parts = parts;
    this.options = options;
  }

  async open(wake: () => void): Promise<readonly PartitionReader[]> {
    const { topic, partitions, from, follow } = this.options;
    const { offsets, topics } = this.parts;
    this.parts.check();
    const { partitions: count } = await topics.describe(topic);
    const numbers = partitionsToRead(topic, count, partitions);
    const [ends, starts] = await Promise.all([follow ? null : offsets.ends(topic), this.starts(from)]);
    const readers = numbers.map((partition) => {
      const buffer = new FetchBuffer({ topic, partition }, starts[partition] ?? 0, readLimits.maxBytes, wake);
      const until = ends === null ? null : (ends[partition] ?? 0);
      return new KafkaPartitionReader(buffer, until, () => this.failure);
    });
    this.fetch(readers, wake);
    return readers;
  }

  close(): void {
    this.closed = true;
    this.fetcher?.close();
  }

  asCallersError(error: unknown): Error {
    return fromKafkaError(error);
  }

  private async starts(from: ReadFrom): Promise<readonly number[]> {
    const { offsets } = this.parts;
    const { topic } = this.options;
    if (from !== 'earliest' && 'timestamp' in from) return offsets.at(topic, from.timestamp);
    const earliest = await offsets.earliest(topic);
    if (from === 'earliest') return earliest;
    return earliest.map((offset, partition) => Math.max(offset, from.offsets[partition] ?? 0));
  }

  private fetch(readers: readonly KafkaPartitionReader[], wake: () => void): void {
    const unfinished = readers.filter(({ isAtEnd }) => !isAtEnd);
    if (this.closed || unfinished.length === 0) return;
    const { settings } = this.parts;
    this.fetcher = new Fetcher(settings, {
      maxHeldBytes,
      onFailure: (error, sinceMs) => {
        // A reader that follows waits until the outage is over.
        if (this.options.follow || sinceMs < settings.callTimeoutMs) return;
        this.failure = new EventLogError('log_unavailable', 'Kafka could not be read.', { cause: error });
        wake();
      },
    });
    for (const reader of unfinished) reader.fetchBy(this.fetcher);
  }
}

class KafkaPartitionReader implements PartitionReader {
  private readonly buffer: FetchBuffer;
  private readonly until: number | null;
  private readonly failure: () => Error | null;
  private fetcher: Fetcher | null = null;
  private given: Batch | null = null;

  /** @param until the offset at which to end; null for a reader that follows */
  constructor(buffer: FetchBuffer, until: number | null, failure: () => Error | null) {
    this.buffer = buffer;
    this.until = until;
    this.failure = failure;
  }

  get isAtEnd(): boolean {
    return this.until !== null && this.buffer.hasPassed(this.until);
  }

  fetchBy(fetcher: Fetcher): void {
    this.fetcher = fetcher;
    fetcher.add(this.buffer);
  }

  async next(): Promise<readonly LogRecord[] | null> {
    const until = this.until ?? Number.POSITIVE_INFINITY;
    this.given = this.buffer.take({ ...readLimits, until });
    if (this.given !== null) return this.given.records;
    const failure = this.isAtEnd ? null : this.failure();
    if (failure !== null) throw failure;
    return null;
  }

  release(): void {
    if (this.given !== null) this.buffer.release(this.given);
    this.given = null;
    this.fetcher?.wake();
  }
}
