import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogRecord, NewRecord } from '../event-log.ts';
import {
  decodeDeadLetter,
  decodeRetry,
  encodeDeadLetter,
  encodeRetry,
  type FailedRecord,
  MalformedDeadLetterError,
  requeuedRecord,
} from './retry-headers.ts';

const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const failedRecords: fc.Arbitrary<FailedRecord> = fc.record({
  group: fc.string(),
  origin: fc.record({ topic: fc.string(), partition: whole, offset: whole }),
  key: fc.string(),
  value: fc.option(fc.uint8Array()),
  headers: fc.dictionary(
    fc.string().filter((name) => !name.startsWith('retry-') && name !== '__proto__'),
    fc.string(),
  ),
  attempts: whole,
  error: fc.record({ code: fc.string(), message: fc.string() }),
  failedAt: whole,
});
const onTheLog = (record: NewRecord): LogRecord => ({
  headers: {},
  ...record,
  partition: 3,
  offset: 9,
  timestamp: 1,
});

test('a record that waits for another attempt comes back as it was', () => {
  fc.assert(
    fc.property(failedRecords, whole, (failed, dueAt) => {
      const record = onTheLog(encodeRetry('retries', failed, dueAt));
      expect(record).toMatchObject({ topic: 'retries', key: failed.key });
      expect(decodeRetry(record)).toEqual({ failed, dueAt });
    }),
  );
});

test('a dead letter has the id of its origin as key, its own copy of the bytes, and comes back as it was', () => {
  fc.assert(
    fc.property(failedRecords, (failed) => {
      const record = onTheLog(encodeDeadLetter('dead', failed));
      const { topic, partition, offset } = failed.origin;
      expect(record.key).toBe(`${topic}/${partition}/${offset}`);
      // null would remove it from its compacted topic.
      expect(record.value).not.toBeNull();
      expect(decodeDeadLetter(record)).toEqual({ ...failed, id: record.key });
    }),
  );
});

test('a requeued record is the one that stood at the origin, without a trace of its attempts', () => {
  fc.assert(
    fc.property(failedRecords, (failed) => {
      const { key, value, headers, origin } = failed;
      const again = requeuedRecord(decodeDeadLetter(onTheLog(encodeDeadLetter('dead', failed))));
      expect(again).toEqual({ topic: origin.topic, key, value, headers });
    }),
  );
});

test('records of strangers are no retries and no dead letters', () => {
  const stranger = onTheLog({
    topic: 'retries',
    key: 'a',
    value: null,
    headers: { 'retry-attempts': 'two' },
  });
  expect(decodeRetry(stranger)).toBeNull();
  expect(() => decodeDeadLetter(stranger)).toThrow(MalformedDeadLetterError);
});
