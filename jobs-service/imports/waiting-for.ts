/** What an import waits for: what the fold knows, and what only the engines of the moment tell. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { isAtRest } from '@tidings/contracts/imports/import.ts';
import { type WaitingFor, waitForPart, waitForTurn } from '@tidings/contracts/imports/waiting-for.ts';
import { consumerGroups, topics, workTopics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { Probe, type ProbeTimes } from './probe.ts';
import type { TurnCounts, WorkPositions } from './turns.ts';

/** How the work of all imports stands. */
export interface WorkView {
  /** null: the log is away. */
  readonly log: {
    readonly hasImporters: boolean;
    readonly hasAggregators: boolean;
    /** Whether commands wait to be folded: an import that was accepted may not show yet. */
    readonly hasUnfolded: boolean;
    /** Whether chunks of any import wait for an importer, or are in hand. */
    readonly hasWork: boolean;
    readonly work: WorkPositions;
  } | null;
  readonly hasDatabase: boolean;
}

/** Looks at log and database once a second at most, however many imports are asked for. */
export class WorkMonitor {
  readonly #log: Probe<NonNullable<WorkView['log']>>;
  readonly #database: Probe<boolean>;

  constructor(
    log: Pick<EventLog, 'committedOffsets' | 'countMembers' | 'endOffsets'>,
    contactStore: Pick<ContactStore, 'ping'>,
    times?: ProbeTimes,
  ) {
    this.#log = new Probe(() => readWork(log), times);
    this.#database = new Probe(async () => {
      await contactStore.ping();
      return true;
    }, times);
  }

  /**
   * Never rejects.
   * @param since by `performance.now()`: what is told of the log was so then, or later; default: some seconds ago at most
   */
  async view(since?: number): Promise<WorkView> {
    const [log, database] = await Promise.all([this.#log.read(since), this.#database.read()]);
    return { log, hasDatabase: database !== null };
  }
}

async function readWork(
  log: Pick<EventLog, 'committedOffsets' | 'countMembers' | 'endOffsets'>,
): Promise<NonNullable<WorkView['log']>> {
  const { express, bulk } = workTopics;
  const [ends, folded, ofExpress, ofBulk, expressEnds, bulkEnds, aggregators, ...importers] =
    await Promise.all([
      log.endOffsets(topics.commands),
      log.committedOffsets(consumerGroups.aggregator, topics.commands),
      log.committedOffsets(express.group, express.topic),
      log.committedOffsets(bulk.group, bulk.topic),
      log.endOffsets(express.topic),
      log.endOffsets(bulk.topic),
      log.countMembers(consumerGroups.aggregator),
      log.countMembers(express.group),
      log.countMembers(bulk.group),
    ]);
  return {
    hasImporters: importers.some((count) => count > 0),
    hasAggregators: aggregators > 0,
    hasUnfolded: fallsShort(folded, ends),
    hasWork: fallsShort(ofExpress, expressEnds) || fallsShort(ofBulk, bulkEnds),
    work: { positions: { express: ofExpress, bulk: ofBulk }, expressEnds },
  };
}

function fallsShort(positions: readonly (number | null)[], ends: readonly number[]): boolean {
  return ends.some((end, partition) => (positions[partition] ?? 0) < end);
}

/**
 * null where the import has ended, or its work is under way.
 * @param turns of the same moment as the view
 */
export function waitingNow(
  folded: FoldedImport,
  { log, hasDatabase }: WorkView,
  turns: Pick<TurnCounts, 'chunksBefore'>,
): WaitingFor | null {
  const { state } = folded;
  if (isAtRest(state)) return null;
  if (log === null) return waitForPart('log');
  // Without an aggregator the state is an old one, whatever the state says that the import waits for.
  if (!log.hasAggregators) return waitForPart('aggregator');
  if (state.waitingFor?.reason === 'upload' || waitsForFile(folded, log)) return waitForPart('upload');
  if (!log.hasImporters) return waitForPart('importer');
  if (!hasDatabase) return waitForPart('database');
  if (state.waitingFor !== null) return state.waitingFor;
  const chunksBefore = turns.chunksBefore(folded);
  return chunksBefore > 0 ? waitForTurn(chunksBefore) : null;
}

/** Between heartbeats the fold does not know how many chunks are on the log; where none of anybody is, none of this import is. */
function waitsForFile({ state, retrying }: FoldedImport, { hasWork }: NonNullable<WorkView['log']>): boolean {
  return state.upload === 'receiving' && !hasWork && retrying.length === 0;
}
