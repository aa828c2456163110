/** `npm run start -w reference-data`: publishes countries and time zones as a process of its own, on Kafka. */
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { kafkaSettings } from '@tidings/service-kit/config/engine-variables.ts';
import { runService } from '@tidings/service-kit/process/run-service.ts';
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
    return {
      checks: { log: () => log.endOffsets(topics.countries) },
      stop: () => referenceData.stop(),
    };
  },
});
