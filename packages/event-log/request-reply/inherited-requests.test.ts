import { openTestLog } from '@tidings/testing/log.ts';
import { expect, test } from 'vitest';
import type { LogRecord, ReadOptions } from '../event-log.ts';
import { InheritedRequests } from './inherited-requests.ts';
import { encodeReply, type ReceivedRequest } from './request-records.ts';

const topics = { requests: 'requests', replies: 'replies' };
const none = new Uint8Array();

function request(number: number): ReceivedRequest {
  const name = `request-${number}`;
  const deadline = Date.now() + 60_000;
  const common = { service: 'service', method: 'method', headers: {}, body: none, deadline };
  return { ...common, requestId: name, correlationId: name, replyTo: `instance-${number % 7}` };
}

async function openLog() {
  const log = await openTestLog();
  await log.ensureTopics([
    { name: topics.requests, partitions: 1, cleanup: 'delete' },
    { name: topics.replies, partitions: 2, cleanup: 'delete' },
  ]);
  let read = 0;
  const counting = {
    endOffsets: (topic: string) => log.endOffsets(topic),
    async *read(options: ReadOptions): AsyncIterable<readonly LogRecord[]> {
      for await (const records of log.read(options)) {
        read += records.length;
        yield records;
      }
    },
  };
  return { log, counting, read: () => read };
}

// A request that had waited for an hour made the next owner of its partition read all replies of that hour.
test('of many replies the newest are read, up to the bound; requests without one are not answered', async () => {
  const { log, counting, read } = await openLog();
  // The request at offset 0 was there when this member got the partition.
  await log.append([{ topic: topics.requests, key: 'key', value: none }]);
  const numbers = Array.from({ length: 3_000 }, (_, number) => number);
  const reply = { status: 200, headers: {}, body: none };
  await log.append(numbers.map((number) => encodeReply(topics.replies, request(number), reply)));
  const record: LogRecord = {
    ...{ topic: topics.requests, partition: 0, offset: 0, key: 'key', value: none, headers: {} },
    timestamp: Date.now() - 3_600_000,
  };
  const handover = new AbortController().signal;
  const ownership = { topic: topics.requests, partition: 0, handover, lost: handover };
  const isAnswered = (inherited: InheritedRequests, number: number) =>
    inherited.isAnswered(record, request(number), ownership);

  const bounded = new InheritedRequests(counting, topics.replies, 200);
  expect(await isAnswered(bounded, 2_999)).toBe(true);
  expect(await isAnswered(bounded, 2_950)).toBe(true);
  expect(await isAnswered(bounded, 0)).toBe(false);
  expect(await isAnswered(bounded, 3_001)).toBe(false);
  // One batch of each partition shows that its first reply is too old.
  expect(read()).toBeLessThanOrEqual(200 + 2 * 500);

  const unbounded = new InheritedRequests(counting, topics.replies);
  for (const number of [0, 1_500, 2_999]) expect(await isAnswered(unbounded, number)).toBe(true);
});
