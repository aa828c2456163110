/**
 * Tidings in one process: every service on the embedded engines. The log, the hub and the HTTP server share the main
 * thread; contacts and importer share a worker thread, so that no transaction ever blocks a notification.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAggregator } from '@tidings/aggregator/app.ts';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import { openScheduleLoad } from '@tidings/event-log/schedule/schedule-load.ts';
import { inTurn } from '@tidings/failures/in-turn.ts';
import { settleAll } from '@tidings/failures/settle-all.ts';
import { createHub } from '@tidings/hub/app.ts';
import { startJobsService } from '@tidings/jobs-service/app.ts';
import { readRequestSettings } from '@tidings/jobs-service/requests/request-settings.ts';
import { startReferenceData } from '@tidings/reference-data/app.ts';
import { openOwnerChannels } from '@tidings/service-kit/access/owner-channels.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { tokenSettings } from '@tidings/service-kit/config/auth-variables.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import type { ReadinessCheck } from '@tidings/service-kit/http/health.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import { type HealthReports, startHealthReports } from '@tidings/service-kit/process/health-reports.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import type { RunningService, ServiceContext } from '@tidings/service-kit/process/service-process.ts';
import { startWebhooks } from '@tidings/webhooks/app.ts';
import type { PreparedStart } from './prepare-start.ts';
import { startContactsThread } from './start-contacts-thread.ts';
import { openUntilFolded } from './until-folded.ts';

/** The files of the pages. */
export const webClientDirectory = fileURLToPath(new URL('../web-client/dist', import.meta.url));

/** Resolves when every service is ready. */
export async function startAllInOne(context: ServiceContext<PreparedStart>): Promise<RunningService> {
  const { config, logger, server, signal, closeAtEnd } = context;
  const { log, directory } = config;
  closeAtEnd(() => log.close());
  const registry = createRegistry({ processMetrics: false });
  await log.ensureTopics(planTopics(config.TOPIC_PARTITIONS));
  const untilFolded = await openUntilFolded(log);
  const [referenceData, aggregator, contactsThread] = await Promise.all([
    startReferenceData({ log, logger }),
    startAggregator({ log, logger, registry }),
    startContactsThread({ log, directory: join(directory, 'contacts'), logLevel: config.LOG_LEVEL }),
  ]);
  closeAtEnd(() => contactsThread.close());
  const ownerTokens = await openOwnerTokens(signedBy('jobs-service', log));
  closeAtEnd(() => ownerTokens.close());
  const ownerChannels = await openOwnerChannels({ log: signedBy('hub', log), logger });
  closeAtEnd(() => ownerChannels.close());
  const scheduleLoad = await openScheduleLoad({ log, scheduleTopic: topics.schedule });
  closeAtEnd(() => scheduleLoad.close());
  const shared = {
    log,
    logger,
    registry,
    tokens: createTokenAuthority(tokenSettings(config), ownerTokens),
    // Hub and jobs service share the counts, because both answer on one port.
    rates: new RequestRates({ publishPerSecond: config.PUBLISH_PER_SECOND }),
  };
  const health = startHealthReports({ log, logger });
  closeAtEnd(() => health.close());
  await untilFolded(signal);
  const jobsService = await startJobsService({
    ...shared,
    contactStore: contactsThread.contactStore,
    ownerTokens,
    health,
    uploadMaxBytes: config.UPLOAD_MAX_BYTES,
    retentionDays: config.RETENTION_DAYS,
    requestSettings: readRequestSettings(config.REQUESTS),
    webClientDirectory,
    abortReceivingAtStart: true,
    isHttps: siteOf(config).isHttps,
    onShortUpload: () => contactsThread.expectShortImport(),
  });
  const webhooks = await startWebhooks({
    ...shared,
    authSecrets: config.AUTH_SECRET,
    allowLoopback: config.WEBHOOK_ALLOW_PRIVATE === 'true',
  });
  const hub = createHub({
    ...shared,
    ownerChannels,
    scheduleLoad,
    site: siteOf(config),
    trustedProxies: config.TRUST_PROXY,
    transports: config.SOCKET_TRANSPORTS,
  });
  await hub.start();
  hub.attach(server);
  await contactsThread.startImporter();
  const checks = {
    log: () => log.endOffsets(topics.commands),
    contacts: () => contactsThread.contactStore.ping(),
    tables: () => Promise.all([contactsThread.checkTables(), jobsService.checkTables()]),
    notifications: () => hub.checkNotifications(),
  };
  reportServices(health, checks);
  return {
    router: createRouter().use(hub.router, webhooks.router, jobsService.router),
    metrics: async () => `${await registry.metrics()}\n${await contactsThread.metrics()}`,
    checks,
    async drain(milliseconds) {
      await settleAll([jobsService.drain(milliseconds), hub.drain(milliseconds)]);
    },
    async stop() {
      await inTurn([
        () => contactsThread.stopImporter(),
        () =>
          settleAll([
            jobsService.stop(),
            webhooks.stop(),
            aggregator.stop(),
            referenceData.stop(),
            hub.stop(),
          ]),
      ]);
    },
  };
}

/** Each service has those parts that it needs. */
function reportServices(
  health: HealthReports,
  {
    log,
    contacts,
    tables,
    notifications,
  }: Readonly<Record<'log' | 'contacts' | 'tables' | 'notifications', ReadinessCheck>>,
): void {
  health.add('hub', { log, notifications });
  health.add('jobs-service', { log, contacts, tables });
  health.add('importer', { log, contacts, tables });
  for (const service of ['aggregator', 'reference-data', 'webhooks'] as const) health.add(service, { log });
}
