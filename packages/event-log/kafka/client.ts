import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  type Cluster,
  type Consumer,
  type ConsumerConfig,
  type ISocketFactoryArgs,
  Kafka,
  type LogEntry,
  logLevel,
  type PartitionAssigner,
  PartitionAssigners,
  type RetryOptions,
} from 'kafkajs';
import type { KafkaLogLogger, KafkaLogSettings } from './settings.ts';
import './idle-timer.ts';

const connectionTimeoutMs = 3_000;
const keepAliveMs = 60_000;

/** Of kafkajs's own retries, in milliseconds. Named in full, since its defaults are others where NODE_ENV is `test`. */
const pauses = { initialRetryTime: 50, multiplier: 2, factor: 0.2 };
/** Together less than a second. */
export const quickRetry: RetryOptions = { ...pauses, maxRetryTime: 1_000, retries: 4 };
/** Together about 20 s: what kafkajs has to hold on to (sequence numbers, a membership) outlives a broker's restart. */
export const patientRetry: RetryOptions = { ...pauses, maxRetryTime: 2_000, retries: 14 };

export interface ClientOptions {
  /** Milliseconds that Kafka may take to answer one request; default `callTimeoutMs`. */
  readonly requestTimeoutMs?: number;
  /** Default `quickRetry`. */
  readonly retry?: RetryOptions;
}

/**
 * One kafkajs client with connections of its own, all of which `cut` ends at once. kafkajs alone can only ask nicely: its
 * `disconnect` waits for answers, and what it is retrying goes on, and connects again, long after.
 */
export class KafkaClient {
  readonly kafka: Kafka;
  private readonly sockets = new Set<Socket>();
  private readonly settings: KafkaLogSettings;
  private isCut = false;

  constructor(settings: KafkaLogSettings, options: ClientOptions = {}) {
    this.settings = settings;
    settings.cut?.addEventListener('abort', this.cut);
    this.kafka = new Kafka({
      brokers: [...settings.brokers],
      clientId: settings.clientId,
      ssl: settings.ssl,
      sasl: settings.sasl,
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: options.requestTimeoutMs ?? settings.callTimeoutMs,
      retry: options.retry ?? quickRetry,
      socketFactory: (target) => this.open(target),
      logLevel: logLevel.WARN,
      logCreator: () => (entry) => passOn(settings.logger, entry),
    });
  }

  readonly cut = (): void => {
    this.isCut = true;
    this.settings.cut?.removeEventListener('abort', this.cut);
    // With an error, since kafkajs does not listen for a mere close.
    for (const socket of this.sockets) socket.destroy(new Error('The connection is not needed any more.'));
  };

  private open({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
    if (this.isCut || this.settings.cut?.aborted) throw new Error('This client connects no more.');
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
      : connectTcp({ host, port }, onConnect);
    socket.setKeepAlive(true, keepAliveMs);
    socket.setNoDelay(true);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  }
}

/** What kafkajs calls an error is mostly what an outage looks like from inside; what comes of it we report ourselves. */
function passOn(logger: KafkaLogLogger, { level, namespace, log }: LogEntry): void {
  const { message, timestamp: _, stack: __, ...details } = log;
  const text = `kafkajs ${namespace}: ${message}`;
  if (level === logLevel.ERROR && namespace === 'Consumer') logger.warn(details, text);
  else logger.debug?.(details, text);
}

/**
 * A kafkajs consumer, and the cluster behind it, which kafkajs hands to partition assigners. By the cluster, partitions can be
 * fetched without a group, offsets be asked for, and a member be held back from joining again while its handlers run.
 */
export function consumerOf(
  client: KafkaClient,
  config: ConsumerConfig,
): { readonly consumer: Consumer; readonly cluster: Cluster } {
  let cluster: Cluster | undefined;
  const assigner: PartitionAssigner = (parts) => {
    cluster = parts.cluster;
    return PartitionAssigners.roundRobin(parts);
  };
  const consumer = client.kafka.consumer({
    allowAutoTopicCreation: false,
    ...config,
    // What has crashed is replaced by us.
    retry: { ...(config.retry ?? quickRetry), restartOnFailure: async () => false },
    partitionAssigners: [assigner],
  });
  if (!cluster) throw new Error('kafkajs did not make its assigner.');
  return { consumer, cluster };
}
