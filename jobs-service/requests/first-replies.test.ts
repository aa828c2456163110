import { requestTopics } from '@tidings/contracts/topics.ts';
import type { LogRecord } from '@tidings/event-log/event-log.ts';
import { newRequestId } from '@tidings/event-log/request-reply/request-id.ts';
import { encodeReply } from '@tidings/event-log/request-reply/request-records.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FirstReplies } from './first-replies.ts';

const SECOND = 1_000;
const sentAt = (request: number) => request * 40 * SECOND + 1_000 * SECOND;

/** One partition: by place, the number of the request to which a reply stands there. */
function partitionOf(requests: readonly number[]): LogRecord[] {
  const ids = new Map<number, string>();
  return requests.map((request, offset) => {
    const id = ids.get(request) ?? newRequestId({ sentAt: sentAt(request), partition: 0 });
    ids.set(request, id);
    const reply = { status: 200, headers: {}, body: new Uint8Array() };
    const address = { requestId: id, replyTo: 'a', correlationId: id };
    const record = encodeReply(requestTopics.replies, address, reply);
    // No reply is older than its request.
    const timestamp = Math.max(...requests.slice(0, offset + 1).map(sentAt));
    return { ...record, headers: record.headers ?? {}, partition: 0, offset, timestamp };
  });
}

const reading = (records: readonly LogRecord[]) => ({
  async *read({ from }: { readonly from: unknown }) {
    const { timestamp } = from as { timestamp: number };
    for (const record of records.filter((one) => one.timestamp >= timestamp)) yield [record];
  },
});

test('each owner of a partition finds the same first replies, whatever it remembers', async () => {
  const partitions = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      partitions,
      fc.nat(30),
      fc.integer({ min: 1, max: 10 }),
      async (requests, begin, max) => {
        const records = partitionOf(requests);
        const first = new FirstReplies(reading(records), max);
        for (const record of records.slice(begin)) {
          const requestId = record.headers['request-id'] ?? '';
          const isFirst = requests.indexOf(requests[record.offset] ?? -1) === record.offset;
          expect(await first.isFirst(requestId, record)).toBe(isFirst);
        }
      },
    ),
  );
});

test('a reply to what is no request of ours is never the first', async () => {
  const [record] = partitionOf([1]);
  if (record === undefined) throw new Error('no record');
  expect(await new FirstReplies(reading([record])).isFirst('nothing', record)).toBe(false);
});

test('the log is asked once, and not again for requests that were sent later', async () => {
  const records = partitionOf([1, 2, 3, 4]);
  let reads = 0;
  const { read } = reading(records);
  const counting: typeof read = (options) => {
    reads += 1;
    return read(options);
  };
  const first = new FirstReplies({ read: counting });
  for (const record of records) await first.isFirst(record.headers['request-id'] ?? '', record);
  expect(reads).toBe(1);
});
