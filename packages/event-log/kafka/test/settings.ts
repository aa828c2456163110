import type { KafkaLogOptions } from '../connections/settings.ts';

/** How tests open the log: with short times, so that the death of a process is soon noticed. */
export const testSettings = (brokers: string): KafkaLogOptions => ({
  brokers: [brokers],
  replication: 1,
  sessionTimeoutMs: 3_000,
  transactionTimeoutMs: 2_000,
});
