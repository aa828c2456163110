/**
 * What a consumer does at a record that fails each time, where order forbids to go on without it. This comment is the contract; the
 * conformance suite tests it over every engine.
 *
 * **An outage** is not counted: the engine delivers the record again after its pauses. **Any other failure** is counted. From the fifth one
 * on, the topic of blocked partitions says at which record the partition stands, why, since when and after how many attempts. The
 * attempts go on, with pauses that grow up to half a minute, so that a release which knows better frees the partition by itself.
 *
 * **Orders** come from the control topic, and whichever member owns the partition obeys them: `retry` ends the pause, and `skip` passes over
 * exactly that record. What stands before it is committed. A later owner of the partition finds a skip, too. Once the partition moves on, the entry is removed.
 */
import { type Pauses, pauseAfter } from '@tidings/failures/retry.ts';
import type { ErrorSummary } from '../error-summary.ts';
import { type EventLog, isLogOver, type LogRecord, type NewRecord, Postponement } from '../event-log.ts';
import {
  type BlockedPartition,
  BlockedPartitions,
  encodeBlocked,
  encodeUnblocked,
  type GroupPartition,
  partitionKey,
} from './blocked-partitions.ts';
import { ControlJournal } from './control-journal.ts';
import type { ControlRecord } from './control-records.ts';

export interface BlockingOptions {
  readonly blockedTopic: string;
  readonly controlTopic: string;
  /** Whether an engine was away, so that the failure says nothing about the record. */
  isOutage(error: unknown): boolean;
  /** What may be said of an error on the log: it quotes no data. */
  describe(error: unknown): ErrorSummary;
  /** Called for each further failure of a blocked partition. */
  onBlocked(blocked: BlockedPartition): void;
  /** Called when a record is passed over. */
  onSkipped(record: LogRecord, order: ControlRecord): void;
  /** Pauses of a blocked partition; default 100 ms to 30 s, from the first failure on. */
  readonly pauses?: Pauses;
  /** Milliseconds between two looks for orders while a partition is blocked; default 500. */
  readonly lookMs?: number;
}

/** Failures at a record, after which its partition is called blocked. */
export const BLOCKED_AFTER = 5;
const DEFAULT_PAUSES: Pauses = { firstMs: 100, longestMs: 30_000 };
const DEFAULT_LOOK_MS = 500;

interface Failing {
  readonly offset: number;
  readonly since: number;
  attempts: number;
  /** The newest order that was seen, by its offset; -1: none. */
  seen: number;
}

/** The records at which the partitions of one group's member fail. */
export class FailingRecords {
  readonly #log: EventLog;
  readonly #group: string;
  readonly #options: BlockingOptions;
  readonly #journal: ControlJournal;
  #blocked: BlockedPartitions;
  /** By `partitionKey`. At most one for each partition. */
  readonly #failing = new Map<string, Failing>();

  constructor(log: EventLog, group: string, options: BlockingOptions) {
    this.#log = log;
    this.#group = group;
    this.#options = options;
    this.#journal = new ControlJournal(log, options.controlTopic);
    this.#blocked = new BlockedPartitions(log, options.blockedTopic);
  }

  /** To be called when the member gets a partition, before its first record: a former owner may have left an entry. */
  async begin(): Promise<void> {
    // Read anew: the removal of an entry may have been lost with the transaction that it stood in.
    const blocked = new BlockedPartitions(this.#log, this.#options.blockedTopic);
    await blocked.refresh();
    this.#blocked = blocked;
  }

  /** Where the partition fails; null where its last record has been handled. */
  failingAt(place: Omit<GroupPartition, 'group'>): number | null {
    return this.#failing.size === 0 ? null : (this.#failing.get(this.#keyOf(place))?.offset ?? null);
  }

  /**
   * To be called for each record that was handled or passed over.
   * @returns what to append where the partition was blocked there
   */
  passed(record: LogRecord): readonly NewRecord[] {
    // A processor begins again before the record that failed.
    if (record.offset >= (this.failingAt(record) ?? Number.POSITIVE_INFINITY))
      this.#failing.delete(this.#keyOf(record));
    const partition = this.#partitionOf(record);
    const entry = this.#blocked.get(partition);
    if (entry === undefined || entry.offset > record.offset) return [];
    this.#blocked.remove(partition);
    return [encodeUnblocked(this.#options.blockedTopic, partition)];
  }

  /**
   * To be called for each failure of a record. Resolves where the record is to be passed over.
   * @throws what the handler is to throw, so that the engine delivers the record again
   */
  async failed(record: LogRecord, error: unknown): Promise<void> {
    const { isOutage, describe, onBlocked, onSkipped, blockedTopic, pauses = DEFAULT_PAUSES } = this.#options;
    if (isOutage(error)) throw error;
    const failing = this.#count(record);
    const order = await this.#order(record);
    failing.seen = order?.offset ?? failing.seen;
    if (order?.action === 'skip') return onSkipped(record, order);
    const { offset, since, attempts } = failing;
    if (attempts < BLOCKED_AFTER) throw error;
    const blocked = {
      ...this.#partitionOf(record),
      offset,
      key: record.key,
      error: describe(error),
      since,
      attempts,
    };
    await this.#log.append([encodeBlocked(blockedTopic, blocked)]);
    await this.#blocked.refresh();
    onBlocked(blocked);
    const pauseMs = pauseAfter(attempts, pauses);
    throw new Postponement(pauseMs, { endedBy: this.#ordered(record, failing, pauseMs) });
  }

  #count(record: LogRecord): Failing {
    const key = this.#keyOf(record);
    const known = this.#failing.get(key);
    const entry = this.#blocked.get(this.#partitionOf(record));
    const since = entry?.offset === record.offset ? entry.since : Date.now();
    const failing =
      known?.offset === record.offset ? known : { offset: record.offset, since, attempts: 0, seen: -1 };
    failing.attempts += 1;
    this.#failing.set(key, failing);
    return failing;
  }

  #order(record: LogRecord): Promise<ControlRecord | null> {
    const { offset } = record;
    return this.#journal.newest({ kind: 'blocked_partition', ...this.#partitionOf(record), offset });
  }

  /** A signal that a new order about the record ends. It looks for orders as long as the pause lasts. */
  #ordered(record: LogRecord, failing: Failing, pauseMs: number): AbortSignal {
    const { lookMs = DEFAULT_LOOK_MS } = this.#options;
    const controller = new AbortController();
    const end = performance.now() + pauseMs;
    const lookLater = () => {
      if (performance.now() + lookMs < end) setTimeout(look, lookMs).unref();
    };
    const look = async () => {
      try {
        const order = await this.#order(record);
        if (order !== null && order.offset > failing.seen) return controller.abort();
      } catch (error) {
        if (isLogOver(error)) return;
      }
      lookLater();
    };
    lookLater();
    return controller.signal;
  }

  #partitionOf({ topic, partition }: Omit<GroupPartition, 'group'>): GroupPartition {
    return { group: this.#group, topic, partition };
  }

  #keyOf(place: Omit<GroupPartition, 'group'>): string {
    return partitionKey(this.#partitionOf(place));
  }
}
