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
  type RetryOptions,
} from 'kafkajs';
import { assigners } from './assigners.ts';
import type { KafkaLogLogger, KafkaLogSettings } from './settings.ts';
import './idle-timers.ts';

const connectionTimeoutMs = 3_000;
const keepAliveMs = 60_000;

/** Pauses of kafkajs's own retries, in milliseconds. All are given, because the defaults differ where NODE_ENV is `test`. */
const pauses = { initialRetryTime: 50, multiplier: 2, factor: 0.2 };
/** Retries for less than a second in all. */
export const quickRetry: RetryOptions = { ...pauses, maxRetryTime: 1_000, retries: 4 };
/** Retries for about 20 s in all, so that sequence numbers and memberships of kafkajs outlive a broker's restart. */
export const patientRetry: RetryOptions = { ...pauses, maxRetryTime: 2_000, retries: 14 };

export interface ClientOptions {
  /** Milliseconds that Kafka may take to answer one request; default `callTimeoutMs`. */
  readonly requestTimeoutMs?: number;
  /** Default `quickRetry`. */
  readonly retry?: RetryOptions;
}

/**
 * One kafkajs client with connections of its own, all of which `cut` ends at once. The `disconnect` of kafkajs waits for answers, and
 * its retries go on, and connect again, long after.
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
    // With an error, because kafkajs ignores a close without one.
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

/** Logs what kafkajs logs, mostly at a lower level: its errors are steps of an outage, whose outcome we report ourselves. */
function passOn(logger: KafkaLogLogger, { level, namespace, log }: LogEntry): void {
  const { message, timestamp: _, stack: __, ...details } = log;
  const text = `kafkajs ${namespace}: ${message}`;
  if (level === logLevel.ERROR && namespace === 'Consumer') logger.warn(details, text);
  else logger.debug?.(details, text);
}

/**
 * A kafkajs consumer, and its cluster, which kafkajs passes to partition assigners. The cluster can fetch
 * partitions without a group, read offsets, and keep a member from joining again while its handlers run.
 */
export function consumerOf(
  client: KafkaClient,
  config: ConsumerConfig,
): { readonly consumer: Consumer; readonly cluster: Cluster } {
  let cluster: Cluster | undefined;
  const partitionAssigners = assigners((found) => {
    cluster = found;
  });
  const consumer = client.kafka.consumer({
    allowAutoTopicCreation: false,
    ...config,
    // We replace a crashed consumer ourselves.
    retry: { ...(config.retry ?? quickRetry), restartOnFailure: async () => false },
    partitionAssigners,
  });
  if (!cluster) throw new Error('kafkajs did not make its assigner.');
  return { consumer, cluster };
}
