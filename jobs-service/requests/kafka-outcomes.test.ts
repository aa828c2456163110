import { planTopics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { startTestBroker } from '@tidings/testing/engines/kafka-broker.ts';
import { onTestFinished, test } from 'vitest';
import { unaddressedReplyIsTold } from '../test/unaddressed-reply.ts';

const { brokers } = await startTestBroker();

// Nothing was told to the channel, because only the correlation id named it.
test('a reply without the correlation id of its request is told to the channel, on Kafka', async () => {
  const log = await openKafkaLog({ brokers: [brokers], replication: 1 });
  onTestFinished(() => log.close());
  await log.ensureTopics(planTopics(2));
  await unaddressedReplyIsTold(log);
});
