/**
 * Builds the projection of ended imports anew, from the commands on the log, while imports run, and puts it in the place of the running one. A
 * consumer group of its own reads the commands from the start and folds them as the aggregator does; nothing is appended to the log, and
 * nothing but the second projection is written.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Replay } from '@tidings/aggregator/replay.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { ProjectionRebuild, RebuildComparison } from '@tidings/contact-store/projection-rebuild.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type { BatchSpan, EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { Failure } from '@tidings/failures/failure.ts';

export interface RebuildProgress {
  /** Commands that were read, of those that stood on the log at the start. */
  readonly read: number;
  readonly total: number;
  /** Ended states that were written. */
  readonly projected: number;
}

export interface ProjectionRebuildParts {
  readonly log: EventLog;
  readonly contactStore: Pick<ContactStore, 'beginRebuild'>;
  /** Whether the second projection takes the place of the running one; else it is compared, and removed. */
  readonly switches: boolean;
  onProgress?(progress: RebuildProgress): void;
}

/** Imports of the same version have another content: whoever rebuilds decides. */
export class ProjectionsDifferError extends Failure<'projections_differ'> {
  override name = 'ProjectionsDifferError';

  constructor({ different, differing }: RebuildComparison) {
    super(
      'projections_differ',
      `${different} imports are not the same as in the running projection, and nothing was changed: ${differing.join(', ')}`,
    );
  }
}

/**
 * Resolves with the comparison: of the moment of the switch, or of the end.
 * @param takesDifferent whether the rebuilt content is taken where the two differ under the same version
 * @throws ProjectionsDifferError; UnknownCommandError, LaterImportError where a later release has written to the log
 */
export async function rebuildProjection(
  { log, contactStore, switches, onProgress }: ProjectionRebuildParts,
  takesDifferent = false,
): Promise<RebuildComparison> {
  const rebuild = await contactStore.beginRebuild();
  try {
    await replay(log, rebuild, onProgress);
    const comparison = await rebuild.compare();
    if (comparison.different > 0 && !takesDifferent) throw new ProjectionsDifferError(comparison);
    if (switches) return await rebuild.switchOver();
    await rebuild.discard();
    return comparison;
  } catch (error) {
    // What has failed may be the store itself.
    await rebuild.discard().catch(() => undefined);
    throw error;
  }
}

/** Resolves once every command that stood on the log at the call is folded. What ends later, the running projection has. */
async function replay(
  log: EventLog,
  rebuild: Pick<ProjectionRebuild, 'project'>,
  onProgress: ProjectionRebuildParts['onProgress'],
): Promise<void> {
  const ends = await log.endOffsets(topics.commands);
  const starts = await Promise.all(ends.map((end, partition) => firstOffset(log, partition, end)));
  const positions = [...starts];
  const total = sum(ends) - sum(starts);
  const folding = new Replay();
  let projected = 0;
  const over = new AbortController();
  const check = () => {
    const read = sum(positions.map((position, partition) => Math.min(position, ends[partition] ?? 0)));
    onProgress?.({ read: read - sum(starts), total, projected });
    if (positions.every((position, partition) => position >= (ends[partition] ?? 0))) over.abort(null);
  };
  check();
  const consumer = await log.consume({
    group: `${consumerGroups.projection}.rebuild-${randomUUID()}`,
    topics: [topics.commands],
    async handler(records: readonly LogRecord[], { next }: BatchSpan) {
      try {
        for (const record of records) {
          // A batch that comes again after a failure has nothing new.
          if (record.offset < (positions[record.partition] ?? 0)) continue;
          const folded = folding.fold(record);
          positions[record.partition] = record.offset + 1;
          if (folded === null) continue;
          await rebuild.project(folded);
          projected += 1;
        }
        const [first] = records;
        if (first !== undefined) positions[first.partition] = next;
        check();
      } catch (error) {
        over.abort(error);
        throw error;
      }
    },
  });
  try {
    await pauseUntil(over.signal);
    if (over.signal.reason !== null) throw over.signal.reason;
  } finally {
    await consumer.stop();
  }
}

/** Where the partition begins; its end where nothing is left of it. */
async function firstOffset(log: EventLog, partition: number, end: number): Promise<number> {
  const options = {
    topic: topics.commands,
    partitions: [partition],
    from: 'earliest',
    follow: false,
  } as const;
  for await (const [record] of log.read(options)) if (record !== undefined) return record.offset;
  return end;
}

async function pauseUntil(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
