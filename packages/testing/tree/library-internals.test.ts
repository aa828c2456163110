/**
 * Checks the table “Libraries we lean on” of ARCHITECTURE: what Tidings uses of libraries beyond their documented API, each in the library
 * itself and on real engines. An update that moves one of these internals fails a test of its name.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import {
  type Cluster,
  type ISocketFactoryArgs,
  Kafka,
  logLevel,
  type PartitionAssigner,
  PartitionAssigners,
} from 'kafkajs';
import metadata from 'libphonenumber-js/max/metadata';
import { Server, type Socket } from 'socket.io';
import { type Socket as ClientSocket, io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { type Engines, startEngines } from '../engines/start-engines.ts';
import { eventually } from '../eventually.ts';
import { root } from './sources.ts';

const require = createRequire(import.meta.url);
let engines: Engines;

beforeAll(async () => {
  engines = await startEngines({ kafka: true, redis: true });
});
afterAll(() => engines?.stop());

test('the table of ARCHITECTURE names these libraries, in the versions that are installed', () => {
  const rows = readTable();
  const tested = [
    '@socket.io/redis-adapter',
    'engine.io',
    'ioredis',
    'kafkajs',
    'libphonenumber-js',
    'socket.io',
  ];
  expect([...new Set(rows.map(({ library }) => library))].sort()).toEqual(tested);
  for (const { library, version } of rows) {
    const manifest = readFileSync(join(root, 'node_modules', library, 'package.json'), 'utf8');
    expect(`${library} ${JSON.parse(manifest).version}.`).toContain(`${library} ${version}.`);
  }
});

describe('kafkajs', () => {
  test('RequestQueue: scheduleCheckPendingRequests on its prototype, and the field pending', () => {
    const RequestQueue = require('kafkajs/src/network/requestQueue/index.js');
    expect(RequestQueue.prototype.scheduleCheckPendingRequests).toBeTypeOf('function');
    const emitter = { emit: () => undefined, addListener: () => () => undefined };
    const queue = new RequestQueue({ instrumentationEmitter: emitter, requestTimeout: 1, logger: silent });
    expect(queue.pending).toEqual([]);
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

describe('engine.io', () => {
  test('packetCreate, flush and drain of a connection; then drain and ready of its transport; request.websocket answers pings', async () => {
    const { server, connect } = await startServer();
    const opened = new Promise<Socket>((resolve) => server.on('connection', resolve));
    await connect();
    const { conn } = await opened;
    const websocket = websocketOf(conn.request);
    // What the opening itself writes has gone.
    await eventually(() => expect(conn.transport.writable).toBe(true));
    const events: string[] = [];
    conn.on('packetCreate', ({ data }: { data?: unknown }) => events.push(`packetCreate ${String(data)}`));
    for (const name of ['flush', 'drain'] as const) conn.on(name, () => events.push(name));
    for (const name of ['drain', 'ready']) conn.transport.on(name, () => events.push(`transport ${name}`));
    // What the client gets is a Socket.IO packet: any other would end its connection.
    conn.write('2["hello"]');
    await eventually(() => expect(events.at(-1)).toBe('transport ready'));
    expect(events).toEqual([
      'packetCreate 2["hello"]',
      'flush',
      'drain',
      'transport drain',
      'transport ready',
    ]);
    const pong = once(websocket, 'pong');
    websocket.ping('payload');
    expect(String((await pong)[0])).toBe('payload');
  });

  test('upgrade: emitted on a server that does not listen, it opens a connection', async () => {
    const { server, connect } = await startServer();
    const connected: unknown[] = [];
    server.engine.on('connection', (connection: { request: unknown }) => connected.push(connection.request));
    await connect();
    expect(connected).toEqual([
      expect.objectContaining({ socket: expect.objectContaining({ remotePort: expect.any(Number) }) }),
    ]);
  });

  test('request.socket is the TCP connection: destroying it is a lost connection for the client', async () => {
    const { server, connect } = await startServer();
    const opened = new Promise<Socket>((resolve) => server.on('connection', resolve));
    const client = await connect();
    const reason = new Promise((resolve) => client.on('disconnect', resolve));
    (await opened).conn.request.socket.destroy();
    expect(await reason).toBe('transport close');
  });
});

describe('socket.io', () => {
  test('socket.use sees every message, also of names without a listener, with the acknowledgement last', async () => {
    const { server, connect } = await startServer();
    const messages: unknown[][] = [];
    server.on('connection', (socket) => socket.use((message) => messages.push(message)));
    const client = await connect();
    client.emit('unknown', { any: 'payload' }, () => undefined);
    await eventually(() => expect(messages).toEqual([['unknown', { any: 'payload' }, expect.any(Function)]]));
  });

  test('conn.close() is a lost connection for the client, which comes back', async () => {
    const { server, connect } = await startServer();
    server.on('connection', (socket) => socket.conn.close());
    const client = await connect();
    const reason = await new Promise((resolve) => client.on('disconnect', resolve));
    expect(reason).toBe('transport close');
  });
});

describe('@socket.io/redis-adapter', () => {
  test('of its clients it uses publish, subscribe, psubscribe, unsubscribe, punsubscribe and events, and it publishes within serverSideEmit', async () => {
    const used = new Set<string | symbol>();
    const [publisher, subscriber] = [connectRedis(), connectRedis()];
    const server = new Server();
    const published: [string, string][] = [];
    const adapter = createAdapter(
      recordCalls(publisher, used, (name, [channel, message]) => {
        if (name === 'publish') published.push([String(channel), String(message)]);
      }),
      recordCalls(subscriber, used),
      { key: 'leaning' },
    );
    server.adapter(adapter);
    await whenSubscribed('leaning', 1);
    server.serverSideEmit('notifications', [['c', '{}']]);
    expect(published).toHaveLength(1);
    const [channel, message] = published[0] ?? ['', ''];
    expect(channel).toBe('leaning-request#/#');
    expect(JSON.parse(message)).toMatchObject({
      uid: expect.any(String),
      type: 6,
      data: ['notifications', [['c', '{}']]],
    });
    await closeAdapters('leaning', [server]);
    const ours = ['publish', 'subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe'];
    const events = ['on', 'off', 'removeListener', 'listenerCount'];
    const called = [...used].filter((name) => !events.includes(String(name)) && name !== 'pSubscribe');
    expect(called.filter((name) => !ours.includes(String(name)))).toEqual([]);
    expect(called).toEqual(expect.arrayContaining(['publish', 'subscribe', 'psubscribe']));
  });

  test('it hears another server by messageBuffer, and emits the event on the server', async () => {
    const servers = [new Server(), new Server()];
    const subscribers = [connectRedis(), connectRedis()];
    for (const [index, server] of servers.entries())
      server.adapter(createAdapter(connectRedis(), subscribers[index], { key: 'hearing' }));
    const heard = new Promise((resolve) => servers[1]?.on('notifications', resolve));
    const messages = once(subscribers[1] ?? new Redis(), 'messageBuffer');
    await whenSubscribed('hearing', 2);
    servers[0]?.serverSideEmit('notifications', 'payload');
    expect(await heard).toBe('payload');
    expect(String((await messages)[0])).toBe('hearing-request#/#');
    await closeAdapters('hearing', servers);
  });
});

describe('ioredis', () => {
  test('an error reply is a ReplyError whose message begins with the code, also from a script', async () => {
    const redis = connectRedis();
    redis.defineCommand('leaningFailure', { numberOfKeys: 0, lua: "return redis.error_reply('STALE any')" });
    const failing = Reflect.get(redis, 'leaningFailure') as () => Promise<unknown>;
    await expect(failing.call(redis)).rejects.toMatchObject({
      name: 'ReplyError',
      message: expect.stringMatching(/^STALE any/),
    });
    await redis.set('text', 'any');
    await expect(redis.lpush('text', 'any')).rejects.toMatchObject({
      name: 'ReplyError',
      message: expect.stringMatching(/^WRONGTYPE /),
    });
  });

  test('tests read the queues of a connection, and the local port of its stream', async () => {
    const redis = connectRedis();
    await redis.ping();
    expect(redis).toMatchObject({
      commandQueue: { length: 0 },
      offlineQueue: { length: 0 },
      stream: { localPort: expect.any(Number) },
    });
  });
});

describe('libphonenumber-js', () => {
  test('compact metadata, version 4: the parts of a numbering plan stand at these places', () => {
    expect(
      z
        .object({ version: z.literal(4) })
        .loose()
        .safeParse(metadata).success,
    ).toBe(true);
    const plans = new Map<string, readonly unknown[]>(Object.entries(metadata.countries));
    const germany = plans.get('DE') ?? [];
    expect(germany[0]).toBe('49');
    expect(germany[1]).toBe('00');
    expect(germany[2]).toMatch(/\\d\{/);
    expect(germany[3]).toEqual(expect.arrayContaining([10, 11]));
    expect(germany[5]).toBe('0');
    expect(plans.get('BR')?.[7]).toMatch(/^\(\?:/);
    expect(plans.get('PR')?.[10]).toBe('787|939');
    const [fixedLine] = germany[11] as readonly (readonly unknown[])[];
    expect(fixedLine?.[0]).toMatch(/\\d\{/);
    expect(metadata.country_calling_codes['1']?.[0]).toBe('US');
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

type Called = (name: string | symbol, values: readonly unknown[]) => void;

/** The same object; remembers which of its methods are called. */
function recordCalls<Target extends object>(
  target: Target,
  names: Set<string | symbol>,
  onCall?: Called,
): Target {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...values: unknown[]) => {
        names.add(name);
        onCall?.(name, values);
        return value.apply(target, values);
      };
    },
  });
}

