import { planTopics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { type Engines, startEngines } from '@tidings/testing/engines/start-engines.ts';
import { afterAll, beforeAll, onTestFinished, test } from 'vitest';
import { changedCountryCounts } from './test/changed-country.ts';

const contactStore = shareContactStore();
let engines: Engines;
beforeAll(async () => {
  engines = await startEngines({ kafka: true });
}, 300_000);
afterAll(() => engines.stop());

test('a country that is changed in the middle of an import counts for the next row of both importers, on Kafka', {
  timeout: 240_000,
}, async () => {
  const open = async () => {
    const log = await openKafkaLog({ brokers: [engines.kafkaBrokers], replication: 1 });
    onTestFinished(() => log.close());
    return log;
  };
  const [log, other] = [await open(), await open()];
  await log.ensureTopics(planTopics(2));
  await changedCountryCounts([log, other], contactStore());
});
