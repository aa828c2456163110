import { afterAll } from 'vitest';
import { startTcpProxy, type TcpProxy } from '../connections/tcp-proxy.ts';
import { createClusterId, type KafkaVariation, proxiedListeners } from './kafka.ts';
import { findFreePorts } from './ports.ts';
import { type KafkaServer, startEngines } from './start-engines.ts';

/** By default Kafka lets a dead member sit for at least 6 s, and looks for abandoned transactions every 10 s. */
const quickly = [
  'group.min.session.timeout.ms=500',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms=200',
];

/** Starts a real Kafka for a test file, which ends with the file: 4.1.1, or 3.9.1 if KAFKA_VERSION names it. */
export function startTestBroker(): Promise<KafkaServer> {
  return start({ properties: () => quickly });
}

/** Such a broker with a second way to it: what connects through the proxy stays behind it. */
export async function startProxiedTestBroker(): Promise<{
  readonly broker: KafkaServer;
  readonly proxy: TcpProxy;
  /** The address of the proxy, as the value of `KAFKA_BROKERS`. */
  readonly proxiedBrokers: string;
}> {
  const [port = 0] = await findFreePorts(1);
  const proxy = await startTcpProxy(() => port);
  afterAll(() => proxy.close());
  const listeners = [{ port, proxyPort: proxy.port }];
  const broker = await start({ properties: (ports) => [...quickly, ...proxiedListeners(ports, listeners)] });
  return { broker, proxy, proxiedBrokers: `127.0.0.1:${proxy.port}` };
}

/** Three brokers that copy everything to each other, and go on without any one of them. */
export async function startTestCluster(): Promise<readonly KafkaServer[]> {
  const clusterId = createClusterId();
  const controllers = await findFreePorts(3);
  const voters = controllers.map((port, index) => `${index + 1}@127.0.0.1:${port}`).join(',');
  const replicated = ['offsets.topic', 'transaction.state.log'].map((name) => `${name}.replication.factor=3`);
  const variationOf = (controller: number, index: number): KafkaVariation => ({
    clusterId,
    properties: ({ broker }) => [
      ...quickly,
      ...replicated,
      `node.id=${index + 1}`,
      `controller.quorum.voters=${voters}`,
      `listeners=PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}`,
    ],
  });
  return Promise.all(controllers.map((controller, index) => start(variationOf(controller, index))));
}

async function start(kafkaVariation: KafkaVariation): Promise<KafkaServer> {
  const version = process.env.KAFKA_VERSION === '3.9.1' ? '3.9.1' : '4.1.1';
  const engines = await startEngines({ kafka: version, kafkaVariation });
  afterAll(() => engines.stop());
  return engines.kafka;
}
