import { isCutOff } from '@tidings/service-kit/threads/message-port-proxy.ts';
import { batchLimits, report } from '../engine/limits.ts';
import { pause, retryDelay } from '../engine/retry.ts';
import { Wakeup } from '../engine/wakeup.ts';
import type { PartitionProcessor, ProcessOptions } from '../event-log.ts';
import { appendCommit } from './append.ts';
import { PartitionLostError } from './failures.ts';
import type { Lease, Worker } from './group.ts';
import { keepPosition, type WorkerParts } from './worker-parts.ts';

const defaultCommitIntervalMs = 200;

export interface ProcessWorkerParts extends WorkerParts {
  /** Called when the processor's thread is gone. */
  evict(): void;
}

/** The life of one processor: from the committed position to the first failure. */
interface Session {
  readonly processor: PartitionProcessor;
  position: number;
  /** When the oldest record that is handled but not committed was handled (performance.now). */
  uncommittedSince: number | null;
}

/** Works one partition off with processors: a new one after each failure. */
export class ProcessWorker implements Worker {
  private readonly parts: ProcessWorkerParts;
  private readonly options: ProcessOptions;
  private readonly lease: Lease;
  private readonly wakeup = new Wakeup();
  private readonly ended: Promise<void>;
  private stopping = false;
  private attempt = 0;

  constructor(parts: ProcessWorkerParts, options: ProcessOptions, lease: Lease) {
    this.parts = parts;
    this.options = options;
    this.lease = lease;
    lease.partition.listeners.add(this.wakeup.wake);
    this.ended = this.run().finally(() => lease.partition.listeners.delete(this.wakeup.wake));
  }

  drain(): Promise<void> {
    this.stopping = true;
    this.wakeup.wake();
    return this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.work(await this.begin());
      } catch (error) {
        if (error instanceof PartitionLostError) return;
        if (isCutOff(this.options.createProcessor)) {
          this.parts.evict();
          return;
        }
        this.attempt += 1;
        report(this.options.onError, error, this.attempt);
        await pause(retryDelay(this.attempt, this.options.retry), this.wakeup, () => this.stopping);
      }
    }
  }

  private async begin(): Promise<Session> {
    const { partition } = this.lease;
    // A commit whose outcome is not known has happened or has not, after this.
    await this.parts.queue.barrier();
    const committed = partition.committed.get(this.options.group);
    const processor = await this.options.createProcessor(
      partition.topic.specification.name,
      partition.number,
    );
    return { processor, position: committed ?? partition.start, uncommittedSince: null };
  }

  private async work(session: Session): Promise<void> {
    const { partition } = this.lease;
    const { commitIntervalMs = defaultCommitIntervalMs } = this.options;
    while (!this.stopping) {
      const { uncommittedSince } = session;
      const left =
        uncommittedSince === null ? undefined : uncommittedSince + commitIntervalMs - performance.now();
      if (left !== undefined && left <= 0) await this.commit(session);
      else if (session.position < partition.end) await this.handleNext(session);
      else await this.wakeup.wait(left);
    }
    if (session.uncommittedSince !== null) await this.commit(session);
  }

  private async handleNext(session: Session): Promise<void> {
    const { partition } = this.lease;
    const limits = { until: partition.end, ...batchLimits(this.options) };
    const { records, next } = await this.parts.reader.read(partition, session.position, limits);
    if (records.length === 0) {
      session.position = next;
      return;
    }
    const commitNow = await session.processor.handle(records);
    session.position = next;
    session.uncommittedSince ??= performance.now();
    this.parts.onCrashPoint('handled');
    if (commitNow) await this.commit(session);
  }

  private async commit(session: Session): Promise<void> {
    const { partition, guard } = this.lease;
    const { onCrashPoint, queue, topics } = this.parts;
    const outputs = await session.processor.outputs();
    onCrashPoint('outputs-collected');
    const { commit } = appendCommit(topics, outputs);
    const position = keepPosition(this.options.group, partition, session.position);
    onCrashPoint('before-commit');
    await queue.submit({
      ...commit,
      size: commit.size + 1,
      prepare: (references) => {
        guard();
        return [...commit.prepare(references), position.operation];
      },
      committed: () => {
        commit.committed?.();
        position.committed();
      },
    });
    onCrashPoint('after-commit');
    session.uncommittedSince = null;
    this.attempt = 0;
  }
}
