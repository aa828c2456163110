/** `npm run start -w hub`: starts a hub as a process of its own, one of several, on Kafka and Redis. */
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import { openScheduleLoad } from '@tidings/event-log/schedule/schedule-load.ts';
import { openOwnerChannels } from '@tidings/service-kit/access/owner-channels.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { tokenSettings } from '@tidings/service-kit/config/auth-variables.ts';
import { kafkaSettings } from '@tidings/service-kit/config/engine-variables.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { startHealthReports } from '@tidings/service-kit/process/health-reports.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { runService } from '@tidings/service-kit/process/run-service.ts';
import { createHub } from './app.ts';
import { readHubConfig } from './config.ts';
import { connectRedis } from './redis/connections.ts';
import { RedisUnavailableError } from './redis/errors.ts';

await runService({
  name: 'hub',
  readConfig: readHubConfig,
  site: siteOf,
  async start({ config, logger, server, waitFor, closeAtEnd }) {
    const redis = connectRedis(config.REDIS_URL, logger);
    closeAtEnd(async () => redis.close());
    const log = await waitFor('Kafka', () => openKafkaLog({ ...kafkaSettings(config), logger }));
    closeAtEnd(() => log.close());
    await waitFor('the topics', () => log.ensureTopics(planTopics(config.TOPIC_PARTITIONS)));
    const ownerTokens = await waitFor('the revoked tokens', () => openOwnerTokens(signedBy('hub', log)));
    closeAtEnd(() => ownerTokens.close());
    const ownerChannels = await waitFor('the channels of owners', () =>
      openOwnerChannels({ log: signedBy('hub', log), logger }),
    );
    closeAtEnd(() => ownerChannels.close());
    const scheduleLoad = await waitFor('the schedule', () =>
      openScheduleLoad({ log, scheduleTopic: topics.schedule }),
    );
    closeAtEnd(() => scheduleLoad.close());
    const registry = createRegistry({ processMetrics: false });
    const hub = createHub({
      log,
      redis,
      logger,
      registry,
      tokens: createTokenAuthority(tokenSettings(config), ownerTokens),
      ownerChannels,
      scheduleLoad,
      site: siteOf(config),
      trustedProxies: config.TRUST_PROXY,
      transports: config.SOCKET_TRANSPORTS,
      rates: new RequestRates({ publishPerSecond: config.PUBLISH_PER_SECOND }),
    });
    hub.attach(server);
    await waitFor('the notifications', () => hub.start());
    const checks = {
      log: () => log.endOffsets(topics.notifications),
      notifications: () => hub.checkNotifications(),
      // While Redis is down, clients are still accepted, notified of that, and asked to try again.
      redis: async () => {
        const outage = redis.describeOutage();
        if (outage !== null) throw new RedisUnavailableError(outage);
      },
    };
    const health = startHealthReports({ log, logger });
    closeAtEnd(() => health.close());
    health.add('hub', checks);
    return {
      router: hub.router,
      metrics: () => registry.metrics(),
      checks,
      drain: (milliseconds) => hub.drain(milliseconds),
      stop: () => hub.stop(),
    };
  },
});
