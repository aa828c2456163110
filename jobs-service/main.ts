/** `npm run start -w jobs-service`: the jobs service as a process of its own, on Kafka and PostgreSQL. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPostgresContactStore } from '@tidings/contact-store/open-contact-store.ts';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { tokenSettings } from '@tidings/service-kit/config/auth-variables.ts';
import { kafkaSettings } from '@tidings/service-kit/config/engine-variables.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { startHealthReports } from '@tidings/service-kit/process/health-reports.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { runService } from '@tidings/service-kit/process/run-service.ts';
import { startJobsService } from './app.ts';
import { readJobsServiceConfig } from './config.ts';
import { createPages } from './http/pages.ts';
import { readRequestSettings } from './requests/request-settings.ts';

const pages = fileURLToPath(new URL('../web-client/dist', import.meta.url));
/** Database connections, shared by lists, contacts and the projection. */
const CONNECTIONS = 8;

const hasPages = existsSync(join(pages, 'index.html'));

await runService({
  name: 'jobs-service',
  givesWay: true,
  readConfig: readJobsServiceConfig,
  site: siteOf,
  ...(hasPages && { whileStarting: createPages(pages) }),
  async start({ config, logger, waitFor, closeAtEnd }) {
    if (!hasPages) logger.warn('pages not found; serving the API only (`npm run build` makes the pages)');
    const contactStore = await waitFor('PostgreSQL', () =>
      openPostgresContactStore({
        url: config.DATABASE_URL,
        connections: CONNECTIONS,
        applicationName: 'tidings-jobs-service',
        logger,
      }),
    );
    closeAtEnd(() => contactStore.close());
    const log = await waitFor('Kafka', () => openKafkaLog({ ...kafkaSettings(config), logger }));
    closeAtEnd(() => log.close());
    await waitFor('the topics', () => log.ensureTopics(planTopics(config.TOPIC_PARTITIONS)));
    const ownerTokens = await waitFor('the revoked tokens', () =>
      openOwnerTokens(signedBy('jobs-service', log)),
    );
    closeAtEnd(() => ownerTokens.close());
    const health = startHealthReports({ log, logger });
    closeAtEnd(() => health.close());
    const { jobsService, registry } = await waitFor('the folded imports', async () => {
      const own = createRegistry({ processMetrics: false });
      const started = await startJobsService({
        log,
        contactStore,
        logger,
        registry: own,
        tokens: createTokenAuthority(tokenSettings(config), ownerTokens),
        ownerTokens,
        rates: new RequestRates({ publishPerSecond: config.PUBLISH_PER_SECOND }),
        uploadMaxBytes: config.UPLOAD_MAX_BYTES,
        retentionDays: config.RETENTION_DAYS,
        requestSettings: readRequestSettings(config.REQUESTS),
        isHttps: siteOf(config).isHttps,
        webClientDirectory: hasPages ? pages : undefined,
        health,
        // Another instance may be receiving.
        abortReceivingAtStart: false,
      });
      return { jobsService: started, registry: own };
    });
    const checks = {
      log: () => log.endOffsets(topics.commands),
      contacts: () => contactStore.ping(),
      tables: () => jobsService.checkTables(),
    };
    health.add('jobs-service', checks);
    return {
      metrics: () => registry.metrics(),
      router: jobsService.router,
      checks,
      drain: (milliseconds) => jobsService.drain(milliseconds),
      stop: () => jobsService.stop(),
    };
  },
});
