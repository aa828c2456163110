/** On real Kafka: two instances share the endpoints, and one goes on with what the other has left. */
import { planTopics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { startTestBroker } from '@tidings/testing/engines/kafka-broker.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, onTestFinished, test } from 'vitest';
import { answerWith, startReceiver } from './test/receiver.ts';
import { startWorld } from './test/webhooks-world.ts';

const { brokers } = await startTestBroker();
const patiently = { withinMs: 45_000 };

test('each outcome is delivered once by two instances, and by one once the other has stopped', async () => {
  const open = async () => {
    const log = await openKafkaLog({ brokers: [brokers], replication: 1 });
    onTestFinished(() => log.close());
    await log.ensureTopics(planTopics(2));
    return log;
  };
  const [receiver, first] = [await startReceiver(), await startWorld({ log: await open() })];
  const second = await startWorld({ log: await open() });
  const token = await first.token('mira');
  const { id } = await second.register(token, receiver.url);
  const numbers = () => receiver.received.map(({ body }) => body.data.number);
  for (const number of [1, 2, 3]) await first.outcome('mira', { number });
  await eventually(() => expect(numbers().toSorted()).toEqual([1, 2, 3]), patiently);
  expect((await second.deliveries(token, id)).length).toBe(3);
  await first.stop();
  receiver.answer = answerWith(200);
  await second.outcome('mira', { number: 4 });
  await eventually(() => expect(numbers()).toContain(4), patiently);
  expect(numbers().filter((number) => number === 4)).toHaveLength(1);
});
