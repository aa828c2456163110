import type { CrashPointHook } from '../engine/crash-points.ts';
import { maxUndurableBytes } from '../engine/limits.ts';
import { EventLogError } from '../event-log.ts';
import type { EmbeddedCrashPoint } from './crash-points.ts';
import { type Index, type IndexOperation, reopenIndex } from './index-store.ts';
import type { SegmentReference } from './record-codec.ts';
import type { SegmentStore } from './segments.ts';

/** A write takes commits until it reaches one of these; a larger commit is written alone. */
const maxGroupBytes = 8 * 1024 * 1024;
const maxGroupOperations = 4096;

/** One indivisible change of the log. */
export interface Commit {
  /** Values for the segments. */
  readonly values: readonly Uint8Array[];
  /** Bytes of everything that is written, estimated. */
  readonly bytes: number;
  /** Index operations, estimated. */
  readonly size: number;
  /** Whether the commit must be synced to the disk before it resolves. */
  readonly sync: boolean;
  /** Makes the index operations right before the write; throws to refuse. `references` are those of `values`. */
  prepare(references: readonly SegmentReference[]): IndexOperation[];
  /** Called when the commit is written, in the order of the commits. */
  committed?(): void;
}

interface Waiting {
  readonly commit: Commit;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The only writer of the log. All commits that wait when a write ends go into the next write together. A write is one `fdatasync` of a segment where
 * there are large values, and then one batch of the index, which is synced where one of its commits asks for it.
 */
export class CommitQueue {
  private readonly index: Index;
  private readonly segments: SegmentStore;
  private readonly onCrashPoint: CrashPointHook<EmbeddedCrashPoint>;
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private running: Promise<void> | null = null;
  private broken = false;
  /** Called when the index was opened again after a failed write, to find out whether the write has succeeded after all. */
  onRepaired: () => Promise<void> = () => Promise.resolve();

  constructor(index: Index, segments: SegmentStore, onCrashPoint: CrashPointHook<EmbeddedCrashPoint>) {
    this.index = index;
    this.segments = segments;
    this.onCrashPoint = onCrashPoint;
  }

  /** Rejects with the error of `prepare`, `log_overloaded` or `log_unavailable`; after the last the commit may be written all the same. */
  submit(commit: Commit): Promise<void> {
    if (this.waitingBytes + commit.bytes > maxUndurableBytes) {
      const message = `${this.waitingBytes} bytes wait to be written; ${commit.bytes} more exceed ${maxUndurableBytes}.`;
      return Promise.reject(new EventLogError('log_overloaded', message));
    }
    this.waitingBytes += commit.bytes;
    const done = new Promise<void>((resolve, reject) => {
      this.waiting.push({ commit, resolve, reject });
    });
    this.running ??= this.run();
    return done;
  }

  /** Resolves when every commit that was submitted before is written or has failed. */
  barrier(): Promise<void> {
    return this.submit({ values: [], bytes: 0, size: 0, sync: false, prepare: () => [] });
  }

  /** Resolves when no commit waits. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    // Commits of the same turn of the event loop share the first write.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.write(this.take());
    this.running = null;
  }

  private take(): Waiting[] {
    let bytes = 0;
    let size = 0;
    let count = 0;
    for (const { commit } of this.waiting) {
      bytes += commit.bytes;
      size += commit.size;
      if (count > 0 && (bytes > maxGroupBytes || size > maxGroupOperations)) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async write(group: readonly Waiting[]): Promise<void> {
    let accepted: Waiting[] = [];
    try {
      if (this.broken) await this.repair();
      const references = await this.place(group);
      const operations: IndexOperation[] = [];
      const kept: SegmentReference[] = [];
      accepted = prepareAll(group, references, operations, kept);
      this.onCrashPoint('before-index-write');
      if (operations.length > 0) {
        await this.index.batch(operations, { sync: accepted.some(({ commit }) => commit.sync) });
      }
      this.onCrashPoint('after-index-write');
      this.segments.retain(kept);
    } catch (error) {
      this.broken = true;
      const unavailable = new EventLogError('log_unavailable', 'The event log could not be written.', {
        cause: error,
      });
      for (const { reject } of group) reject(unavailable);
      return;
    } finally {
      for (const { commit } of group) this.waitingBytes -= commit.bytes;
    }
    for (const { commit, resolve } of accepted) {
      commit.committed?.();
      resolve();
    }
  }

  private async place(group: readonly Waiting[]): Promise<readonly SegmentReference[]> {
    const values = group.flatMap(({ commit }) => commit.values);
    if (values.length === 0) return [];
    const references = await this.segments.append(values, () => this.onCrashPoint('segment-written'));
    this.onCrashPoint('segment-synced');
    return references;
  }

  private async repair(): Promise<void> {
    await reopenIndex(this.index);
    await this.onRepaired();
    this.broken = false;
  }
}

/** The commits that were not refused, with their operations and the references in these. */
function prepareAll(
  group: readonly Waiting[],
  references: readonly SegmentReference[],
  operations: IndexOperation[],
  kept: SegmentReference[],
): Waiting[] {
  const accepted: Waiting[] = [];
  let next = 0;
  for (const waiting of group) {
    const { commit, reject } = waiting;
    const own = references.slice(next, next + commit.values.length);
    next += commit.values.length;
    try {
      for (const operation of commit.prepare(own)) operations.push(operation);
      kept.push(...own);
      accepted.push(waiting);
    } catch (error) {
      reject(error);
    }
  }
  return accepted;
}
