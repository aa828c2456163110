/**
 * The log as a port. This comment is the delivery contract: every engine keeps it, and `conformance/` tests it.
 *
 * **Records.** A record has a topic, a partition, an offset, a key, a value (bytes, or null for a tombstone), headers
 * and a timestamp. Offset and timestamp are set by the log; offsets of a partition rise, but may have gaps. The same key
 * goes to the same partition of topics that have the same number of partitions (murmur2, as Kafka's own clients do).
 *
 * **Append.** `append` resolves when every record of the call is durable, and rejects when that is not known. Some of its
 * records may stand on the log then, and a caller that repeats the call may append them twice; the log itself never does. Records
 * of one call that share a partition keep the order of the call. Two calls keep their order too, also where the second does not
 * wait for the first. The bytes must not change before it resolves. The caller bounds its appends in
 * flight: an engine refuses, with `log_overloaded`, appends beyond 64 MiB that are not durable yet, also a single larger call.
 *
 * **Consume.** A group's members share the partitions of its topics; each partition has one member at a time. Records of
 * a partition come in order, at least once, in batches; the next batch of a partition comes when the handler has
 * resolved. Its position is committed at once or soon after, never before: of the batches that a dead member had finished, at most the
 * last 16 come again. A handler that throws gets the same records again, after a growing pause (see
 * `BlockingRetry`) or after the time that a `Postponement` names, while other partitions go on. When a member joins, leaves or dies,
 * partitions move, and unfinished records are delivered to the next owner (see `Handover`). A group without a position starts at the earliest record.
 * With `batchesAtOnce` the next batch comes as soon as one of that many is over, whichever it is. The position moves behind the oldest batch in hand, so that
 * nothing is lost, and what was handled behind it may come again: 10,000 offsets at most. Where a handler throws, what is in hand ends first.
 *
 * **Process.** Consume-transform-produce: what a `PartitionProcessor` returns from `outputs` becomes visible together with
 * the consumed position, or not at all, also when the process dies between any two steps. After a failure, or when the
 * partition moves, the processor is thrown away. The next one is created once all earlier commits are final, so that it
 * may read its state from the log. A former owner of the partition can no longer commit.
 *
 * **Read.** Records in order, for this reader alone, without a group. Readers and consumers see committed records only.
 *
 * **Compaction.** A topic with `cleanup: 'compact'` keeps at least the newest record of each key; a tombstone removes
 * the key, and may itself vanish later.
 *
 * **Bounds.** No engine holds more than `maxBatchBytes` plus one record for each running handler, however many records wait.
 *
 * **Stop.** `Consumer.stop` takes no new batch, waits for running handlers, commits their positions, and leaves the
 * group. `EventLog.close` stops every consumer first, and ends every reader: a loop over a reader ends as at the end of the
 * topic. Later calls reject with `log_closed`. Both are safe to call twice.
 */
import { codeOf, Failure } from '@tidings/failures/failure.ts';

/**
 * Milliseconds for which a transaction of a member that is silent may hang, at most, in every engine: so long may it hide committed records
 * that stand behind it. Whoever concludes from what does not show waits longer than that.
 */
export const MAX_TRANSACTION_MS = 10_000;

export type RecordHeaders = Readonly<Record<string, string>>;

export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  /** null is a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: RecordHeaders;
  /** Milliseconds since 1970, of the log's own clock, when it was appended. */
  readonly timestamp: number;
}

export interface NewRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly headers?: RecordHeaders;
}

export interface RecordPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
}

export interface TopicSpecification {
  readonly name: string;
  /** 1 to 1,000. An existing topic keeps its number; another number is an error. */
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  /** Milliseconds after which records may go. Default: they stay until they are purged or compacted. */
  readonly retentionMs?: number;
  /** The largest value, in bytes, that the topic takes; default 1 MiB. */
  readonly maxRecordBytes?: number;
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: number;
  /** Differs for a topic that was deleted and made again, so that positions of the two can be told apart. */
  readonly incarnation: string;
}

/** Pauses between deliveries of a batch whose handler throws. They double from the first to the longest, without end. */
export interface BlockingRetry {
  /** Milliseconds; default 100. */
  readonly initialDelayMs: number;
  /** Milliseconds; default 30,000. */
  readonly maxDelayMs: number;
}

/**
 * The group's position in the partition before and after a batch. After the batch the group commits `next`, where the next batch
 * begins. A program that stores `next` can tell later whether records lie between.
 */
export interface BatchSpan {
  readonly from: number;
  readonly next: number;
  /** Whether it is the first batch since the member got the partition: another member may have been at work on these records. */
  readonly first: boolean;
}

/** A member's batches of one partition, and its partitions, share the places that it has for handlers. */
export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Gets records of one partition, in order; never none. Its calls for one partition overlap where `batchesAtOnce` says so, and never else. */
  handler(records: readonly LogRecord[], span: BatchSpan): Promise<void>;
  /** 1 to 10,000; default 500. */
  readonly maxBatchRecords?: number;
  /** Bytes of values in a batch; a single record larger than this still comes. Default 1 MiB. */
  readonly maxBatchBytes?: number;
  /** Partitions whose handlers may run at once in this member; default 1. */
  readonly concurrency?: number;
  /** Batches of one partition that may be handled at once, 1 to 1,000; default 1. */
  readonly batchesAtOnce?: number;
  readonly retry?: BlockingRetry;
  /** Called for each error, before the pause. */
  onError?(error: unknown, attempt: number): void;
  /** Called for a partition that this member is to give up, whether a handler runs or not. Must not throw. */
  onHandover?(handover: Handover): void;
}

