import type { CommitQueue } from './commit-queue.ts';
import { type Index, type IndexOperation, toJson } from './index-store.ts';
import { cleanedKey, newestKey, offsetOf, recordKey, startKey, tombstoneKey, valueKey } from './keys.ts';
import { decodeRecord, type SegmentReference } from './record-codec.ts';
import type { SegmentStore } from './segments.ts';
import type { StoredEntry, StoredRecords } from './stored-records.ts';
import type { StoredPartition } from './topics.ts';

/** Records of one step; other work runs between two steps. */
const recordsPerStep = 500;
/** Milliseconds after which a tombstone goes, even if a reader or a group has not passed it. */
const longestTombstoneMs = 24 * 60 * 60 * 1000;

export interface CleanerParts {
  readonly index: Index;
  readonly queue: CommitQueue;
  readonly records: StoredRecords;
  readonly segments: SegmentStore;
  /** How long a tombstone stays at least, in milliseconds. */
  readonly tombstoneRetentionMs: number;
}

/**
 * Removes records: those before an offset, and those of a compacted topic that a newer record of the same key replaces.
 * Its calls never overlap. After a crash in any step, the next run goes on where the last finished step ended.
 */
export class Cleaner {
  private readonly parts: CleanerParts;

  constructor(parts: CleanerParts) {
    this.parts = parts;
  }

  /** Removes every record before the offset; resolves with their number. */
  async dropUntil(partition: StoredPartition, until: number): Promise<number> {
    let dropped = 0;
    while (partition.start < until) {
      const limits = { until, maxRecords: recordsPerStep, maxBytes: Number.POSITIVE_INFINITY };
      const entries = await this.parts.records.entries(partition, partition.start, limits);
      const start = entries.length < recordsPerStep ? until : (entries.at(-1)?.offset ?? until) + 1;
      const key = startKey(partition.topic.specification.name, partition.number);
      await this.remove(partition, entries, [{ type: 'put', key, value: toJson(start) }]);
      partition.start = start;
      dropped += entries.length;
    }
    return dropped;
  }

  async expire(partition: StoredPartition, retentionMs: number): Promise<void> {
    const oldest = Date.now() - retentionMs;
    const limits = { until: partition.end, maxRecords: 1, maxBytes: 0 };
    const [first] = await this.parts.records.entries(partition, partition.start, limits);
    if (!first || first.stored.timestamp >= oldest) return;
    await this.dropUntil(partition, await this.parts.records.offsetAt(partition, oldest));
  }

  /**
   * Compacts the records that were appended since the last time. The index keeps the newest offset of each key, so that the cost of a
   * step does not grow with the topic.
   */
  async compact(partition: StoredPartition): Promise<void> {
    while (partition.cleaned < partition.end) {
      const limits = { until: partition.end, maxRecords: recordsPerStep, maxBytes: Number.POSITIVE_INFINITY };
      // A copy, because the offset moves when a write that seemed to have failed turns out to have succeeded.
      const from = partition.cleaned;
      const entries = await this.parts.records.entries(partition, from, limits);
      const cleaned = (entries.at(-1)?.offset ?? limits.until - 1) + 1;
      await this.compactStep(partition, entries, { from, cleaned });
      partition.cleaned = cleaned;
    }
    await this.dropTombstones(partition);
  }

  private async compactStep(
    partition: StoredPartition,
    entries: readonly StoredEntry[],
    { from, cleaned }: { readonly from: number; readonly cleaned: number },
  ): Promise<void> {
    const { name } = partition.topic.specification;
    const newest = new Map(entries.map((entry) => [entry.stored.key, entry]));
    const superseded = entries.filter((entry) => newest.get(entry.stored.key) !== entry);
    superseded.push(...(await this.previous(partition, newest, from)));
    const operations: IndexOperation[] = [
      { type: 'put', key: cleanedKey(name, partition.number), value: toJson(cleaned) },
    ];
    for (const [key, { offset, stored }] of newest) {
      operations.push({ type: 'put', key: newestKey(name, partition.number, key), value: toJson(offset) });
      if (stored.value !== null || stored.reference !== null) continue;
      operations.push({ type: 'put', key: tombstoneKey(name, partition.number, offset), value: toJson(key) });
    }
    await this.remove(partition, superseded, operations);
  }

