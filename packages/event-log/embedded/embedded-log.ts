/**
 * The log on one machine, for one process: an index in LevelDB, and segment files for the bytes of large values.
 *
 *     index/                     LevelDB; its lock keeps a second process out
 *       t!topic                  specification and incarnation
 *       r!topic!0003!offset      record: key, headers, timestamp, and the value, or where it stands in a segment
 *       e!topic!0003             offset of the next record, and the last timestamp
 *       b!topic!0003             first offset that is still kept
 *       g!group!topic!0003       committed offset
 *       v!segment!position       length of a value in use, and the key of its record
 *       k!topic!0003!key         compacted topics: newest offset of the key, as far as compaction has come
 *       d!topic!0003!offset      compacted topics: a tombstone that is still kept
 *       c!topic!0003             compacted topics: how far compaction has come
 *     segments/0000000001.seg    values of 4 KiB and more, one behind another
 *
 * Every change is one LevelDB batch, made by `CommitQueue` alone, which comes after the `fdatasync` of the values it refers
 * to. What a crash leaves:
 *
 * - before or during the write of values: bytes at the end of a segment that no entry refers to. The next start deletes a segment
 *   that holds only such bytes; another segment goes with its last value in use;
 * - after that and before the batch: the same;
 * - during the batch: LevelDB keeps a batch whole or not at all, so outputs and committed offset of `process` stay together;
 * - after the batch and before the caller's answer: the records are there without an acknowledgement;
 * - during the removal of records: the finished steps stay, and the next start goes on. A segment's file goes only after the
 *   index has durably forgotten its values.
 *
 * Appends and the commits of `process` are synced. The operating system writes the positions of `consume`, and removals,
 * before the next synced batch: a power failure may undo them, the death of the process does not.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { consumeWorkers } from '../engine/consume-workers.ts';
import type { CrashPointHook } from '../engine/crash-points.ts';
import { Lifetime } from '../engine/lifetime.ts';
import { batchLimits, checkName, partitionsToRead } from '../engine/limits.ts';
import { ProcessWorker } from '../engine/process-worker.ts';
import type {
  ConsumeOptions,
  Consumer,
  EventLog,
  LogRecord,
  NewRecord,
  ProcessOptions,
  ReadOptions,
  RecordPosition,
  TopicDescription,
  TopicSpecification,
} from '../event-log.ts';
import { appendCommit } from './append.ts';
import { Cleaner } from './cleaner.ts';
import { CommitQueue } from './commit-queue.ts';
import type { EmbeddedCrashPoint } from './crash-points.ts';
import { Group, type Member, type MemberWorker } from './group.ts';
import { type Index, openIndex } from './index-store.ts';
import { Maintenance } from './maintenance.ts';
import { EmbeddedPartition, type EmbeddedSourceParts } from './partition-source.ts';
import { EmbeddedReaderSource } from './reader-source.ts';
import { liveBytes, SegmentCleaner } from './segment-cleaner.ts';
import { SegmentStore } from './segments.ts';
import { StoredRecords } from './stored-records.ts';
import { EmbeddedTopics, type StoredPartition } from './topics.ts';

export interface EmbeddedLogOptions {
  /** Made if missing. One log has it open at a time. */
  readonly directory: string;
  /** Gets a line for background work that has failed and will be tried again. */
  readonly logger?: { warn(details: object, message: string): void };
  /** Milliseconds between two rounds of compaction and retention; default 5,000. */
  readonly maintenanceIntervalMs?: number;
  /** Milliseconds for which a tombstone stays at least, so that readers of the moment see it; default 60,000. */
  readonly tombstoneRetentionMs?: number;
  /** Milliseconds that a member may take to give up a moving partition before it is fenced; default 60,000. */
  readonly handoverTimeoutMs?: number;
  /**
   * Whether the thread that a handler or a `createProcessor` belongs to has ended, so that it never answers again. Its member is then
   * removed from its group. Default: no thread ends.
   */
  readonly hasCallerEnded?: (callback: object) => boolean;
  /** For tests only: called at each crash point, to kill the process there, or to throw as a failing disk would. */
  readonly onCrashPoint?: CrashPointHook<EmbeddedCrashPoint>;
}

/** Rejects with `log_in_use` when the directory is open already, here or in another process, and with `log_unavailable`. */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EventLog> {
  const { directory, onCrashPoint = () => undefined } = options;
  await mkdir(directory, { recursive: true });
  const index = await openIndex(join(directory, 'index'));
  try {
    const segments = await SegmentStore.open(join(directory, 'segments'), await liveBytes(index));
    const queue = new CommitQueue(index, segments, onCrashPoint);
    const topics = await EmbeddedTopics.load(index, queue);
    queue.onRepaired = async () => {
      segments.recount(await liveBytes(index));
      await topics.reload(index);
    };
    const records = new StoredRecords(index, segments);
    return new EmbeddedLog({ index, segments, queue, topics, records, onCrashPoint }, options);
  } catch (error) {
    await index.close();
    throw error;
  }
}

interface Parts extends EmbeddedSourceParts {
  readonly index: Index;
  readonly segments: SegmentStore;
  readonly onCrashPoint: CrashPointHook<EmbeddedCrashPoint>;
}

