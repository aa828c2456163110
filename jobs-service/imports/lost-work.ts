/**
 * Ends the wait for work that is gone: chunks, or a page of an undo, which the log has lost, or which no importer could read. Nobody
 * reports them. Every jobs service sweeps, and none leads.
 *
 * An import whose upload has ended, that has not, and that has stood still for a minute by this process' own clock, is looked at in a round. A
 * round follows the way of work: whatever stood in a place when it began is behind the importers there, and so in the next place,
 * or reported; and whatever was reported by then is folded. An import that is still of the same version has lost its work. The fold counts
 * the word only for that version, so several sweepers, and those that lag behind, do no harm.
 *
 * While all imports go on, the engines are not asked at all. However many stand still, one round is under way, and it asks about one
 * place after another.
 */
import type { FoldedImport } from '@tidings/contracts/folded-import.ts';
import { isAtRest } from '@tidings/contracts/import.ts';
import { consumerGroups, topics, workPlaces } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { hasPassed } from '@tidings/event-log/passed-ends.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { type Repetition, repeatedly } from '../repeatedly.ts';
import { commandRecord } from '../to-log.ts';
import type { FoldedImports } from './folded-from-log.ts';

export interface LostWorkTimes {
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** Milliseconds for which an import must have stood still. Longer than a transaction of the log may hang (10 s): what it holds back shows to no reader. */
  readonly stillForMs: number;
}

const LOST_WORK_TIMES: LostWorkTimes = { everyMs: 5_000, stillForMs: 60_000 };
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
  #seen = new Map<string, Seen>();
  #round: Round | null = null;

  constructor(parts: LostWorkParts) {
    this.#parts = parts;
    const { everyMs, stillForMs } = parts.times ?? LOST_WORK_TIMES;
    this.#stillForMs = stillForMs;
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
    const still = this.#look();
    if (still.length === 0) {
      this.#round = null;
      return;
    }
    this.#round ??= new Round(
      this.#parts.log,
      new Map(still.map(({ state }) => [state.importId, state.version])),
    );
    if (!(await this.#round.isThrough())) return;
    const { versions } = this.#round;
    this.#round = null;
    await this.#tell(
      still.filter(({ state }) => versions.get(state.importId) === state.version).slice(0, MAX_TOLD),
    );
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

interface Place {
  readonly topic: string;
  readonly group: string;
}

/** In the order in which work passes: what leaves one place stands in a later one by then. */
const places: readonly Place[] = [
  ...workPlaces,
  { topic: topics.commands, group: consumerGroups.aggregator },
];

class Round {
  /** The imports that it is about. */
  readonly versions: ReadonlyMap<string, number>;
  readonly #log: LostWorkParts['log'];
  #passed = 0;
  /** Of the present place, read when the places before it were passed. */
  #ends: readonly number[] | null = null;

  constructor(log: LostWorkParts['log'], versions: ReadonlyMap<string, number>) {
    this.#log = log;
    this.versions = versions;
  }

  /** Goes on as far as it comes; resolves with whether every place is passed. */
  async isThrough(): Promise<boolean> {
    for (let place = places[this.#passed]; place !== undefined; place = places[this.#passed]) {
      const { topic, group } = place;
      this.#ends ??= await this.#log.endOffsets(topic);
      if (!(await hasPassed(this.#log, group, topic, this.#ends))) return false;
      this.#passed += 1;
      this.#ends = null;
    }
    return true;
  }
}
