import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  callsOf,
  type ProduceEntry,
  positionsOf,
  produceRequestLength,
  topicMessagesOf,
  unansweredOf,
} from './produce-requests.ts';

const entryArbitrary: fc.Arbitrary<ProduceEntry> = fc.record({
  topic: fc.constantFrom('a', 'b'),
  partition: fc.nat(2),
  brokers: fc.constantFrom([1], [1, 2]),
  message: fc.record({ value: fc.constant(null), key: fc.uuid() }),
  bytes: fc.integer({ min: 50, max: 3_000_000 }),
  maxBatchBytes: fc.constant(1_048_576),
});

test('any records go into requests in their order, none of whose batches is too large unless it is one record', () => {
  fc.assert(
    fc.property(fc.array(entryArbitrary, { maxLength: 100 }), (entries) => {
      const requests: ProduceEntry[][] = [];
      for (let from = 0; from < entries.length; from += requests.at(-1)?.length ?? 1) {
        requests.push(entries.slice(from, from + produceRequestLength(entries, from)));
      }
      expect(requests.flat()).toEqual(entries);
      for (const request of requests) {
        for (const { topic, partition } of request) {
          const batch = request.filter((entry) => entry.topic === topic && entry.partition === partition);
          const bytes = batch.reduce((sum, entry) => sum + entry.bytes, 0);
          expect(batch.length === 1 || bytes <= 1_048_576).toBe(true);
        }
        const bytes = request.reduce((sum, entry) => sum + entry.bytes, 0);
        expect(request.length === 1 || bytes <= 8 * 1_048_576).toBe(true);
      }
    }),
  );
});

/**
 * kafkajs repeats a call that failed at one broker while another is about to acknowledge its part: that part then stood in the log
 * twice. A call that reaches a single broker has no other part.
 */
test('a call of kafkajs reaches a single broker, and the entries of a partition keep their order', () => {
  fc.assert(
    fc.property(fc.array(entryArbitrary, { maxLength: 50 }), (entries) => {
      const calls = callsOf(entries);
      const place = ({ topic, partition }: ProduceEntry): string => `${topic}:${partition}`;
      for (const call of calls) {
        const brokers = new Set(call.flatMap((entry) => entry.brokers));
        expect(brokers.size === 1 || new Set(call.map(place)).size === 1).toBe(true);
      }
      for (const one of new Set(entries.map(place)))
        expect(calls.flat().filter((entry) => place(entry) === one)).toEqual(
          entries.filter((entry) => place(entry) === one),
        );
      expect(calls.flat()).toHaveLength(entries.length);
    }),
  );
});

test('positions count on from what Kafka says of each partition, in the order in which they were sent', () => {
  fc.assert(
    fc.property(fc.array(entryArbitrary, { maxLength: 50 }), (entries) => {
      const places = [...new Set(entries.map(({ topic, partition }) => `${topic}:${partition}`))];
      const answer = places.map((place, index) => {
        const [topicName = '', partition] = place.split(':');
        return {
          topicName,
          partition: Number(partition),
          errorCode: 0,
          baseOffset: String(index * 1_000),
          logAppendTime: '7',
        };
      });
      const positions = positionsOf(entries, answer);
      for (const [index, place] of places.entries()) {
        const offsets = positions
          .filter(({ topic, partition }) => `${topic}:${partition}` === place)
          .map(({ offset }) => offset);
        expect(offsets).toEqual(offsets.map((_, count) => index * 1_000 + count));
      }
      const sent = topicMessagesOf(entries).flatMap(({ topic, messages }) =>
        messages.map((message) => [topic, message]),
      );
      for (const topic of ['a', 'b']) {
        expect(sent.filter(([of]) => of === topic).map(([, message]) => message)).toEqual(
          entries.filter((entry) => entry.topic === topic).map(({ message }) => message),
        );
      }
    }),
  );
});

test('an entry is unanswered until its partition has been answered', () => {
  fc.assert(
    fc.property(fc.array(entryArbitrary, { maxLength: 50 }), fc.nat(5), (entries, count) => {
      const places = [...new Set(entries.map(({ topic, partition }) => `${topic}:${partition}`))];
      const answered = places.slice(0, count);
      const answer = answered.map((place) => {
        const [topicName = '', partition] = place.split(':');
        return { topicName, partition: Number(partition), errorCode: 0, baseOffset: '0' };
      });
      const unanswered = unansweredOf(entries, answer);
      expect(unanswered).toEqual(
        entries.filter(({ topic, partition }) => !answered.includes(`${topic}:${partition}`)),
      );
    }),
  );
});
