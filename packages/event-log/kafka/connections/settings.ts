import type { ConnectionOptions } from 'node:tls';
import type { SASLOptions } from 'kafkajs';
import type { CrashPointHook } from '../../engine/crash-points.ts';
import { MAX_TRANSACTION_MS } from '../../event-log.ts';
import type { KafkaCrashPoint } from './crash-points.ts';

export interface KafkaLogLogger {
  warn(details: object, message: string): void;
  debug?(details: object, message: string): void;
}

/** Deadlines in milliseconds, after which the log takes a connection or a member for dead. */
export interface Deadlines {
  /** Of one attempt to append. kafkajs repeats it under the same sequence numbers, so that no record is doubled. Default: 5,000. */
  readonly produceMs: number;
  /** Of the answer to a fetch, besides the time that the broker may wait for records. Default: 10,000. */
  readonly fetchMs: number;
  /** Of the members of a group to join again in a rebalance. Default: 20,000. */
  readonly rebalanceMs: number;
  /** Between two heartbeats of a member: longer than `rebalanceMs` and than any step of a healthy member. Default: 35,000. */
  readonly memberMs: number;
}

export interface KafkaLogOptions {
  /** `host:port` of some brokers, which name the others. */
  readonly brokers: readonly string[];
  /** Named in the brokers' logs and metrics; default `tidings`. */
  readonly clientId?: string;
  /** TLS: true for the system's authorities, or what Node's `tls.connect` takes. */
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: SASLOptions;
  /** Copies of each partition of the topics that this log makes: 1 to the number of brokers. From 3 on, 2 must have a record. */
  readonly replication: number;
  /** Gets lines about outages. */
  readonly logger?: KafkaLogLogger;
  /** Milliseconds until a silent member loses its partitions; 6,000 to 10,000, default 8,000. */
  readonly sessionTimeoutMs?: number;
  /** Milliseconds until Kafka aborts the transaction of a silent producer; at most `MAX_TRANSACTION_MS`, the default. */
  readonly transactionTimeoutMs?: number;
  /** Milliseconds after which an unanswered request fails with `log_unavailable`; default 10,000. */
  readonly callTimeoutMs?: number;
  /** Milliseconds for which an append is tried before it is `log_unavailable`; default 20,000. */
  readonly deliveryTimeoutMs?: number;
  /** For tests only: shorter times. */
  readonly deadlines?: Deadlines;
  /** For tests only: called at each crash point. */
  readonly onCrashPoint?: CrashPointHook<KafkaCrashPoint>;
  /** For tests only: when aborted, Kafka is out of reach for this log for ever, as if its process had died. */
  readonly cut?: AbortSignal;
}

export interface KafkaLogSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl: boolean | ConnectionOptions | undefined;
  readonly sasl: SASLOptions | undefined;
  readonly replication: number;
  readonly logger: KafkaLogLogger;
  readonly sessionTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly deliveryTimeoutMs: number;
  readonly deadlines: Deadlines;
  readonly onCrashPoint: CrashPointHook<KafkaCrashPoint>;
  readonly cut: AbortSignal | undefined;
}

const defaultDeadlines: Deadlines = {
  produceMs: 5_000,
  fetchMs: 10_000,
  rebalanceMs: 20_000,
  memberMs: 35_000,
};

export function settingsOf(options: KafkaLogOptions): KafkaLogSettings {
  if (options.brokers.length === 0) throw new RangeError('At least one Kafka broker has to be named.');
  if ((options.transactionTimeoutMs ?? 0) > MAX_TRANSACTION_MS)
    throw new RangeError(`A transaction may hang for ${MAX_TRANSACTION_MS} ms at most.`);
  return {
    brokers: options.brokers,
    clientId: options.clientId ?? 'tidings',
    ssl: options.ssl,
    sasl: options.sasl,
    replication: options.replication,
    logger: options.logger ?? { warn: () => undefined },
    sessionTimeoutMs: options.sessionTimeoutMs ?? 8_000,
    transactionTimeoutMs: options.transactionTimeoutMs ?? MAX_TRANSACTION_MS,
    callTimeoutMs: options.callTimeoutMs ?? 10_000,
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? 20_000,
    deadlines: options.deadlines ?? defaultDeadlines,
    onCrashPoint: options.onCrashPoint ?? (() => undefined),
    cut: options.cut,
  };
}
