/**
 * `npm run prepare-engines -w jobs-service`: makes the topics, brings the database to this release's schema, and ends. Every service
 * does both when it starts; this program is for operators who do it before, and check the result.
 */
import { openPostgresContactStore } from '@tidings/contact-store/open-contact-store.ts';
import { planTopics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import { ConfigError } from '@tidings/service-kit/config/config.ts';
import { kafkaSettings } from '@tidings/service-kit/config/engine-variables.ts';
import { createLogger, type Logger } from '@tidings/service-kit/process/logging.ts';
import { readEnginesConfig } from './config.ts';

/** Milliseconds between two attempts while an engine is away. */
const PAUSE_MS = 1_000;

type EnginesConfig = ReturnType<typeof readEnginesConfig>;

await main();

async function main(): Promise<void> {
  try {
    const config = readEnginesConfig(process.env);
    const logger = createLogger('prepare-engines', config.LOG_LEVEL);
    await untilReached(logger, () => migrateContacts(config, logger));
    logger.info('database schema is current');
    await untilReached(logger, () => ensureTopics(config, logger));
    logger.info('topics exist');
  } catch (error) {
    const mistakes = error instanceof ConfigError ? error.mistakes : [(error as Error).message];
    for (const mistake of mistakes) process.stderr.write(`prepare-engines: ${mistake}\n`);
    process.exit(1);
  }
}

async function migrateContacts({ DATABASE_URL }: EnginesConfig, logger: Logger): Promise<void> {
  const contactStore = await openPostgresContactStore({ url: DATABASE_URL, connections: 1, logger });
  await contactStore.close();
}

async function ensureTopics(config: EnginesConfig, logger: Logger): Promise<void> {
  const log = await openKafkaLog({ ...kafkaSettings(config), logger });
  try {
    await log.ensureTopics(planTopics(config.TOPIC_PARTITIONS));
  } finally {
    await log.close();
  }
}

/** Tries again until the engine answers: whoever started this process ends it. */
function untilReached(logger: Logger, attempt: () => Promise<void>): Promise<void> {
  return retryUntil(attempt, {
    firstMs: PAUSE_MS,
    longestMs: PAUSE_MS,
    onFailure: (error) => logger.warn({ err: error }, 'engine not reached; retrying'),
  });
}
