import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FetchedPartition, recordsOf } from './fetch-response.ts';

type Message = FetchedPartition['messages'][number];

/** A step of a producer: a record outside of a transaction, a record inside, or the end of its transaction. */
const actionsArbitrary = fc.array(
  fc.record({
    producer: fc.integer({ min: 1, max: 3 }),
    action: fc.constantFrom('plain', 'send', 'send', 'commit', 'abort'),
  }),
  { maxLength: 60 },
);

function messageOf(
  offset: number,
  producer: number,
  inTransaction: boolean,
  isControlRecord: boolean,
): Message {
  const batchContext = {
    firstOffset: String(offset),
    lastOffsetDelta: 0,
    producerId: String(producer),
    inTransaction,
  };
  return {
    offset: String(offset),
    timestamp: '5',
    key: Buffer.from('k'),
    value: null,
    headers: {},
    isControlRecord,
    batchContext,
  };
}

test('only committed records are read, however the transactions of producers follow or overlap', () => {
  fc.assert(
    fc.property(actionsArbitrary, fc.nat(20), (actions, position) => {
      const messages: Message[] = [];
      const aborted: { producerId: string; firstOffset: string }[] = [];
      const open = new Map<number, number[]>();
      const seen: number[] = [];
      const end = (producer: number, commit: boolean): void => {
        const offsets = open.get(producer);
        if (!offsets) return;
        open.delete(producer);
        messages.push(messageOf(messages.length, producer, true, true));
        if (commit) seen.push(...offsets);
        else aborted.push({ producerId: String(producer), firstOffset: String(offsets[0]) });
      };
      for (const { producer, action } of actions) {
        const offset = messages.length;
        if (action === 'commit' || action === 'abort') end(producer, action === 'commit');
        // A producer always uses transactions, or never.
        else if (action === 'plain') {
          messages.push(messageOf(offset, producer + 10, false, false));
          seen.push(offset);
        } else {
          open.set(producer, [...(open.get(producer) ?? []), offset]);
          messages.push(messageOf(offset, producer, true, false));
        }
      }
      for (const producer of [...open.keys()]) end(producer, false);
      const fetched = {
        partition: 0,
        highWatermark: String(messages.length),
        lastStableOffset: String(messages.length),
        abortedTransactions: aborted,
        messages,
      };
      const batch = recordsOf('topic', fetched, position);
      expect(batch.records.map(({ offset }) => offset)).toEqual(
        seen.filter((offset) => offset >= position).sort((a, b) => a - b),
      );
      expect(batch.next).toBe(Math.max(position, messages.length));
    }),
  );
});

test('reading continues behind compacted records, and an answer without the records that exist is incomplete', () => {
  const kept = messageOf(10, 1, false, false);
  const message = { ...kept, batchContext: { ...kept.batchContext, firstOffset: '8', lastOffsetDelta: 7 } };
  const fetched = {
    partition: 0,
    highWatermark: '20',
    lastStableOffset: '20',
    abortedTransactions: null,
    messages: [message],
  };
  expect(recordsOf('topic', fetched, 9)).toMatchObject({ next: 16, isIncomplete: false });
  expect(recordsOf('topic', fetched, 12)).toMatchObject({ records: [], next: 16, isIncomplete: false });
  expect(recordsOf('topic', { ...fetched, messages: [] }, 16)).toMatchObject({
    next: 16,
    isIncomplete: true,
  });
  expect(recordsOf('topic', { ...fetched, messages: [] }, 20)).toMatchObject({
    next: 20,
    isIncomplete: false,
  });
});

test('the last of two headers of one name counts, and a record without a key has an empty key', () => {
  const headers = { one: Buffer.from('ü'), two: [Buffer.from('a'), Buffer.from('b')] };
  const message = { ...messageOf(0, 1, false, false), key: null, headers };
  const fetched = {
    partition: 3,
    highWatermark: '1',
    lastStableOffset: '1',
    abortedTransactions: [],
    messages: [message],
  };
  expect(recordsOf('topic', fetched, 0).records).toEqual([
    {
      topic: 'topic',
      partition: 3,
      offset: 0,
      key: '',
      value: null,
      headers: { one: 'ü', two: 'b' },
      timestamp: 5,
    },
  ]);
});
