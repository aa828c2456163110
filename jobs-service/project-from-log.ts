/**
 * Projects imports that have ended into the contact store, where lists and pages read them, and tells the aggregator that
 * the log may forget them. Here the totals are compared with the ledger: conservation of rows is checked, not assumed.
 */

import type { ContactStore, LedgerTotals } from '../contact-store/contact-store.ts';
import { buckets, hasEnded, type StoredImport, sumRows } from '../contracts/import.ts';
import { topics } from '../contracts/topics.ts';
import type { EventLog, Subscription } from '../event-log/event-log.ts';
import type { Logger } from '../service-kit/logging.ts';
import { decodeStoredImport } from './live-imports.ts';
import { sendCommand } from './to-log.ts';

export function startProjection(
  log: EventLog,
  contactStore: ContactStore,
  logger: Logger,
): Promise<Subscription> {
  return log.consume({
    group: 'import-projection',
    topics: [topics.state],
    handler: async (records) => {
      for (const { value } of records) {
        if (value === null) continue;
        const stored = decodeStoredImport(value);
        if (hasEnded(stored.state)) await project(log, contactStore, logger, stored);
      }
    },
    onError: (error, attempt) => logger.error({ err: error, attempt }, 'projecting an ended import failed'),
  });
}

async function project(
  log: EventLog,
  contactStore: ContactStore,
  logger: Logger,
  stored: StoredImport,
): Promise<void> {
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
function agree({ state, totals }: StoredImport, ledger: LedgerTotals): boolean {
  const sameBuckets = buckets.every(
    (bucket) => bucket === 'failed' || totals[bucket] === ledger.delta[bucket],
  );
  return (
    sameBuckets && ledger.rows + totals.failed === state.rows.total && sumRows(totals) === state.rows.total
  );
}
