/** How the tests open the log: with times as short as Kafka allows, so that the death of a process is soon noticed. */
import type { KafkaLogOptions } from './options.ts';

export const testSettings = (brokers: readonly string[]): KafkaLogOptions => ({
  brokers,
  replication: 1,
  sessionTimeoutMs: 6_000,
  transactionTimeoutMs: 2_000,
});
