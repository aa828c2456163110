/**
 * Ends the wait for work that is gone: chunks, or a page of an undo, which the log has lost, or which no importer could read. Nobody
 * reports them. Every jobs service sweeps, and none leads.
 *
 * A sweeper looks at an import that goes on though its upload has ended, and that has stood still for a minute by this process' own clock. What is
 * missing of the import can stand in some partitions alone. The sweeper follows the way of work there, place after place: once the importers have behind
 * them what stood in a place at first, that work is in the next place, or is reported. Once all that was reported by then is folded, an import that is
 * still of the same version has lost its work. The fold counts `work.lost` only for that version, so several sweepers, and late ones, do no harm.
 *
 * A partition that stands holds back the imports that may have work in it, and no others. While all imports go on, the engines are not
 * asked at all; however many stand still, each place is asked about once in a look.
 */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { isAtRest } from '@tidings/contracts/imports/import.ts';
import { consumerGroups, topics, workPlaces } from '@tidings/contracts/topics.ts';
import { partitionOf } from '@tidings/event-log/engine/partitioner.ts';
import { type EventLog, MAX_TRANSACTION_MS } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { type Repetition, repeatedly } from '../repeatedly.ts';
import { commandRecord } from '../to-log.ts';
import type { FoldedImports } from './folded-from-log.ts';
import { partitionsOfMissingWork } from './missing-work.ts';
import { type Waiting, WorkLanes } from './work-lanes.ts';

export interface LostWorkTimes {
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** Milliseconds for which an import must have stood still: longer than a transaction of the log may hang, which holds back what stands behind it. */
  readonly stillForMs: number;
}

const LOST_WORK_TIMES: LostWorkTimes = { everyMs: 5_000, stillForMs: 6 * MAX_TRANSACTION_MS };
/** Imports that one sweep tells about, at most; the next sweep tells about the others. */
const MAX_TOLD = 100;

export interface LostWorkParts {
  readonly log: Pick<EventLog, 'append' | 'committedOffsets' | 'endOffsets' | 'read'>;
  readonly foldedImports: Pick<FoldedImports, 'values'>;
  readonly logger: Logger;
  /** Default: a look every 5 s, at imports that stand still for 60 s. */
  readonly times?: LostWorkTimes;
}

/** What was last seen of an import. */
interface Seen {
  readonly version: number;
  /** By `performance.now()`. */
  readonly since: number;
}

export class LostWorkSweeper {
  readonly #parts: LostWorkParts;
  readonly #stillForMs: number;
  readonly #sweeps: Repetition;
  readonly #work: WorkLanes;
  readonly #reports: WorkLanes;
  #seen = new Map<string, Seen>();
  /** Of each import that stands still: the partitions of which it is not shown that they hold none of its work. */
  #left = new Map<Waiting, Set<number>>();
  /** Partitions of the topics of work, and of the commands; null until they are asked for. */
  #partitions: { readonly work: number; readonly reports: number } | null = null;

  constructor(parts: LostWorkParts) {
    this.#parts = parts;
    const { everyMs, stillForMs } = parts.times ?? LOST_WORK_TIMES;
    this.#stillForMs = stillForMs;
    this.#work = new WorkLanes(parts.log, workPlaces);
    this.#reports = new WorkLanes(parts.log, [{ topic: topics.commands, group: consumerGroups.aggregator }]);
    this.#sweeps = repeatedly(
      everyMs,
      () => this.#sweep(),
      (error) => parts.logger.warn({ err: error }, 'lost work not looked for; trying again'),
    );
  }

  /** Resolves once no command is being appended any more. */
  stop(): Promise<void> {
    return this.#sweeps.stop();
  }

  async #sweep(): Promise<void> {
    const still = new Map(this.#look().map((folded) => [waitingOf(folded), folded]));
    if (still.size === 0 && this.#left.size === 0) return;
    this.#partitions ??= await this.#countPartitions();
    const { work, reports } = this.#partitions;
    this.#left = new Map(
      [...still].map(([waiting, folded]) => {
        return [waiting, this.#left.get(waiting) ?? partitionsOfMissingWork(folded, work)] as const;
      }),
    );
    for (const [partition, those] of await this.#work.advance(byPartition(this.#left)))
      for (const waiting of those) this.#left.get(waiting)?.delete(partition);
    const worked = new Map<Waiting, Set<number>>();
    for (const [waiting, { state }] of still)
      if (this.#left.get(waiting)?.size === 0)
        worked.set(waiting, new Set([partitionOf(state.importId, reports)]));
    const lost = [...(await this.#reports.advance(byPartition(worked))).values()].flatMap((those) =>
      [...those].flatMap((waiting) => still.get(waiting) ?? []),
    );
    await this.#tell(lost.slice(0, MAX_TOLD));
  }

  async #countPartitions() {
    const { log } = this.#parts;
    const [work, reports] = await Promise.all([
      log.endOffsets(topics.expressWork),
      log.endOffsets(topics.commands),
    ]);
    return { work: work.length, reports: reports.length };
  }

  /** The imports that wait for reports alone, and have stood still for long enough. */
  #look(): FoldedImport[] {
    const now = performance.now();
    const seen = new Map<string, Seen>();
    const still: FoldedImport[] = [];
    for (const folded of this.#parts.foldedImports.values()) {
      const { importId, upload, version } = folded.state;
      if (upload === 'receiving' || isAtRest(folded.state)) continue;
      const before = this.#seen.get(importId);
      const known = before?.version === version ? before : { version, since: now };
      seen.set(importId, known);
      if (now - known.since >= this.#stillForMs) still.push(folded);
    }
    this.#seen = seen;
    return still;
  }

  async #tell(lost: readonly FoldedImport[]): Promise<void> {
    if (lost.length === 0) return;
    const { log, logger } = this.#parts;
    const records = lost.map(({ state: { importId, version }, uploadId, cause }) => {
      return commandRecord(importId, { type: 'work.lost', data: { uploadId, version } }, cause).record;
    });
    await log.append(records);
    for (const { state } of lost) {
      const { importId, version } = state;
      // The fold needs a moment; until then its work is not told to be lost again.
      this.#seen.delete(importId);
      logger.error({ importId, version }, 'work of the import is gone, and will not be reported');
    }
  }
}

function waitingOf({ state: { importId, version } }: FoldedImport): Waiting {
  return `${importId} ${version}`;
}

function byPartition(left: ReadonlyMap<Waiting, ReadonlySet<number>>): Map<number, Set<Waiting>> {
  const waiting = new Map<number, Set<Waiting>>();
  for (const [who, partitions] of left)
    for (const partition of partitions) {
      const those = waiting.get(partition) ?? new Set();
      waiting.set(partition, those.add(who));
    }
  return waiting;
}
