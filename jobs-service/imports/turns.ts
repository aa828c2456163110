/**
 * How much work of others comes before an import's own. Offsets alone tell too much: between the importers and a chunk stand chunks of
 * imports that have ended, pages of undos, and offsets that the log uses itself. So no more is told than other live imports have unreported there.
 *
 * **It is an upper bound.** While the file of another import comes, or where more chunks wait than are counted, all that stands in between
 * counts. **Cost**: one count serves all who ask for as long as the look at the log holds, and finds the partitions of 16,384 chunks at most: 20 ms.
 */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { isAtRest } from '@tidings/contracts/imports/import.ts';
import {
  chunkWorkKey,
  EXPRESS_CHUNKS,
  EXPRESS_CHUNKS_OF_LONG,
  MAX_CHUNKS,
  undoPageKey,
  type WorkPriority,
} from '@tidings/contracts/imports/work.ts';
import { partitionOf } from '@tidings/event-log/engine/partitioner.ts';
import { chunkBitmap, hasChunk } from './chunk-bitmap.ts';
import { timeOfUuid } from './uuid-time.ts';

/** How far the importers are, by partition. */
export interface WorkPositions {
  /** The offsets from which they go on. */
  readonly positions: Readonly<Record<WorkPriority, readonly (number | null)[]>>;
  /** The offsets that the next express records will get. */
  readonly expressEnds: readonly number[];
}

/** What a live import has in one partition and has not reported. */
interface Unreported {
  readonly importId: string;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
  /** Offset of its first chunk, where that is in this partition. */
  readonly from: number;
  /** Infinity while its file comes, since the fold does not know what is on the log, and where too many are to be counted. */
  readonly chunks: number;
}

/** Chunks whose partitions one count finds, at most: about a microsecond each. */
const MAX_COUNTED = 16_384;
const priorities = ['express', 'bulk'] as const;
/** Chunks that may have the priority: from the first number, below the second. */
const chunksOf = { express: [0, EXPRESS_CHUNKS], bulk: [EXPRESS_CHUNKS_OF_LONG, MAX_CHUNKS] } as const;

/** The turns at one moment. What many imports ask for is counted once. */
export class TurnCounts {
  readonly work: WorkPositions;
  readonly #live: () => Iterable<FoldedImport>;
  #unreported: Readonly<Record<WorkPriority, readonly Unreported[][]>> | undefined;

  constructor(work: WorkPositions, live: () => Iterable<FoldedImport>) {
    this.work = work;
    this.#live = live;
  }

  /** Chunks of others that come before the page of the undo that runs, or before the import's first chunk; express chunks come first. */
  chunksBefore(folded: FoldedImport): number {
    if (folded.undo?.running) return this.#beforePage(folded, folded.undo.page);
    for (const priority of priorities) {
      const first = folded.firstWork[priority];
      if (first === null) continue;
      const position = this.work.positions[priority][first.partition] ?? 0;
      if (first.offset <= position) continue;
      const between = this.#of(folded, priority, first.partition).map(({ from, chunks }) =>
        Math.min(chunks, Math.max(0, first.offset - Math.max(position, from))),
      );
      return Math.min(first.offset - position, sum(between));
    }
    return 0;
  }

  /** The fold does not know the page's offset; but whatever was accepted after it was asked for stands behind it. */
  #beforePage(folded: FoldedImport, page: number): number {
    const { expressEnds, positions } = this.work;
    const partition = partitionOf(undoPageKey(folded.state.importId, page), expressEnds.length);
    const others = (expressEnds[partition] ?? 0) - (positions.express[partition] ?? 0) - 1;
    if (others <= 0) return 0;
    const askedAt = timeOfUuid(folded.cause.eventId) ?? Number.POSITIVE_INFINITY;
    const older = this.#of(folded, 'express', partition).filter(({ acceptedAt }) => acceptedAt < askedAt);
    return Math.min(others, sum(older.map(({ chunks }) => chunks)));
  }

  #of(folded: FoldedImport, priority: WorkPriority, partition: number): readonly Unreported[] {
    this.#unreported ??= countUnreported(this.#live(), this.work.expressEnds.length);
    const all = this.#unreported[priority][partition] ?? [];
    return all.filter(({ importId }) => importId !== folded.state.importId);
  }
}

function countUnreported(live: Iterable<FoldedImport>, partitions: number) {
  const empty = () => Array.from({ length: partitions }, (): Unreported[] => []);
  const counted = { express: empty(), bulk: empty() };
  const budget = { left: MAX_COUNTED };
  for (const folded of live) {
    const { state, firstWork } = folded;
    if (isAtRest(state)) continue;
    const acceptedAt = Date.parse(state.acceptedAt);
    for (const priority of priorities) {
      const first = firstWork[priority];
      if (first === null) continue;
      for (const [partition, chunks] of unreportedOf(folded, priority, partitions, budget)) {
        const from = first.partition === partition ? first.offset : 0;
        counted[priority][partition]?.push({ importId: state.importId, acceptedAt, from, chunks });
      }
    }
  }
  return counted;
}

/** By partition. A chunk that waits for its next attempt stands in another topic. */
function unreportedOf(
  { state, expectedChunks, reportedChunks, retrying }: FoldedImport,
  priority: WorkPriority,
  partitions: number,
  budget: { left: number },
): Map<number, number> {
  const found = new Map<number, number>();
  const [from, below] = chunksOf[priority];
  if (expectedChunks === null && priority === 'bulk') return unboundedIn(partitions);
  const expected = expectedChunks === null ? null : chunkBitmap(expectedChunks);
  const reported = chunkBitmap(reportedChunks);
  const elsewhere = new Set(retrying.map(({ chunk }) => chunk));
  const end = expected === null ? below : Math.min(below, 8 * expected.length);
  for (let chunk = from; chunk < end; chunk += 1) {
    if (expected !== null && !hasChunk(expected, chunk)) continue;
    if (hasChunk(reported, chunk) || elsewhere.has(chunk)) continue;
    if (budget.left === 0) return unboundedIn(partitions);
    budget.left -= 1;
    const partition = partitionOf(chunkWorkKey(state.importId, chunk), partitions);
    found.set(partition, (found.get(partition) ?? 0) + 1);
  }
  return found;
}

function unboundedIn(partitions: number): Map<number, number> {
  return new Map(Array.from({ length: partitions }, (_, partition) => [partition, Number.POSITIVE_INFINITY]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