  /** The records before an offset that were the newest of their keys until now. */
  private async previous(
    partition: StoredPartition,
    newest: ReadonlyMap<string, StoredEntry>,
    before: number,
  ): Promise<StoredEntry[]> {
    const { name } = partition.topic.specification;
    const keys = [...newest.keys()].map((key) => newestKey(name, partition.number, key));
    const known = await this.parts.index.getMany(keys);
    const offsets = known.flatMap((value) => (value ? [Number(value.toString())] : []));
    const wanted = offsets.filter((offset) => offset < before);
    const values = await this.parts.index.getMany(
      wanted.map((offset) => recordKey(name, partition.number, offset)),
    );
    return wanted.flatMap((offset, place) => {
      const value = values[place];
      return value ? [{ offset, stored: decodeRecord(value) }] : [];
    });
  }

  /** Removes a tombstone that is old enough and that every reader and group has passed. */
  private async dropTombstones(partition: StoredPartition): Promise<void> {
    const { name } = partition.topic.specification;
    const range = {
      gte: tombstoneKey(name, partition.number, 0),
      lt: tombstoneKey(name, partition.number, partition.end),
    };
    for (;;) {
      const offsets = (await this.parts.index.keys({ ...range, limit: recordsPerStep }).all()).map(offsetOf);
      if (offsets.length === 0) return;
      const values = await this.parts.index.getMany(
        offsets.map((offset) => recordKey(name, partition.number, offset)),
      );
      const passed = this.passedByAll(partition);
      const entries: StoredEntry[] = [];
      for (const [place, offset] of offsets.entries()) {
        const value = values[place];
        const stored = value ? decodeRecord(value) : null;
        if (stored && !this.isOver(stored.timestamp, offset < passed)) break;
        if (stored) entries.push({ offset, stored });
      }
      await this.remove(partition, entries, []);
      if (entries.length < offsets.length) return;
    }
  }

  private isOver(timestamp: number, passed: boolean): boolean {
    const age = Date.now() - timestamp;
    return (
      age >=
      (passed
        ? this.parts.tombstoneRetentionMs
        : Math.max(longestTombstoneMs, this.parts.tombstoneRetentionMs))
    );
  }

  /** The offset that every reader and every group of the partition has reached. */
  private passedByAll(partition: StoredPartition): number {
    const reading = [...partition.readers].map(({ offset }) => offset);
    return Math.min(partition.end, ...reading, ...partition.committed.values());
  }

  private async remove(
    partition: StoredPartition,
    entries: readonly StoredEntry[],
    alongside: readonly IndexOperation[],
  ): Promise<void> {
    // Puts come after deletions: a put may be the new entry of a key whose old entry goes.
    const operations = [...(await this.removals(partition, entries)), ...alongside];
    if (operations.length === 0) return;
    const references = entries.flatMap(({ stored }) => (stored.reference ? [stored.reference] : []));
    await this.parts.queue.submit({
      values: [],
      bytes: 0,
      size: operations.length,
      sync: false,
      prepare: () => operations,
      committed: () => this.parts.segments.forget(references),
    });
  }

  private async removals(
    partition: StoredPartition,
    entries: readonly StoredEntry[],
  ): Promise<IndexOperation[]> {
    const { name, cleanup } = partition.topic.specification;
    const operations = entries.flatMap(({ offset, stored }): IndexOperation[] => [
      { type: 'del', key: recordKey(name, partition.number, offset) },
      ...(stored.reference ? [forgetValue(stored.reference)] : []),
    ]);
    if (cleanup === 'delete') return operations;
    const keys = entries.map(({ stored }) => newestKey(name, partition.number, stored.key));
    const newest = await this.parts.index.getMany(keys);
    for (const [place, { offset }] of entries.entries()) {
      const key = keys[place];
      operations.push({ type: 'del', key: tombstoneKey(name, partition.number, offset) });
      if (key && newest[place]?.toString() === String(offset)) operations.push({ type: 'del', key });
    }
    return operations;
  }
}

export const forgetValue = ({ segment, position }: SegmentReference): IndexOperation => ({
  type: 'del',
  key: valueKey(segment, position),
});
