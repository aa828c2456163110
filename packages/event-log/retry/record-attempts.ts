/** One attempt at a record, and what becomes of it: its outputs, a further attempt later, or a dead letter. */
import type { ErrorSummary } from '../error-summary.ts';
import type { Handover, LogRecord, NewRecord } from '../event-log.ts';
import { decodeRetry, encodeDeadLetter, encodeRetry, type FailedRecord } from './retry-headers.ts';
import { deadLetterTopic, retryTopic } from './topic-names.ts';

export interface FailedAttempt {
  /** As at its origin. */
  readonly record: LogRecord;
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number;
  /** Attempts that a record has. */
  readonly attempts: number;
  readonly error: ErrorSummary;
}

/** This member's right to a partition. It is the same object for as long as the member has the partition. */
export interface Ownership {
  readonly topic: string;
  readonly partition: number;
  /** Of what is in hand; listeners that a record adds are its own to remove. Aborted when others may get the partition: what fails soon, as in an outage, counts no attempt and costs no time. */
  readonly handover: AbortSignal;
  /** Aborted when another member has the partition. What fails from now on is its next owner's alone. */
  readonly lost: AbortSignal;
}

/** Makes what this member may know of its right to a partition. */
export class OwnershipSignals {
  /** The same object for as long as this member has the partition. */
  readonly ownership: Ownership;
  #wanted = new AbortController();
  readonly #lost = new AbortController();

  constructor(partition: Pick<Ownership, 'topic' | 'partition'>) {
    const handover = () => this.#wanted.signal;
    this.ownership = {
      ...{ ...partition, lost: this.#lost.signal },
      get handover() {
        return handover();
      },
    };
  }

  get isWanted(): boolean {
    return this.#wanted.signal.aborted;
  }

  get isLost(): boolean {
    return this.#lost.signal.aborted;
  }

  /** Call it when a batch comes, and none is in hand: the member has the partition, or has it still. Returns the signal of the handover. */
  renew(): AbortSignal {
    this.#wanted = new AbortController();
    return this.#wanted.signal;
  }

  handOver(state: Handover['state']): void {
    this.#wanted.abort();
    if (state === 'lost') this.#lost.abort();
  }
}

export interface RetryHooks {
  /**
   * Works one record off, and returns what to append for it. Records of a partition come one after another, unless `recordsAtOnce` says otherwise. A record of a later attempt
   * looks as at its origin: topic, partition, offset and headers.
   * @param attempt from 1
   * @param ownership of the partition that it comes from, which may be one of a retry topic
   */
  handle(record: LogRecord, attempt: number, ownership: Ownership): Promise<readonly NewRecord[]>;
  /** Whether an engine was away, so that the failure says nothing about the record. */
  isOutage(error: unknown): boolean;
  /** What may be said of an error on the log: it quotes no data. */
  describe(error: unknown): ErrorSummary;
  /** What to append together with the record that waits for its next attempt. Must not throw. @param dueAt milliseconds since 1970 */
  onRetry?(failed: FailedAttempt, dueAt: number): readonly NewRecord[];
  /** What to append together with the dead letter. Must not throw. */
  onDead?(failed: FailedAttempt): readonly NewRecord[];
  /** What to append for a record that was ordered to be skipped while it waited; of its attempts, the last one. Must not throw. */
  onSkipped?(failed: FailedAttempt): readonly NewRecord[];
}

/** What an attempt leads to. */
export interface Outcome {
  /** What to append before the position moves behind the record. */
  readonly outputs: readonly NewRecord[];
  /** Whether the record is a dead letter. */
  readonly hasGivenUp: boolean;
}

/** A retry topic: whose records wait in it, and for how many milliseconds. */
export interface RetryTopic {
  readonly topic: string;
  readonly delayMs: number;
}

/** Code of the error of a dead letter whose process ended at each attempt. */
export const PROCESS_ENDED = 'process_ended';

const processEnded: ErrorSummary = {
  code: PROCESS_ENDED,
  message: 'The process ended each time while it handled the record.',
};
const notOurs: ErrorSummary = {
  code: 'malformed_retry',
  message: 'The headers do not say which record waits for another attempt.',
};

export class RecordAttempts {
  readonly #group: string;
  readonly #delaysMs: readonly number[];
  readonly #hooks: RetryHooks;

