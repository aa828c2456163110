import { expect, test } from 'vitest';
import { MAX_TRANSACTION_MS } from '../../event-log.ts';
import { settingsOf } from './settings.ts';

test('no transaction may hang for longer than others rely on', () => {
  const options = { brokers: ['localhost:9092'], replication: 1 };
  expect(settingsOf(options).transactionTimeoutMs).toBe(MAX_TRANSACTION_MS);
  const longer = { ...options, transactionTimeoutMs: MAX_TRANSACTION_MS + 1 };
  expect(() => settingsOf(longer)).toThrow(RangeError);
});
