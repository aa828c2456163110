/** `npm run start -w aggregator`: the aggregator as a process of its own, on Kafka. */
import { topics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { kafkaSettings } from '@tidings/service-kit/config/engine-variables.ts';
import { startHealthReports } from '@tidings/service-kit/process/health-reports.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { runService } from '@tidings/service-kit/process/run-service.ts';
import { prepareTopics, startAggregator } from './app.ts';
import { readAggregatorConfig } from './config.ts';

await runService({
  name: 'aggregator',
  readConfig: readAggregatorConfig,
  async start({ config, logger, waitFor, closeAtEnd }) {
    const log = await waitFor('Kafka', () => openKafkaLog({ ...kafkaSettings(config), logger }));
    closeAtEnd(() => log.close());
    await waitFor('the topics', () => prepareTopics(log, config.TOPIC_PARTITIONS));
    const { aggregator, registry } = await waitFor('the commands', async () => {
      const own = createRegistry({ processMetrics: false });
      return { aggregator: await startAggregator({ log, logger, registry: own }), registry: own };
    });
    const checks = { log: () => log.endOffsets(topics.commands) };
    const health = startHealthReports({ log, logger });
    closeAtEnd(() => health.close());
    health.add('aggregator', checks);
    return {
      metrics: () => registry.metrics(),
      checks,
      stop: () => aggregator.stop(),
    };
  },
});