/** A Socket.IO server that gets its upgrades from another server, as in the hub. */
async function startServer() {
  const http = createServer();
  const accepted = createServer();
  const server = new Server(accepted, { transports: ['websocket'], serveClient: false });
  http.on('upgrade', (request, socket, head) => accepted.emit('upgrade', request, socket, head));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.engine.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const { port } = http.address() as AddressInfo;
  const connect = async (): Promise<ClientSocket> => {
    const client = io(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    onTestFinished(() => {
      client.disconnect();
    });
    await new Promise<void>((resolve) => client.on('connect', resolve));
    return client;
  };
  return { server, connect };
}

interface PingableConnection extends NodeJS.EventEmitter {
  ping(payload: string): void;
}

function websocketOf(request: IncomingMessage): PingableConnection {
  const { websocket } = request as { websocket?: PingableConnection };
  if (websocket === undefined) throw new Error('request.websocket: engine.io has not set it');
  return websocket;
}

/** Resolves when this many adapters hear each other. */
async function whenSubscribed(key: string, count: number): Promise<void> {
  const redis = connectRedis();
  const channels = ['request', 'response'].map((name) => `${key}-${name}#/#`);
  await eventually(async () =>
    expect(await redis.pubsub('NUMSUB', ...channels)).toEqual(channels.flatMap((name) => [name, count])),
  );
  await eventually(async () => expect(await redis.pubsub('NUMPAT')).toBe(Math.min(count, 1)));
}

/** Their connections must last until they have unsubscribed: the adapter handles no rejection. */
async function closeAdapters(key: string, servers: readonly Server[]): Promise<void> {
  for (const server of servers) server.of('/').adapter.close();
  await whenSubscribed(key, 0);
}

function connectRedis(): Redis {
  const redis = new Redis(engines.redisUrl);
  onTestFinished(() => redis.disconnect());
  return redis;
}

interface Row {
  readonly library: string;
  readonly version: string;
}

/** The first column of the table: a library and its version, as far as the table says it. */
function readTable(): Row[] {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const [, section = ''] = text.split('\n## Libraries we lean on\n');
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| ([\w@./-]+) ([\d.]+) \|/gm)].map(([, library = '', version = '']) => ({
    library,
    version,
  }));
}
