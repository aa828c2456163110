/** The jobs service, built from the parts handed to it: receives uploads, splits them, shows imports and contacts. */

import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import {
  DEFAULT_RETENTION_DAYS,
  DEFAULT_UPLOAD_MAX_ROWS,
  MAX_COLUMNS,
  MAX_RECORD_BYTES,
} from '@tidings/contracts/limits.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { Consumer, EventLog } from '@tidings/event-log/event-log.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import { inTurn } from '@tidings/failures/in-turn.ts';
import { settleAll } from '@tidings/failures/settle-all.ts';
import type { OwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import type { HealthReports } from '@tidings/service-kit/process/health-reports.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Registry } from '@tidings/service-kit/process/metrics.ts';
import { checkTables, measureTables } from '@tidings/service-kit/process/table-lag.ts';
import type { Router } from 'express';
import { HealthMonitor } from './health/health-monitor.ts';
import { createApiRouter } from './http/api.ts';
import { createDocs } from './http/docs.ts';
import { HeldAnswers } from './http/held-answers.ts';
import { createPages, createUnknownPage } from './http/pages.ts';
import { type FoldedImports, followFoldedImports } from './imports/folded-from-log.ts';
import { ImportReader } from './imports/import-reader.ts';
import { LostWorkSweeper } from './imports/lost-work.ts';
import { startSaga } from './imports/saga-from-log.ts';
import { WorkMonitor } from './imports/waiting-for.ts';
import { measureFailedRecords } from './orders/metrics.ts';
import { obeyOrders } from './orders/obey-orders.ts';
import { Orders } from './orders/orders.ts';
import { startSettling } from './orders/settle-chunks.ts';
import { openCountries } from './reference/countries.ts';
import { ensureRequestTopics, openRequestDoor } from './requests/request-door.ts';
import type { RequestSettings } from './requests/request-settings.ts';
import { startRetention } from './retention/remove-old.ts';
import { startSchedule } from './schedule/start-schedule.ts';
import { startIndexing } from './search/start-indexing.ts';
import { openOwnerSettings } from './settings/owner-settings.ts';
import { abortReceiving } from './uploads/ending/abort-receiving.ts';
import { UploadSweeper } from './uploads/ending/sweeper.ts';
import { createUploadReceiver } from './uploads/receiving/from-browser.ts';
import { KeyedUploads } from './uploads/receiving/keyed-uploads.ts';

export interface JobsServiceParts {
  readonly log: EventLog;
  readonly contactStore: ContactStore;
  readonly tokens: TokenAuthority;
  readonly ownerTokens: Pick<OwnerTokens, 'revoke'>;
  /** Default: counts of this service alone. */
  readonly rates?: RequestRates;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Bytes of a file, at most. */
  readonly uploadMaxBytes: number;
  /** Rows of a file, at most; default 10 million. */
  readonly uploadMaxRows?: number;
  /** Uploads received at once; default 16. */
  readonly maxUploads?: number;
  /** Days for which the details of an ended import are kept; default 30. */
  readonly retentionDays?: number;
  /** Default: no service answers requests. */
  readonly requestSettings?: RequestSettings;
  /** The built web client's files; not given: only the API is served. */
  readonly webClientDirectory?: string;
  /** Whether no other process receives uploads: those that were cut off when this process last ended are then aborted at start. */
  readonly abortReceivingAtStart: boolean;
  /** What the services of this process report. Default: they report nothing. */
  readonly health?: Pick<HealthReports, 'look'>;
  /** As of `UploadParts`. */
  readonly onShortUpload?: () => () => void;
  /** As of `SessionParts`. */
  readonly isHttps?: boolean;
}

export interface JobsService {
  readonly router: Router;
  /** Resolves where the tables in memory are those of the log. */
  checkTables(): Promise<void>;
  /**
   * Held answers come at once, so that each caller has the address under which it finds the outcome. Then workers have the time to reply to
   * what they have in hand. Comes before `stop`.
   */
  drain(milliseconds: number): Promise<void>;
  /** Resolves once no upload is received any more, and nothing is written any more. */
  stop(): Promise<void>;
}

/** Resolves once the folded imports are read and uploads can be received. */
export async function startJobsService(given: JobsServiceParts): Promise<JobsService> {
  const parts = { ...given, log: signedBy('jobs-service', given.log) };
  const { log, contactStore, tokens, logger, rates = new RequestRates() } = parts;
  const { requestSettings = new Map() } = parts;
  await ensureRequestTopics(log, requestSettings);
  const foldedImports = await followFoldedImports(log, logger);
  const countries = await openCountries(log, logger);
  const settings = await openOwnerSettings(log, logger);
  const orders = new Orders(log, logger, requestSettings.keys());
  const writing = await startWriting(parts, foldedImports, orders).catch(async (error) => {
    await Promise.all([foldedImports.close(), countries.close(), settings.close()]);
    throw error;
  });
  measureFailedRecords(orders, parts.registry);
  const tables = {
    [topics.state]: foldedImports,
    [topics.countries]: countries.tables.countries,
    [topics.timeZones]: countries.tables.timeZones,
    [topics.ownerSettings]: settings,
  };
  measureTables(parts.registry, 'jobs_service', tables);
  const sweepers = [UploadSweeper, LostWorkSweeper].map(
    (Sweeper) => new Sweeper({ log, foldedImports, logger }),
  );
  const reader = new ImportReader(foldedImports, contactStore, new WorkMonitor(log, contactStore));
  const limits = { maxBytes: parts.uploadMaxBytes, maxRows: parts.uploadMaxRows ?? DEFAULT_UPLOAD_MAX_ROWS };
  const uploads = createUploadReceiver({
    log,
    tokens,
    logger,
    foldedImports,
    settings,
    keyedUploads: new KeyedUploads(reader, foldedImports),
    reader,
    contactStore,
    limits,
    maxUploads: parts.maxUploads ?? 16,
    onShortUpload: parts.onShortUpload,
  });
  const { registry, retentionDays = DEFAULT_RETENTION_DAYS } = parts;
  const requestDoor = await openRequestDoor(requestSettings, { log, tags: tokens.tags, logger, registry });
  const retention = await startRetention({ log, contactStore, logger, registry, retentionDays });
  const schedule = await startSchedule({ log, logger, registry });
  const indexing = startIndexing({ contactStore, logger, registry, onWork: foldedImports.onChange });

  const held = { heldAnswers: new HeldAnswers(), heldTakes: new HeldAnswers() };
  const router = createRouter();
  router.use(createDocs());
  if (parts.webClientDirectory !== undefined) router.use(createPages(parts.webClientDirectory));
  router.use(
    createApiRouter({
      log,
      tokens,
      rates,
      logger,
      retentionDays,
      isHttps: parts.isHttps,
      ownerTokens: parts.ownerTokens,
      contactStore,
      reader,
      orders,
      countries,
      settings,
      uploadLimits: { ...limits, maxColumns: MAX_COLUMNS, maxRecordBytes: MAX_RECORD_BYTES },
      uploads,
      requestDoor,
      health: new HealthMonitor({ log, logger, own: async () => parts.health?.look() ?? [] }),
      ...held,
    }),
  );
  if (parts.webClientDirectory !== undefined) router.use(createUnknownPage(parts.webClientDirectory));
  return {
    router,
    checkTables: () => checkTables(tables),
    async drain(milliseconds) {
      for (const one of Object.values(held)) one.drain();
      await requestDoor?.workers.drain(milliseconds);
    },
    async stop() {
      await inTurn([
        () => requestDoor?.close(),
        () => settleAll([retention.stop(), schedule.stop(), indexing.stop()]),
        () => uploads.settled(),
        () => settleAll(sweepers.map((sweeper) => sweeper.stop())),
        () => writing.stop(),
        () => settleAll([foldedImports.close(), countries.close(), settings.close()]),
      ]);
    },
  };
}

async function startWriting(
  parts: JobsServiceParts,
  foldedImports: FoldedImports,
  orders: Orders,
): Promise<Consumer> {
  if (parts.abortReceivingAtStart) await abortReceiving(parts.log, foldedImports, parts.logger);
  const { retentionDays = DEFAULT_RETENTION_DAYS } = parts;
  const services = parts.requestSettings?.keys();
  const started = await Promise.allSettled([
    startSaga({ ...parts, orders }),
    startSettling({ ...parts, orders }),
    obeyOrders({ ...parts, foldedImports, retentionDays, services }),
  ]);
  const stop = async () => {
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  };
  for (const one of started) {
    if (one.status === 'fulfilled') continue;
    await stop();
    throw one.reason;
  }
  return { stop };
}