  constructor(group: string, delaysMs: readonly number[], hooks: RetryHooks) {
    this.#group = group;
    this.#delaysMs = delaysMs;
    this.#hooks = hooks;
  }

  /**
   * @param begunBefore how often a process has ended since it began this record
   * @param retryTopic where it comes from; null: from its origin
   * @throws what `handle` throws in an outage, or once the partition is lost
   */
  async attempt(
    record: LogRecord,
    begunBefore: number,
    retryTopic: RetryTopic | null,
    ownership: Ownership,
  ): Promise<Outcome> {
    const failed = retryTopic === null ? null : this.#decode(record, retryTopic);
    if (retryTopic !== null && failed === null) return this.#die(record, retryTopic.topic, 1, notOurs);
    const atOrigin = failed === null ? record : { ...record, ...failed.origin, headers: failed.headers };
    const before = (failed?.attempts ?? 0) + begunBefore;
    // A process that ends while it gives the record up has begun it once more, too.
    const all = this.#delaysMs.length + 1;
    if (before >= all) return this.#die(atOrigin, atOrigin.topic, all, processEnded);
    try {
      return { outputs: await this.#hooks.handle(atOrigin, before + 1, ownership), hasGivenUp: false };
    } catch (error) {
      if (ownership.lost.aborted || this.#hooks.isOutage(error)) throw error;
      return this.#fail(atOrigin, before + 1, this.#hooks.describe(error));
    }
  }

  /** What becomes of a record of a retry topic that is given up without a further attempt. */
  skip(record: LogRecord, retryTopic: RetryTopic): Outcome {
    const failed = this.#decode(record, retryTopic);
    if (failed === null) return this.#die(record, retryTopic.topic, 1, notOurs);
    const atOrigin = { ...record, ...failed.origin, headers: failed.headers };
    const outputs = this.#hooks.onSkipped?.(this.#described(atOrigin, failed.attempts, failed.error)) ?? [];
    return { outputs, hasGivenUp: false };
  }

  /** null where the record was not put there by this group for its topic. */
  #decode(record: LogRecord, { topic }: RetryTopic): FailedRecord | null {
    const failed = decodeRetry(record)?.failed ?? null;
    return failed?.group === this.#group && failed.origin.topic === topic ? failed : null;
  }

  #fail(record: LogRecord, attempt: number, error: ErrorSummary): Outcome {
    const delayMs = this.#delaysMs[attempt - 1];
    if (delayMs === undefined) return this.#die(record, record.topic, attempt, error);
    const dueAt = Date.now() + delayMs;
    const topic = retryTopic(record.topic, this.#group, attempt);
    const more = this.#hooks.onRetry?.(this.#described(record, attempt, error), dueAt) ?? [];
    const copy = encodeRetry(topic, this.#failedRecord(record, attempt, error), dueAt);
    return { outputs: [copy, ...more], hasGivenUp: false };
  }

  /** @param topic whose dead letter it is */
  #die(record: LogRecord, topic: string, attempts: number, error: ErrorSummary): Outcome {
    const letter = encodeDeadLetter(
      deadLetterTopic(topic, this.#group),
      this.#failedRecord(record, attempts, error),
    );
    const more = this.#hooks.onDead?.(this.#described(record, attempts, error)) ?? [];
    return { outputs: [letter, ...more], hasGivenUp: true };
  }

  #described(record: LogRecord, attempt: number, error: ErrorSummary): FailedAttempt {
    return { record, attempt, attempts: this.#delaysMs.length + 1, error };
  }

  #failedRecord(record: LogRecord, attempts: number, error: ErrorSummary): FailedRecord {
    const { topic, partition, offset, key, value, headers } = record;
    const origin = { topic, partition, offset };
    return { group: this.#group, origin, key, value, headers, attempts, error, failedAt: Date.now() };
  }
}
