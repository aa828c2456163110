import { setTimeout as pause } from 'node:timers/promises';
import type { PartitionProcessor, ProcessOptions } from '../event-log.ts';
import { PartitionWorker, type Place, type WorkerParts } from './partition-worker.ts';
import { type Entry, entriesOf } from './produce-requests.ts';
import { isFenced, TransactionalProducer } from './transactions.ts';

const defaultCommitIntervalMs = 200;
/** Brokers before 4.0 tell of a commit a moment before it can be read. */
const settlingMs = 20;

/** The life of one processor: from the committed position to the first failure. */
interface Session {
  readonly producer: TransactionalProducer;
  readonly processor: PartitionProcessor;
  position: number;
  /** When the oldest record was handled that no transaction has taken yet (performance.now). */
  uncommittedSince: number | null;
  /** The transaction under way, or the last one. Never rejects. */
  committing: Promise<void>;
  /** What a transaction has failed with, in an object of its own; null: nothing has. */
  failure: { readonly error: unknown } | null;
}

/**
 * Works one partition off with processors: a new one after each failure. Outputs are collected in memory; the transaction is open
 * only while they and the position are sent, since it stops every reader of the partitions that it writes to. Meanwhile the next records
 * are handled already; one transaction at a time.
 */
export class ProcessWorker extends PartitionWorker {
  private readonly processOptions: ProcessOptions;
  private session: Session | null = null;
  private fenced = false;

  constructor(parts: WorkerParts, options: ProcessOptions, place: Place) {
    super(parts, options, place);
    this.processOptions = options;
  }

  protected async work(): Promise<void> {
    this.session ??= await this.begin();
    const { session } = this;
    const { commitIntervalMs = defaultCommitIntervalMs } = this.processOptions;
    while (this.goesOn && session.failure === null) {
      const { uncommittedSince: since } = session;
      const left = since === null ? undefined : since + commitIntervalMs - performance.now();
      if (left !== undefined && left <= 0) await this.beginCommit(session);
      else if (this.cursor.hasRecords) await this.handleNext(session);
      else await this.wakeup.wait(left === undefined ? undefined : Math.min(left, 2 ** 31 - 1));
    }
    if (session.uncommittedSince !== null) await this.beginCommit(session);
    await session.committing;
    if (session.failure !== null) throw session.failure.error;
  }

  protected async abandon(): Promise<void> {
    const { session } = this;
    this.session = null;
    await session?.producer.close();
  }

  /** The order matters: whoever had the partition is fenced first, so that the position read then is final. */
  private async begin(): Promise<Session> {
    // Fenced, but perhaps by the rightful owner, of whom we have not heard yet: we must not fence it in turn.
    if (this.fenced) await Promise.race([this.parts.membership.confirmed(), this.stopped]);
    this.fenced = false;
    this.guard();
    const { topic, partition } = this.place;
    const { group, createProcessor } = this.processOptions;
    const producer = await TransactionalProducer.open(this.parts.settings, `${group}-${topic}-${partition}`);
    try {
      const position = await this.settledPosition();
      this.guard();
      const processor = await createProcessor(topic, partition);
      this.cursor.rewind(position);
      this.parts.fetcher.wake();
      return {
        producer,
        processor,
        position,
        uncommittedSince: null,
        committing: Promise.resolve(),
        failure: null,
      };
    } catch (error) {
      await producer.close();
      throw error;
    }
  }

  private async settledPosition(): Promise<number> {
    let before = await this.position();
    for (;;) {
      await pause(settlingMs);
      const now = await this.position();
      if (now === before) return now;
      before = now;
    }
  }

  private async position(): Promise<number> {
    const { topic, partition } = this.place;
    const { offsets } = this.parts;
    const committed = await offsets.committed(this.processOptions.group, topic);
    return committed[partition] ?? (await offsets.earliest(topic))[partition] ?? 0;
  }

  private async handleNext(session: Session): Promise<void> {
    const batch = this.cursor.take(this.parts.limits);
    if (!batch) return;
    this.parts.fetcher.wake();
    const commitNow = await session.processor.handle(batch.records);
    this.cursor.release(batch);
    session.position = batch.next;
    session.uncommittedSince ??= performance.now();
    this.parts.settings.onCrashPoint('handled');
    if (commitNow) await this.beginCommit(session);
    this.parts.fetcher.wake();
  }

  /** Resolves when the transaction before is over, and the next one under way: with what has been handled up to then. */
  private async beginCommit(session: Session): Promise<void> {
    await session.committing;
    if (session.failure !== null) return;
    const { settings, topics } = this.parts;
    const outputs = await session.processor.outputs();
    settings.onCrashPoint('outputs-collected');
    const entries = await entriesOf(topics, outputs);
    this.guard();
    settings.onCrashPoint('before-transaction');
    session.uncommittedSince = null;
    session.committing = this.commit(session, entries, session.position).catch((error: unknown) => {
      session.failure = { error };
      this.wakeup.wake();
    });
  }

  private async commit(session: Session, entries: readonly Entry[], offset: number): Promise<void> {
    try {
      await session.producer.commit(entries, { group: this.processOptions.group, offset, ...this.place });
      this.attempt = 0;
    } catch (error) {
      this.fenced = isFenced(error);
      // A topic may have been made anew, with other partitions.
      for (const { topic } of entries) this.parts.topics.forget(topic);
      throw error;
    }
  }
}
