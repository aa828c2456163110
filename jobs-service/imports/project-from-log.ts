/**
 * What follows the end of an import, in two steps, each led to by a state in the log:
 *
 * 1. Ended, not compared: its totals are compared with the ledger, and the aggregator is told (`import.compared`).
 *    Conservation of rows is checked, not assumed.
 * 2. Ended and compared: it is projected into the contact store, where lists and pages read it, and the aggregator is told
 *    that the log may forget it (`import.projected`).
 *
 * A state that is delivered again leads to the same step again. The command names its version, so the aggregator ignores a second one.
 *
 * An end that the store refuses for good holds up no other end: it is logged and counted, and stays in the log, where its owner sees it.
 */
import type { ContactStore, LedgerTotals } from '@tidings/contact-store/contact-store.ts';
import type { FoldedImport } from '@tidings/contracts/folded-import.ts';
import { buckets, hasEnded, sumRows } from '@tidings/contracts/import.ts';
import { decodeFoldedImport } from '@tidings/contracts/schemas/folded-import.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type { Consumer, EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { mustBeDeliveredAgain } from '@tidings/service-kit/process/failures.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Counter, type Registry } from '@tidings/service-kit/process/metrics.ts';
import { sendCommand } from '../to-log.ts';

export interface ProjectionParts {
  readonly log: EventLog;
  readonly contactStore: Pick<ContactStore, 'ledgerTotals' | 'projectImport'>;
  readonly logger: Logger;
  readonly registry: Registry;
}

export function startProjection(parts: ProjectionParts): Promise<Consumer> {
  const { log, logger } = parts;
  const failures = new Counter({
    name: 'tidings_jobs_service_projection_failures_total',
    help: 'Ended imports that could not be projected into the contact store, and never will be',
    registers: [parts.registry],
  });
  return log.consume({
    group: consumerGroups.projection,
    topics: [topics.state],
    handler: async (records) => {
      for (const record of records) {
        try {
          await projectRecord(parts, record);
        } catch (error) {
          if (mustBeDeliveredAgain(error)) throw error;
          failures.inc();
          const { topic, partition, offset } = record;
          logger.error(
            { err: error, topic, partition, offset },
            'ended import not projected; it stays in the log',
          );
        }
      }
    },
    onError: (error, attempt) => logger.error({ err: error, attempt }, 'projection failed; retrying'),
  });
}

async function projectRecord(parts: ProjectionParts, { value }: LogRecord): Promise<void> {
  if (value === null) return;
  const folded = decodeFoldedImport(value);
  if (!hasEnded(folded.state)) return;
  if (folded.state.reconciled === null) await compare(parts, folded);
  else await project(parts, folded);
}

async function compare({ log, contactStore, logger }: ProjectionParts, folded: FoldedImport): Promise<void> {
  const { state, uploadId, cause } = folded;
  const { importId, version, rows } = state;
  const ledger = await contactStore.ledgerTotals(importId, uploadId);
  const reconciled = agree(folded, ledger);
  if (!reconciled) logger.error({ importId, rows, ledger }, 'totals differ from the ledger');
  await sendCommand(log, importId, { type: 'import.compared', data: { version, reconciled } }, cause);
}

async function project({ log, contactStore }: ProjectionParts, folded: FoldedImport): Promise<void> {
  const { importId, version } = folded.state;
  await contactStore.projectImport(folded);
  await sendCommand(log, importId, { type: 'import.projected', data: { version } }, folded.cause);
}

/** Chunks that failed never reached the ledger; every other row must stand in it, in the same bucket. */
function agree({ state, totals }: FoldedImport, ledger: LedgerTotals): boolean {
  const sameBuckets = buckets.every(
    (bucket) => bucket === 'failed' || totals[bucket] === ledger.delta[bucket],
  );
  return (
    sameBuckets && ledger.rows + totals.failed === state.rows.total && sumRows(totals) === state.rows.total
  );
}