class EmbeddedLog implements EventLog {
  private readonly parts: Parts;
  private readonly cleaner: Cleaner;
  private readonly segmentCleaner: SegmentCleaner;
  private readonly maintenance: Maintenance;
  private readonly handoverTimeoutMs: number;
  private readonly hasCallerEnded: (callback: object) => boolean;
  private readonly groups = new Map<string, Group>();
  private readonly lifetime = new Lifetime();

  constructor(parts: Parts, options: EmbeddedLogOptions) {
    const { tombstoneRetentionMs = 60_000, maintenanceIntervalMs = 5_000, logger } = options;
    this.parts = parts;
    this.handoverTimeoutMs = options.handoverTimeoutMs ?? 60_000;
    this.hasCallerEnded = options.hasCallerEnded ?? (() => false);
    this.cleaner = new Cleaner({ ...parts, tombstoneRetentionMs });
    this.segmentCleaner = new SegmentCleaner(parts);
    this.maintenance = new Maintenance({
      topics: parts.topics,
      cleaner: this.cleaner,
      segmentCleaner: this.segmentCleaner,
      intervalMs: maintenanceIntervalMs,
      onError: (error) => logger?.warn({ err: error }, 'cleaning the event log failed; retrying'),
    });
  }

  async ensureTopics(topics: readonly TopicSpecification[]): Promise<void> {
    this.lifetime.check();
    await this.parts.topics.ensure(topics);
  }

  async describeTopic(name: string): Promise<TopicDescription> {
    this.lifetime.check();
    const { incarnation, partitions } = this.parts.topics.get(name);
    return { name, partitions: partitions.length, incarnation };
  }

  async append(records: readonly NewRecord[]): Promise<RecordPosition[]> {
    this.lifetime.check();
    if (records.length === 0) return [];
    const { commit, positions } = appendCommit(this.parts.topics, records);
    await this.parts.queue.submit(commit);
    return [...positions];
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    return this.join(options, options.handler, consumeWorkers(options));
  }

  async process(options: ProcessOptions): Promise<Consumer> {
    const { onCrashPoint } = this.parts;
    return this.join(
      options,
      options.createProcessor,
      (source) => new ProcessWorker(source, options, onCrashPoint),
    );
  }

  read(options: ReadOptions): AsyncIterable<readonly LogRecord[]> {
    const { topic, partitions } = options;
    return this.lifetime.addReader(
      new EmbeddedReaderSource(this.parts.records, options, () => this.partitionsToRead(topic, partitions)),
    );
  }

  async endOffsets(topic: string): Promise<number[]> {
    this.lifetime.check();
    return this.parts.topics.get(topic).partitions.map(({ end }) => end);
  }

  async committedOffsets(group: string, topic: string): Promise<(number | null)[]> {
    this.lifetime.check();
    const { partitions } = this.parts.topics.get(topic);
    return partitions.map(({ committed }) => committed.get(group) ?? null);
  }

  async countMembers(group: string): Promise<number> {
    this.lifetime.check();
    return this.groups.get(group)?.size ?? 0;
  }

  async purge(topic: string, group: string): Promise<number> {
    this.lifetime.check();
    const { partitions } = this.parts.topics.get(topic);
    return this.maintenance.run(async () => {
      this.lifetime.check();
      let forgotten = 0;
      for (const partition of partitions) {
        const committed = partition.committed.get(group) ?? 0;
        forgotten += await this.cleaner.dropUntil(partition, Math.min(committed, partition.end));
      }
      await this.segmentCleaner.deleteEmpty();
      return forgotten;
    });
  }

  close(): Promise<void> {
    return this.lifetime.close(async () => {
      await this.maintenance.close();
      await this.parts.queue.idle();
      await this.parts.segments.close();
      await this.parts.index.close();
    });
  }

  private partitionsToRead(
    topic: string,
    numbers: readonly number[] | undefined,
  ): readonly StoredPartition[] {
    this.lifetime.check();
    const { partitions } = this.parts.topics.get(topic);
    const wanted = new Set(partitionsToRead(topic, partitions.length, numbers));
    return partitions.filter(({ number }) => wanted.has(number));
  }

  private join(
    options: ConsumeOptions | ProcessOptions,
    callback: object,
    start: (source: EmbeddedPartition) => MemberWorker,
  ): Consumer {
    this.lifetime.check();
    checkName('group', options.group);
    batchLimits(options);
    const group = this.group(options.group);
    const partitions = options.topics.flatMap((topic) => this.parts.topics.get(topic).partitions);
    const hasCallerEnded = (): boolean => this.hasCallerEnded(callback);
    const evict = (): void => group.evict(member);
    const member: Member = {
      partitions,
      start: (lease) =>
        start(new EmbeddedPartition(this.parts, { group: options.group, lease, hasCallerEnded, evict })),
    };
    const consumer = this.lifetime.addConsumer(() => group.leave(member));
    group.join(member);
    return consumer;
  }

  private group(name: string): Group {
    const known = this.groups.get(name);
    if (known) return known;
    const settled = (): Promise<void> => this.parts.queue.barrier();
    const group = new Group({ settled, handoverTimeoutMs: this.handoverTimeoutMs });
    this.groups.set(name, group);
    return group;
  }
}
