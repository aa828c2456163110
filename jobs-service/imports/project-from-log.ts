/**
 * Projects imports that have ended into the contact store, where lists and pages read them, and tells the aggregator that
 * the log may forget them. Here the totals are compared with the ledger: conservation of rows is checked, not assumed.
 *
 * An end that the store refuses for good must not hold up the others behind it. It is logged and counted, and the log is
 * not told to forget it: so its owner goes on seeing it, as it ended, from there.
 */
import type { ContactStore, LedgerTotals } from '@tidings/contact-store/contact-store.ts';
import { buckets, hasEnded, sumRows } from '@tidings/contracts/import.ts';
import type { ImportRecord } from '@tidings/contracts/import-record.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { Consumer, EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { mustBeDeliveredAgain } from '@tidings/service-kit/process/failures.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Counter, type Registry } from '@tidings/service-kit/process/metrics.ts';
import { sendCommand } from '../to-log.ts';
import { decodeStoredImport } from './folded-from-log.ts';

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
    group: 'import-projection',
    topics: [topics.state],
    handler: async (records) => {
      for (const record of records) {
        try {
          await projectRecord(parts, record);
        } catch (error) {
          if (mustBeDeliveredAgain(error)) throw error;
          failures.inc();
          const { topic, partition, offset } = record;
          logger.error({ err: error, topic, partition, offset }, 'an ended import cannot be projected');
        }
      }
    },
    onError: (error, attempt) => logger.error({ err: error, attempt }, 'projecting an ended import failed'),
  });
}

async function projectRecord(parts: ProjectionParts, { value }: LogRecord): Promise<void> {
  if (value === null) return;
  const stored = decodeStoredImport(value);
  if (hasEnded(stored.state)) await project(parts, stored);
}

async function project({ log, contactStore, logger }: ProjectionParts, stored: ImportRecord): Promise<void> {
  const { state, owner, uploadId, cause } = stored;
  const ledger = await contactStore.ledgerTotals(state.importId, uploadId);
  const reconciled = agree(stored, ledger);
  if (!reconciled)
    logger.error({ importId: state.importId, rows: state.rows, ledger }, 'totals differ from the ledger');
  await contactStore.projectImport({ owner, state: { ...state, reconciled } });
  await sendCommand(
    log,
    state.importId,
    { type: 'import.projected', data: { version: state.version } },
    cause,
  );
}

/** Chunks that failed never reached the ledger; every other row must stand in it, in the same bucket. */
function agree({ state, totals }: ImportRecord, ledger: LedgerTotals): boolean {
  const sameBuckets = buckets.every(
    (bucket) => bucket === 'failed' || totals[bucket] === ledger.delta[bucket],
  );
  return (
    sameBuckets && ledger.rows + totals.failed === state.rows.total && sumRows(totals) === state.rows.total
  );
}
