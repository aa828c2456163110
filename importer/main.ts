/** `npm run start -w importer`: the importer as a process of its own, on Kafka and PostgreSQL. */
import { openPostgresContactStore } from '@tidings/contact-store/open-contact-store.ts';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { kafkaSettings } from '@tidings/service-kit/config/engine-variables.ts';
import { startHealthReports } from '@tidings/service-kit/process/health-reports.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { runService } from '@tidings/service-kit/process/run-service.ts';
import { startImporter } from './app.ts';
import { readImporterConfig } from './config.ts';
import { requireReferenceData } from './require-reference-data.ts';

/** Connections for express chunks. */
const EXPRESS_CONNECTIONS = 1;
/** Connections besides those of chunks, for the check whether the database answers. */
const SPARE_CONNECTIONS = 1;

await runService({
  name: 'importer',
  givesWay: true,
  readConfig: readImporterConfig,
  async start({ config, logger, waitFor, closeAtEnd }) {
    const bulk = config.IMPORTER_CONNECTIONS;
    const contactStore = await waitFor('PostgreSQL', () =>
      openPostgresContactStore({
        url: config.DATABASE_URL,
        connections: EXPRESS_CONNECTIONS + bulk + SPARE_CONNECTIONS,
        applicationName: 'tidings-importer',
        logger,
      }),
    );
    closeAtEnd(() => contactStore.close());
    const log = await waitFor('Kafka', () => openKafkaLog({ ...kafkaSettings(config), logger }));
    closeAtEnd(() => log.close());
    await waitFor('the topics', () => log.ensureTopics(planTopics(config.TOPIC_PARTITIONS)));
    await waitFor('the reference data', () => requireReferenceData(log));
    const { importer, registry } = await waitFor('the topics of work', async () => {
      const own = createRegistry({ processMetrics: false });
      const connections = { kind: 'separate', express: EXPRESS_CONNECTIONS, bulk } as const;
      const started = await startImporter({ log, contactStore, logger, registry: own, connections });
      return { importer: started, registry: own };
    });
    const checks = {
      log: () => log.endOffsets(topics.bulkWork),
      contacts: () => contactStore.ping(),
      tables: () => importer.checkTables(),
    };
    const health = startHealthReports({ log, logger });
    closeAtEnd(() => health.close());
    health.add('importer', checks);
    return {
      metrics: () => registry.metrics(),
      checks,
      stop: () => importer.stop(),
    };
  },
});
