/** The importer: takes chunks, writes contacts, and reports. Built from its parts, so that a test builds it the same way. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { topics, WORK_RETRY_DELAYS_MS } from '@tidings/contracts/topics.ts';
import type { BlockingRetry, EventLog } from '@tidings/event-log/event-log.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import { CountryDirectory } from '@tidings/rows/country-directory.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { checkTables, measureTables } from '@tidings/service-kit/process/table-lag.ts';
import { openReferenceTables } from '@tidings/service-kit/reference/reference-tables.ts';
import { consumeWork } from './from-log.ts';
import { ChunkHandler } from './handlers/chunk-handler.ts';
import { handlerByType } from './handlers/handler-by-type.ts';
import { UndoPageHandler } from './handlers/undo-page-handler.ts';
import { createMetrics } from './metrics.ts';
import type { PurgeOptions } from './work/purger.ts';
import type { WorkConnections } from './work/turns.ts';
import { watchUnreadAge } from './work/unread-age.ts';

export interface ImporterParts {
  readonly log: EventLog;
  readonly contactStore: Pick<
    ContactStore,
    'applyChunk' | 'cancelChunks' | 'getImport' | 'undoPage' | 'failUndoPage' | 'ping'
  >;
  readonly logger: Logger;
  /** Where the metrics go; default a registry of its own. */
  readonly registry?: Registry;
  /** Default: both priorities share one connection. */
  readonly connections?: WorkConnections;
  readonly purge?: PurgeOptions;
  /** Pauses while the contact store or the log cannot be reached. */
  readonly retry?: BlockingRetry;
  /** Milliseconds before each further attempt at a chunk that failed; default `WORK_RETRY_DELAYS_MS`. */
  readonly retryDelaysMs?: readonly number[];
}

export interface Importer {
  /** Resolves when the contact store and the log answer. */
  ready(): Promise<void>;
  /** Resolves where the reference data in memory are those of the log. */
  checkTables(): Promise<void>;
  /** As `ConsumedWork` says. */
  expectShortImport(): () => void;
  /** As `ConsumedWork` says. */
  inBulkTurn<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Finishes the chunks in hand. Closes neither log nor contact store. */
  stop(): Promise<void>;
}

/** Resolves when chunks of both priorities are consumed. The topics must exist and hold the reference data. */
export async function startImporter(given: ImporterParts): Promise<Importer> {
  const parts = { ...given, log: signedBy('importer', given.log) };
  const { log, contactStore, logger } = parts;
  const { countries, timeZones, close: closeTables } = await openReferenceTables(log, logger);
  try {
    const { registry = new Registry() } = parts;
    const metrics = createMetrics(registry);
    const tables = { [topics.countries]: countries, [topics.timeZones]: timeZones };
    measureTables(registry, 'importer', tables);
    const attempts = (parts.retryDelaysMs ?? WORK_RETRY_DELAYS_MS).length + 1;
    const handler = handlerByType(
      new ChunkHandler({
        log,
        contactStore,
        countries: new CountryDirectory(countries, timeZones),
        logger,
        metrics,
      }),
      new UndoPageHandler({ contactStore, logger, metrics, attempts }),
    );
    const work = await consumeWork({ ...parts, handler });
    const stopWatching = watchUnreadAge({ log, logger, metrics });
    logger.info({ countries: countries.size, timeZones: timeZones.size }, 'importer started');
    return {
      ready: async () => void (await Promise.all([contactStore.ping(), log.describeTopic(topics.bulkWork)])),
      checkTables: () => checkTables(tables),
      expectShortImport: () => work.expectShortImport(),
      inBulkTurn: (own) => work.inBulkTurn(own),
      stop: async () => {
        stopWatching();
        await work.stop();
        await closeTables();
      },
    };
  } catch (error) {
    await closeTables();
    throw error;
  }
}
