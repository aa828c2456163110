/** `npm run start -w reference-data`: publishes countries and time zones as a process of its own, on Kafka. */
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { kafkaSettings } from '@tidings/service-kit/config/engine-variables.ts';
import { startHealthReports } from '@tidings/service-kit/process/health-reports.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { runService } from '@tidings/service-kit/process/run-service.ts';
import { checkTables, measureTables } from '@tidings/service-kit/process/table-lag.ts';
import { startReferenceData } from './app.ts';
import { readReferenceDataConfig } from './config.ts';

await runService({
  name: 'reference-data',
  readConfig: readReferenceDataConfig,
  async start({ config, logger, waitFor, closeAtEnd }) {
    const log = await waitFor('Kafka', () => openKafkaLog({ ...kafkaSettings(config), logger }));
    closeAtEnd(() => log.close());
    await waitFor('the topics', () => log.ensureTopics(planTopics(config.TOPIC_PARTITIONS)));
    const referenceData = await waitFor('the reference data', () => startReferenceData({ log, logger }));
    const { countries, timeZones } = referenceData.tables;
    const tables = { [topics.countries]: countries, [topics.timeZones]: timeZones };
    const registry = createRegistry({ processMetrics: false });
    measureTables(registry, 'reference_data', tables);
    const checks = { log: () => log.endOffsets(topics.countries), tables: () => checkTables(tables) };
    const health = startHealthReports({ log, logger });
    closeAtEnd(() => health.close());
    health.add('reference-data', checks);
    return {
      metrics: () => registry.metrics(),
      checks,
      stop: () => referenceData.stop(),
    };
  },
});
