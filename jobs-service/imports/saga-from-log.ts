/**
 * What the jobs service does in the life of an import beside receiving its file. Each step is led to by a state in the log:
 *
 * 1. The import is being cancelled, or its upload has broken off and is to be taken back: the gate is closed, so that what has
 *    not run does not run. Once all that was worked off before is reported, the aggregator is told (`work.stopped`): the import that is being
 *    cancelled ends then, however much of it still waits on the log. Importers pass over that later.
 * 2. Ended, nothing of it is being taken back, and not compared: its totals are compared with the ledger, and the aggregator is told
 *    (`import.compared`). Conservation of rows is checked, not assumed; a mismatch is an alarm. But where the ledger has a chunk that
 *    counts as failed, its importer had ended, or the log had lost it, between the work and its report: the report is made up for.
 * 3. The same, and compared: what a dry run has copied is removed. The import is projected into the contact store, where lists and pages
 *    read it. The aggregator is told that the log may forget it (`import.projected`).
 *
 * Of an import that is at rest, and whose gate is closed, no chunk runs any more. So the dead letters of its chunks go, and those of pages that no
 * undo waits for.
 *
 * A state that is delivered again leads to the same step again: a gate stays closed, and a command names its version, so the aggregator
 * ignores a second one.
 *
 * A step that the store refuses for good holds up no other import: it is logged and counted, and the import stays in the log, where
 * its owner sees it. An import that only a later release can read blocks its partition until that release comes, or support skips it.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { LedgerTotals } from '@tidings/contact-store/kept-imports.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { type BucketCounts, buckets, isAtRest, sumRows } from '@tidings/contracts/imports/import.ts';
import { decodeFoldedImport, LaterImportError } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { consumeInOrder } from '@tidings/event-log/control/consume-in-order.ts';
import type { ErrorSummary } from '@tidings/event-log/error-summary.ts';
import type { Consumer, EventLog, LogRecord, NewRecord } from '@tidings/event-log/event-log.ts';
import { blockingWith } from '@tidings/service-kit/process/blocking.ts';
import { mustBeDeliveredAgain } from '@tidings/service-kit/process/failures.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Counter, type Registry } from '@tidings/service-kit/process/metrics.ts';
import { commandRecord, sendCommand } from '../to-log.ts';
import { chunkBitmap, hasChunk } from './chunk-bitmap.ts';

/** Gates that are known to be closed, at most; a gate that is forgotten is closed again. */
const MAX_CLOSED_GATES = 1_000;
/** Chunks that one query of the ledger looks at. */
const CHUNKS_AT_ONCE = 500;

export interface SagaParts {
  readonly log: EventLog;
  readonly contactStore: Pick<
    ContactStore,
    'closeGate' | 'isClosed' | 'ledgerChunks' | 'ledgerTotals' | 'isErased' | 'projectImport' | 'removeDryRun'
  >;
  readonly orders: {
    /** The records that remove what waits for nobody's decision any more, as `Orders` says. */
    removedSpent(folded: FoldedImport, isClosed: boolean): Promise<NewRecord[]>;
  };
  readonly logger: Logger;
  readonly registry: Registry;
}

export function startSaga(parts: SagaParts): Promise<Consumer> {
  const { log, logger } = parts;
  const saga = new Saga(parts);
  return consumeInOrder({
    log,
    group: consumerGroups.projection,
    topics: [topics.state],
    handle: (record) => saga.handle(record),
    blocking: blockingWith(logger, describeFailure),
    onError: (error, attempt) =>
      logger.error({ err: error, attempt }, 'following up imports failed; retrying'),
  });
}

/** Only an import of a later release blocks; its message quotes no data. */
function describeFailure(error: unknown): ErrorSummary {
  return error instanceof LaterImportError
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: 'The import could not be followed up.' };
}

class Saga {
  readonly #parts: SagaParts;
  readonly #failures: Counter;
  readonly #mismatches: Counter;
  /** Uploads whose gate this process has closed, the oldest first. */
  readonly #closedGates = new Set<string>();

