/** The rows of kafkajs in “Libraries we lean on” of ARCHITECTURE, on a real Kafka. */
import { createRequire } from 'node:module';
import {
  type Cluster,
  type ISocketFactoryArgs,
  Kafka,
  logLevel,
  type PartitionAssigner,
  PartitionAssigners,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { type Engines, startEngines } from '../engines/start-engines.ts';
import { eventually } from '../eventually.ts';
import { recordCalls } from './recorded-calls.ts';

const require = createRequire(import.meta.url);
let engines: Engines;

beforeAll(async () => {
  engines = await startEngines({ kafka: true });
});
afterAll(() => engines?.stop());

describe('kafkajs', () => {
  test('RequestQueue: scheduleCheckPendingRequests on its prototype, and the field pending', () => {
    const RequestQueue = require('kafkajs/src/network/requestQueue/index.js');
    expect(RequestQueue.prototype.scheduleCheckPendingRequests).toBeTypeOf('function');
    const emitter = { emit: () => undefined, addListener: () => () => undefined };
    const queue = new RequestQueue({ instrumentationEmitter: emitter, requestTimeout: 1, logger: silent });
    expect(queue.pending).toEqual([]);
  });

  test('RequestQueue: scheduleRequestTimeoutCheck, called once a connection is open, and the fields and methods that it uses', async () => {
    const { prototype } = require('kafkajs/src/network/requestQueue/index.js');
    const schedule = vi.spyOn(prototype, 'scheduleRequestTimeoutCheck');
    onTestFinished(() => schedule.mockRestore());
    const admin = await connectAdmin(createKafka());
    const [queue] = schedule.mock.contexts;
    const listed = admin.listTopics();
    await eventually(() => expect(queue.inflight.size).toBe(1), { everyMs: 0 });
    expect(queue).toMatchObject({
      enforceRequestTimeout: true,
      requestTimeout: expect.any(Number),
      requestTimeoutIntervalId: expect.anything(),
    });
    expect([typeof queue.isConnected, typeof queue.destroy]).toEqual(['function', 'function']);
    const [request] = queue.inflight.values();
    expect(request).toMatchObject({ sentAt: expect.any(Number), requestTimeout: queue.requestTimeout });
    expect(request.timeoutRequest).toBeTypeOf('function');
    await listed;
  });

  test('partitionAssigners: called once with the cluster, before kafka.consumer() returns; PartitionAssigners.roundRobin makes one', () => {
    const clusters: Cluster[] = [];
    const assigner: PartitionAssigner = (parts) => {
      clusters.push(parts.cluster);
      const made = PartitionAssigners.roundRobin(parts);
      expect(made).toMatchObject({ name: expect.any(String), version: expect.any(Number) });
      expect([typeof made.assign, typeof made.protocol]).toEqual(['function', 'function']);
      return made;
    };
    createKafka().consumer({ groupId: 'any', partitionAssigners: [assigner] });
    expect(clusters).toHaveLength(1);
  });

  test('socketFactory: no socket is made without it', async () => {
    const refusal = new Error('no socket');
    const targets: unknown[] = [];
    const kafka = createKafka((target) => {
      targets.push(target);
      throw refusal;
    });
    await expect(kafka.admin().connect()).rejects.toThrow('no socket');
    const [host, port] = engines.kafkaBrokers.split(':');
    expect(targets[0]).toMatchObject({ host, port: Number(port), onConnect: expect.any(Function) });
  });

  test('Encoder, Decoder and errors by their paths, and Broker.connectionPool.send', async () => {
    const Encoder = require('kafkajs/src/protocol/encoder');
    const Decoder = require('kafkajs/src/protocol/decoder');
    const { failure, createErrorFromCode } = require('kafkajs/src/protocol/error');
    const written = new Encoder()
      .writeUVarIntString('topic')
      .writeUVarIntArray([new Encoder().writeInt32(7)])
      .writeBoolean(true)
      .writeUVarIntBytes();
    const read = new Decoder(written.buffer);
    expect(read.readUVarIntString()).toBe('topic');
    expect(read.readUVarIntArray((item: { readInt32(): number }) => item.readInt32())).toEqual([7]);
    expect(read.readInt8()).toBe(1);
    expect(read.readTaggedFields()).toBeNull();
    expect([failure(88), createErrorFromCode(88).type]).toEqual([true, 'UNSTABLE_OFFSET_COMMIT']);
    const { cluster } = await connectCluster();
    const coordinator = await cluster.findGroupCoordinator({ groupId: 'any' });
    expect(Reflect.get(coordinator, 'connectionPool').send).toBeTypeOf('function');
  });

  test('Cluster: leaders, brokers, coordinators and offsets without a consumer', async () => {
    const topic = await createTopic(2);
    const { cluster } = await connectCluster();
    await cluster.addTargetTopic(topic);
    await cluster.addMultipleTargetTopics([topic]);
    await cluster.refreshMetadata();
    await cluster.refreshMetadataIfNecessary();
    const leaders = cluster.findLeaderForPartitions(topic, [0, 1]);
    expect(leaders).toEqual({ 1: [0, 1] });
    const broker = await cluster.findBroker({ nodeId: '1' });
    expect(broker.isConnected()).toBe(true);
    await eventually(async () => {
      const found = await cluster.findGroupCoordinatorMetadata({ groupId: 'any' });
      expect(found.coordinator.nodeId).toBe(1);
    });
    for (const where of [{ fromBeginning: true }, { fromBeginning: false }, { fromTimestamp: 1 }]) {
      const partitions = [{ partition: 0 }, { partition: 1 }];
      const [found] = await cluster.fetchTopicsOffset([{ topic, partitions, ...where }]);
      expect(found?.partitions).toHaveLength(2);
      expect(found?.partitions).toContainEqual({ partition: 0, offset: expect.stringMatching(/^-?\d+$/) });
    }
  });

  test('Broker.fetch: its answer, the fields of its messages, and the type, topic and partition of its error', async () => {
    const topic = await createTopic(1);
    const { kafka, cluster } = await connectCluster();
    const producer = kafka.producer({ idempotent: true });
    onTestFinished(() => producer.disconnect());
    await producer.connect();
    await producer.send({ topic, messages: [{ key: 'k', value: 'v', headers: { h: 'x' } }] });
    await cluster.addTargetTopic(topic);
    const broker = await cluster.findBroker({ nodeId: '1' });
    const fetch = (fetchOffset: string) =>
      broker.fetch({
        isolationLevel: 1,
        maxWaitTime: 500,
        minBytes: 1,
        maxBytes: 100_000,
        topics: [{ topic, partitions: [{ partition: 0, fetchOffset, maxBytes: 100_000 }] }],
      });
    const parsed = fetchAnswerSchema.parse(await fetch('0'));
    expect(parsed.responses[0]).toMatchObject({ topicName: topic });
    const outOfRange = { type: 'OFFSET_OUT_OF_RANGE', topic, partition: 0 };
    await expect(fetch('1000')).rejects.toMatchObject(outOfRange);
  });

  test('ConsumerGroup: joins by cluster.findGroupCoordinator, and asks the broker that it returns for everything; GROUP_JOIN and HEARTBEAT', async () => {
    const topic = await createTopic(1);
    const { consumer, cluster } = createConsumer({
      groupId: 'leaning',
      heartbeatInterval: 50,
      maxWaitTimeInMs: 50,
    });
    const asked = new Set<string | symbol>();
    const find = cluster.findGroupCoordinator;
    cluster.findGroupCoordinator = async (group) => recordCalls(await find.call(cluster, group), asked);
    const heartbeats: unknown[] = [];
    consumer.on(consumer.events.HEARTBEAT, ({ payload }) => heartbeats.push(payload));
    const joined = new Promise((resolve) =>
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        consumer.pause([{ topic }]);
        resolve(payload);
      }),
    );
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: async () => undefined });
    const payload = { memberId: expect.any(String), memberAssignment: { [topic]: [0] } };
    expect(await joined).toMatchObject(payload);
    await eventually(() => expect(heartbeats).not.toEqual([]));
    await consumer.commitOffsets([{ topic, partition: 0, offset: '0' }]);
    await consumer.disconnect();
    const questions = ['heartbeat', 'joinGroup', 'leaveGroup', 'offsetCommit', 'syncGroup', 'isConnected'];
    expect([...asked]).toEqual(expect.arrayContaining(questions));
  });

  test('restartOnFailure: false ends a consumer that crashes, with CRASH and its error', async () => {
    const { consumer, cluster } = createConsumer({
      groupId: 'crashing',
      retry: { retries: 0, restartOnFailure: async () => false },
    });
    const failure = new Error('no coordinator');
    cluster.findGroupCoordinator = () => Promise.reject(failure);
    const crash = new Promise<{ error: Error; restart: boolean }>((resolve) =>
      consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload)),
    );
    await consumer.connect();
    await consumer.subscribe({ topics: [await createTopic(1)] });
    await consumer.run({ eachBatch: async () => undefined }).catch(() => undefined);
    expect(await crash).toMatchObject({
      error: expect.objectContaining({ message: expect.stringContaining('no coordinator') }),
      restart: false,
    });
  });

  test('producer.sendBatch without messages of a topic writes nothing', async () => {
    const topic = await createTopic(1);
    const kafka = createKafka();
    const producer = kafka.producer({ idempotent: true });
    onTestFinished(() => producer.disconnect());
    await producer.connect();
    expect(await producer.sendBatch({ topicMessages: [{ topic, messages: [] }] })).toEqual([]);
    const admin = await connectAdmin(kafka);
    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ high: '0' }]);
  });

  test('admin.fetchTopicOffsets loads the leaders that admin.deleteTopicRecords needs', async () => {
    const topic = await createTopic(1);
    const kafka = createKafka();
    const producer = kafka.producer();
    onTestFinished(() => producer.disconnect());
    await producer.connect();
    await producer.send({ topic, messages: [{ value: '1' }, { value: '2' }] });
    const admin = await connectAdmin(kafka);
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] });
    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ low: '1', high: '2' }]);
  });

  test('ConfigResourceTypes.TOPIC is 2, and errors have these names', () => {
    expect(require('kafkajs').ConfigResourceTypes.TOPIC).toBe(2);
    const errors = require('kafkajs/src/errors.js');
    for (const name of [
      'KafkaJSConnectionError',
      'KafkaJSConnectionClosedError',
      'KafkaJSRequestTimeoutError',
      'KafkaJSSASLAuthenticationError',
    ])
      expect(new errors[name]('any', {}).name).toBe(name);
  });
});

