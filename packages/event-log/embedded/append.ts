import { partitionOf } from '../engine/partitioner.ts';
import { EventLogError, type NewRecord, type RecordPosition } from '../event-log.ts';
import type { Commit } from './commit-queue.ts';
import type { IndexOperation } from './index-store.ts';
import { endKey, recordKey, valueKey } from './keys.ts';
import { encodeHeaders, encodeRecord, type SegmentReference } from './record-codec.ts';
import { type EmbeddedTopics, endOf, type StoredPartition } from './topics.ts';

/** Values of this many bytes and more stand in segments, smaller ones in the index. */
const largeValueBytes = 4096;
/** Bytes of the key, and of the headers, of a record, at most. */
const maxKeyBytes = 65_535;
const maxHeaderBytes = 256 * 1024;
/** Bytes of a record besides key, value and headers, estimated. */
const overheadBytes = 100;

interface Placed {
  readonly record: NewRecord;
  readonly partition: StoredPartition;
}

export interface AppendCommit {
  readonly commit: Commit;
  /** The positions, filled in when the commit is written. */
  readonly positions: readonly RecordPosition[];
}

/**
 * Makes the commit that appends the records. The bytes of their values are read when the commit is written, so they must not change
 * before. Throws `topic_unknown` and `record_too_large`. Offsets are assigned in the order of writing.
 */
export function appendCommit(topics: EmbeddedTopics, records: readonly NewRecord[]): AppendCommit {
  let bytes = 0;
  const placed = records.map((record): Placed => {
    const topic = topics.get(record.topic);
    bytes += checkedBytes(record, topic.maxRecordBytes) + overheadBytes;
    const partition = topic.partitions[partitionOf(record.key, topic.partitions.length)];
    if (!partition) throw new RangeError(`Topic ${record.topic} has no partition for ${record.key}.`);
    return { record, partition };
  });
  const positions: RecordPosition[] = [];
  const ends = new Map<StoredPartition, number>();
  const commit: Commit = {
    values: placed.flatMap(({ record: { value } }) => (value && isLarge(value) ? [value] : [])),
    bytes,
    size: placed.length,
    sync: true,
    prepare: (references) => prepare(placed, references, positions, ends),
    committed: () => publish(ends),
  };
  return { commit, positions };
}

function isLarge(value: Uint8Array): boolean {
  return value.byteLength >= largeValueBytes;
}

function checkedBytes({ topic, key, value, headers }: NewRecord, maxRecordBytes: number): number {
  const valueBytes = value?.byteLength ?? 0;
  const keyBytes = Buffer.byteLength(key);
  const headerBytes = encodeHeaders(headers ?? {}).length;
  if (valueBytes > maxRecordBytes || keyBytes > maxKeyBytes || headerBytes > maxHeaderBytes) {
    const sizes = `value ${valueBytes} of ${maxRecordBytes}, key ${keyBytes} of ${maxKeyBytes}, headers ${headerBytes} of ${maxHeaderBytes}`;
    throw new EventLogError('record_too_large', `A record for ${topic} is too large (bytes): ${sizes}.`);
  }
  return valueBytes + keyBytes + headerBytes;
}

function prepare(
  placed: readonly Placed[],
  references: readonly SegmentReference[],
  positions: RecordPosition[],
  ends: Map<StoredPartition, number>,
): IndexOperation[] {
  const operations: IndexOperation[] = [];
  let next = 0;
  for (const { record, partition } of placed) {
    const { topic, key, value, headers = {} } = record;
    const reference = value && isLarge(value) ? (references[next++] ?? null) : null;
    const offset = partition.next++;
    partition.lastTimestamp = Math.max(Date.now(), partition.lastTimestamp);
    const { number, lastTimestamp: timestamp } = partition;
    const at = recordKey(topic, number, offset);
    const stored = { key, headers, timestamp, value: reference ? null : value, reference };
    operations.push({ type: 'put', key: at, value: encodeRecord(stored) });
    if (reference) operations.push(valueEntry(reference, at));
    positions.push({ topic, partition: number, offset, timestamp });
    ends.set(partition, partition.next);
  }
  for (const [partition, end] of ends) {
    const key = endKey(partition.topic.specification.name, partition.number);
    operations.push({ type: 'put', key, value: endOf(end, partition.lastTimestamp) });
  }
  return operations;
}

/** The index entry that says which record uses the bytes. */
export function valueEntry(reference: SegmentReference, record: string): IndexOperation {
  const value = Buffer.from(`${reference.length}!${record}`);
  return { type: 'put', key: valueKey(reference.segment, reference.position), value };
}

function publish(ends: ReadonlyMap<StoredPartition, number>): void {
  for (const [partition, end] of ends) {
    partition.end = end;
    for (const listener of partition.listeners) listener();
  }
}
