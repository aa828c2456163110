/** `npm run start -w webhooks`: the webhooks service as a process of its own, on Kafka. */
import { topics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { tokenSettings } from '@tidings/service-kit/config/auth-variables.ts';
import { kafkaSettings } from '@tidings/service-kit/config/engine-variables.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { startHealthReports } from '@tidings/service-kit/process/health-reports.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { runService } from '@tidings/service-kit/process/run-service.ts';
import { prepareWebhookTopics, startWebhooks } from './app.ts';
import { readWebhooksConfig } from './config.ts';

await runService({
  name: 'webhooks',
  readConfig: readWebhooksConfig,
  site: siteOf,
  async start({ config, logger, waitFor, closeAtEnd }) {
    const log = await waitFor('Kafka', () => openKafkaLog({ ...kafkaSettings(config), logger }));
    closeAtEnd(() => log.close());
    await waitFor('the topics', () => prepareWebhookTopics(log, config.TOPIC_PARTITIONS));
    const ownerTokens = await waitFor('the revoked tokens', () => openOwnerTokens(log));
    closeAtEnd(() => ownerTokens.close());
    const { webhooks, registry } = await waitFor('the deliveries', async () => {
      const own = createRegistry({ processMetrics: false });
      const started = await startWebhooks({
        ...{ log, logger, registry: own },
        tokens: createTokenAuthority(tokenSettings(config), ownerTokens),
        rates: new RequestRates({ publishPerSecond: config.PUBLISH_PER_SECOND }),
        authSecrets: config.AUTH_SECRET,
        allowLoopback: config.WEBHOOK_ALLOW_PRIVATE === 'true',
      });
      return { webhooks: started, registry: own };
    });
    const checks = { log: () => log.endOffsets(topics.webhookDeliveries) };
    const health = startHealthReports({ log, logger });
    closeAtEnd(() => health.close());
    health.add('webhooks', checks);
    return {
      router: webhooks.router,
      metrics: () => registry.metrics(),
      checks,
      stop: () => webhooks.stop(),
    };
  },
});