/**
 * `wanted`: the group shares its partitions anew, or the consumer stops: a handler that ends soon, also by a failure, has its position
 * committed before. The member may keep the partition, and goes on then. `lost`: the partition has another owner, though a handler may run.
 */
export interface Handover {
  readonly topic: string;
  readonly partition: number;
  readonly state: 'wanted' | 'lost';
}

/** Of a batch, only the records before the offset `next` were handled, one at least: the others come again, once those are committed. */
export interface HandledPart {
  readonly next: number;
}

export type Handled = boolean | HandledPart;

/**
 * Works one partition off while this member owns it. Calls of its methods never overlap. Further records may be handled while the
 * outputs are on their way into the log. After any failure the processor is thrown away.
 */
export interface PartitionProcessor {
  /** Folds the records in. True, or a part, asks for a commit now; else one follows within `commitIntervalMs`. */
  handle(records: readonly LogRecord[]): Handled | Promise<Handled>;
  /** Called at each commit: the records to append with the position, for everything handled since the last commit. */
  outputs(): readonly NewRecord[] | Promise<readonly NewRecord[]>;
}

export interface ProcessOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Called for each new partition, before its first batch. It may read the state back from the log. */
  createProcessor(topic: string, partition: number): PartitionProcessor | Promise<PartitionProcessor>;
  /** Milliseconds; default 200. */
  readonly commitIntervalMs?: number;
  readonly maxBatchRecords?: number;
  readonly maxBatchBytes?: number;
  readonly retry?: BlockingRetry;
  onError?(error: unknown, attempt: number): void;
  /** As of `ConsumeOptions`: what a processor has begun outside of its calls may end there. */
  onHandover?(handover: Handover): void;
}

export interface Consumer {
  /** Drains and leaves. Safe to call twice. */
  stop(): Promise<void>;
}

/** Where a reader begins: at the earliest record, at the first one not older than a time, or at given offsets. */
export type ReadFrom = 'earliest' | { readonly timestamp: number } | { readonly offsets: readonly number[] };

export interface ReadOptions {
  readonly topic: string;
  /** Default: all of the topic. */
  readonly partitions?: readonly number[];
  /** `offsets` are indexed by partition. */
  readonly from: ReadFrom;
  /** false: ends at what was the end when the reader began. true: goes on until the iteration is left. */
  readonly follow: boolean;
}

export interface EventLog {
  /**
   * Makes the missing topics. Where topics exist with other settings it rejects with `topic_mismatch`, names each topic
   * and each difference, and makes none.
   */
  ensureTopics(topics: readonly TopicSpecification[]): Promise<void>;
  /** Rejects with `topic_unknown`. */
  describeTopic(topic: string): Promise<TopicDescription>;
  /** Positions in the order of the records. Rejects with `topic_unknown`, `record_too_large`, `log_overloaded`, `log_unavailable`. */
  append(records: readonly NewRecord[]): Promise<RecordPosition[]>;
  consume(options: ConsumeOptions): Promise<Consumer>;
  process(options: ProcessOptions): Promise<Consumer>;
  /** Batches of at most 500 records or 1 MiB, each of one partition. Leaving the loop ends the reader. */
  read(options: ReadOptions): AsyncIterable<readonly LogRecord[]>;
  /** By partition: the offset that the next record will get. */
  endOffsets(topic: string): Promise<number[]>;
  /** By partition: the offset from which the group goes on; null where it has none yet. */
  committedOffsets(group: string, topic: string): Promise<(number | null)[]>;
  /** Members of the group, in all processes; 0 for a group that is not known. A member that died counts until its group notices. */
  countMembers(group: string): Promise<number>;
  /** Removes the records before the committed offsets of the group. Resolves with their number, which may be estimated too high. */
  purge(topic: string, group: string): Promise<number>;
  close(): Promise<void>;
}

export type EventLogErrorCode =
  | 'topic_unknown'
  | 'topic_mismatch'
  | 'record_too_large'
  | 'log_overloaded'
  | 'log_unavailable'
  | 'log_refused'
  | 'log_closed'
  | 'log_in_use';

const retriableCodes: ReadonlySet<EventLogErrorCode> = new Set(['log_overloaded', 'log_unavailable']);

/**
 * A handler of `consume`, or a processor, throws it to get the same records again after the time, or earlier. It is no failure: `onError`
 * does not hear of it. Until then the partition holds no batch and no slot, and the consumer may stop.
 */
export class Postponement extends Failure<'postponed'> {
  override name = 'Postponement';
  readonly milliseconds: number;
  /** Ends the wait, also from another thread. */
  readonly endedBy: AbortSignal | undefined;

  constructor(milliseconds: number, { endedBy }: { readonly endedBy?: AbortSignal } = {}) {
    super('postponed', `The records are wanted again in ${milliseconds} ms.`, { retriable: true });
    this.milliseconds = milliseconds;
    this.endedBy = endedBy;
  }
}

/** Whether the error says that the log is closed, in this thread or beyond a port, so that no call will succeed again. */
export function isLogOver(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'log_closed' || code === 'port_closed';
}

/** The only error of the port, beside a RangeError for arguments that are out of range. */
export class EventLogError extends Failure<EventLogErrorCode> {
  override name = 'EventLogError';

  constructor(code: EventLogErrorCode, message: string, { cause }: { readonly cause?: unknown } = {}) {
    super(code, message, { retriable: retriableCodes.has(code), cause });
  }
}
