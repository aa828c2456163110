/** A member of another Kafka client in one of our groups. */

import { startTestBroker } from '@tidings/testing/engines/kafka-broker.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { AssignerProtocol, Kafka, logLevel, type PartitionAssigner } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { openKafkaLog } from './kafka-log.ts';
import { testSettings } from './test/settings.ts';

const { brokers } = await startTestBroker();

/** As kafka-python and Kafka's own clients have it by default: it never assigns here, because ours leads the group. */
const range: PartitionAssigner = () => ({
  name: 'range',
  version: 1,
  protocol: ({ topics }) => ({
    name: 'range',
    metadata: AssignerProtocol.MemberMetadata.encode({
      ...{ version: 1, topics, userData: Buffer.alloc(0) },
    }),
  }),
  assign: () => Promise.reject(new Error('The first member leads.')),
});

test('a member that knows only the assignor range shares the partitions with ours', async () => {
  const log = await openKafkaLog(testSettings(brokers));
  onTestFinished(() => log.close());
  await log.ensureTopics([{ name: 'shared', partitions: 4, cleanup: 'delete' }]);
  await log.consume({ group: 'shared', topics: ['shared'], handler: async () => undefined });
  await eventually(async () => expect(await log.countMembers('shared')).toBe(1));
  const foreign = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).consumer({
    ...{ groupId: 'shared', partitionAssigners: [range], sessionTimeout: 3_000, heartbeatInterval: 500 },
  });
  onTestFinished(() => foreign.disconnect());
  const assigned: number[] = [];
  foreign.on(foreign.events.GROUP_JOIN, ({ payload }) => {
    assigned.push(payload.memberAssignment.shared?.length ?? 0);
  });
  await foreign.connect();
  await foreign.subscribe({ topics: ['shared'] });
  await foreign.run({ eachMessage: async () => undefined });
  await eventually(() => expect(assigned).toContain(2));
  expect(await log.countMembers('shared')).toBe(2);
});