const silent = { namespace: () => silent, error() {}, warn() {}, info() {}, debug() {} };

const fetchAnswerSchema = z.object({
  responses: z.tuple([
    z.object({
      topicName: z.string(),
      partitions: z.tuple([
        z.object({
          partition: z.literal(0),
          highWatermark: z.literal('1'),
          lastStableOffset: z.literal('1'),
          abortedTransactions: z
            .array(z.object({ producerId: z.string(), firstOffset: z.string() }))
            .nullable(),
          messages: z.tuple([
            z.object({
              offset: z.literal('0'),
              timestamp: z.string().regex(/^\d+$/),
              key: z.instanceof(Buffer),
              value: z.instanceof(Buffer),
              headers: z.object({ h: z.instanceof(Buffer) }),
              isControlRecord: z.literal(false),
              batchContext: z.object({
                firstOffset: z.literal('0'),
                lastOffsetDelta: z.literal(0),
                producerId: z.string(),
                inTransaction: z.literal(false),
              }),
            }),
          ]),
        }),
      ]),
    }),
  ]),
});

function createKafka(socketFactory?: (target: ISocketFactoryArgs) => never): Kafka {
  return new Kafka({
    brokers: engines.kafkaBrokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20, retries: socketFactory === undefined ? 10 : 0 },
    ...(socketFactory && { socketFactory }),
  });
}

function createConsumer(config: Partial<Parameters<Kafka['consumer']>[0]> & { groupId: string }) {
  let cluster: Cluster | undefined;
  const kafka = createKafka();
  const consumer = kafka.consumer({
    ...config,
    partitionAssigners: [
      (parts) => {
        cluster = parts.cluster;
        return PartitionAssigners.roundRobin(parts);
      },
    ],
  });
  onTestFinished(() => consumer.disconnect());
  if (cluster === undefined) throw new Error('partitionAssigners: kafkajs has not called the assigner');
  return { kafka, consumer, cluster };
}

async function connectCluster() {
  const { kafka, cluster } = createConsumer({ groupId: 'none', readUncommitted: true });
  await cluster.connect();
  onTestFinished(() => cluster.disconnect());
  return { kafka, cluster };
}

async function connectAdmin(kafka: Kafka) {
  const admin = kafka.admin();
  onTestFinished(() => admin.disconnect());
  await admin.connect();
  return admin;
}

let topics = 0;
async function createTopic(numPartitions: number): Promise<string> {
  topics += 1;
  const topic = `leaning-${topics}`;
  const admin = await connectAdmin(createKafka());
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  return topic;
}
