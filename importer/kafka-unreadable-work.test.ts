import { planTopics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { type Engines, startEngines } from '@tidings/testing/engines/start-engines.ts';
import { afterAll, beforeAll, onTestFinished, test } from 'vitest';
import { unreadableWorkIsKept } from './test/unreadable-work.ts';

const contactStore = shareContactStore();
let engines: Engines;
beforeAll(async () => {
  engines = await startEngines({ kafka: true });
}, 300_000);
afterAll(() => engines.stop());

test('a record of work that nobody can read is a dead letter, on Kafka', { timeout: 120_000 }, async () => {
  const log = await openKafkaLog({ brokers: [engines.kafkaBrokers], replication: 1 });
  onTestFinished(() => log.close());
  await log.ensureTopics(planTopics(2));
  await unreadableWorkIsKept(log, contactStore());
});