  constructor(parts: SagaParts) {
    this.#parts = parts;
    const registers = [parts.registry];
    this.#failures = new Counter({
      name: 'tidings_jobs_service_projection_failures_total',
      help: 'Imports that the contact store refuses to follow up or to keep, and always will',
      registers,
    });
    this.#mismatches = new Counter({
      name: 'tidings_jobs_service_reconciliation_mismatches_total',
      help: 'Ended imports whose totals differ from the ledger: an alarm',
      registers,
    });
  }

  async handle(record: LogRecord): Promise<void> {
    try {
      await this.#follow(record);
    } catch (error) {
      if (mustBeDeliveredAgain(error) || error instanceof LaterImportError) throw error;
      this.#failures.inc();
      const { topic, partition, offset } = record;
      this.#parts.logger.error(
        { err: error, topic, partition, offset },
        'import not followed up; it stays in the log',
      );
    }
  }

  async #follow({ value }: LogRecord): Promise<void> {
    if (value === null) return;
    const folded = decodeFoldedImport(value);
    if (mustStop(folded)) await this.#closeGate(folded);
    if (folded.state.status === 'cancelling') await this.#stopWork(folded);
    // An undo raises the version with every page, so a comparison beside it would come too late again and again.
    if (!isAtRest(folded.state)) return;
    await this.#removeSpentLetters(folded);
    if (folded.state.reconciled === null) await this.#compare(folded);
    else await this.#project(folded);
  }

  async #closeGate({ state, uploadId, owner }: FoldedImport): Promise<void> {
    if (this.#closedGates.has(uploadId)) return;
    await this.#parts.contactStore.closeGate({ importId: state.importId, uploadId, owner });
    this.#closedGates.add(uploadId);
    const [oldest] = this.#closedGates;
    if (this.#closedGates.size > MAX_CLOSED_GATES && oldest !== undefined) this.#closedGates.delete(oldest);
  }

  /** Behind the closed gate no row is written, so what the ledger has of written rows stays as it is. */
  async #stopWork({ state, uploadId, totals, cause }: FoldedImport): Promise<void> {
    const { log, contactStore } = this.#parts;
    const { importId, rows } = state;
    if (state.upload === 'receiving' || rows.total === null) return;
    const ledger = await contactStore.ledgerTotals(importId, uploadId);
    if (writtenRows(totals) !== ledger.rows - ledger.delta.cancelled) return;
    await sendCommand(log, importId, { type: 'work.stopped', data: { uploadId } }, cause);
  }

  async #removeSpentLetters(folded: FoldedImport): Promise<void> {
    const { log, contactStore, orders, logger } = this.#parts;
    const { state, uploadId, undo } = folded;
    const { importId } = state;
    if (state.chunks.failed === 0 && undo === null) return;
    const isClosed = await contactStore.isClosed({ importId, uploadId });
    if (!isClosed && undo === null) return;
    const removed = await orders.removedSpent(folded, isClosed);
    if (removed.length === 0) return;
    await log.append(removed);
    logger.info(
      { importId, deadLetters: removed.length },
      'dead letters removed; nothing of them runs any more',
    );
  }

  async #compare(folded: FoldedImport): Promise<void> {
    const { log, contactStore, logger } = this.#parts;
    const { state, uploadId, cause } = folded;
    const { importId, version, rows } = state;
    const ledger = await contactStore.ledgerTotals(importId, uploadId);
    const reconciled = agree(folded, ledger);
    if (!reconciled) {
      // The ledger of such an import was erased with the owner: nothing is kept of the import, and the log forgets it.
      if (await contactStore.isErased(folded)) return this.#project(folded);
      if (await this.#makeUpForReports(folded)) return;
      this.#mismatches.inc();
      logger.error({ importId, rows, ledger }, 'totals differ from the ledger');
    }
    await sendCommand(log, importId, { type: 'import.compared', data: { version, reconciled } }, cause);
  }

  /** Whether there were any. The import then ends again, and is compared again. */
  async #makeUpForReports(folded: FoldedImport): Promise<boolean> {
    const { log, logger } = this.#parts;
    const reports = await this.#reportsToMakeUpFor(folded);
    if (reports.length === 0) return false;
    const { importId } = folded.state;
    await log.append(reports);
    logger.warn({ importId, chunks: reports.length }, 'chunks that count as failed stand in the ledger');
    return true;
  }

  /** Reports of failed chunks that the ledger has, at most of one query's chunks; the others follow with the next comparison. */
  async #reportsToMakeUpFor({ state, uploadId, failedChunks, undo, cause }: FoldedImport) {
    // Contacts of an import that was taken back stand as the undo has left them.
    if (undo !== null) return [];
    const failed = chunkBitmap(failedChunks);
    const { importId } = state;
    for (let from = 0; from < 8 * failed.length; from += CHUNKS_AT_ONCE) {
      const below = from + CHUNKS_AT_ONCE;
      const ledger = await this.#parts.contactStore.ledgerChunks({ importId, uploadId, from, below });
      const reports = ledger
        .filter(({ chunk }) => hasChunk(failed, chunk))
        .map(({ chunk, rows, delta }) => {
          const data = { uploadId, chunk, rows, delta };
          return commandRecord(importId, { type: 'chunk.completed', data }, cause).record;
        });
      if (reports.length > 0) return reports;
    }
    return [];
  }

  async #project(folded: FoldedImport): Promise<void> {
    const { log, contactStore } = this.#parts;
    const { importId, version, dryRun } = folded.state;
    while (dryRun && (await contactStore.removeDryRun(importId)));
    await contactStore.projectImport(folded);
    // An importer that was away may have worked a failed chunk off since the comparison, and later ones see the projection.
    if (await this.#makeUpForReports(folded)) return;
    await sendCommand(log, importId, { type: 'import.projected', data: { version } }, folded.cause);
  }
}

/** Whether what has not run of the import must not run any more. */
function mustStop({ state }: FoldedImport): boolean {
  return state.status === 'cancelling' || (state.upload === 'aborted' && state.autoUndo);
}

/** The rows of chunks that were neither cancelled nor given up. */
function writtenRows(totals: BucketCounts): number {
  return sumRows(totals) - totals.cancelled - totals.failed;
}

/**
 * Chunks that failed never reached the ledger, and those that were cancelled may be passed over later; every other row must stand in it, in
 * the same bucket.
 */
function agree({ state, totals }: FoldedImport, { rows, delta }: LedgerTotals): boolean {
  const sameBuckets = buckets.every((bucket) =>
    bucket === 'cancelled'
      ? delta.cancelled <= totals.cancelled
      : bucket === 'failed' || totals[bucket] === delta[bucket],
  );
  return (
    sameBuckets && rows - delta.cancelled === writtenRows(totals) && sumRows(totals) === state.rows.total
  );
}
