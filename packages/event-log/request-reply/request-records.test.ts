import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogRecord, NewRecord, RecordHeaders } from '../event-log.ts';
import { decodeReply, decodeRequest, encodeReply, encodeRequest } from './request-records.ts';

const appended = ({ topic, key, value, headers = {} }: NewRecord): LogRecord => ({
  ...{ topic, key, value, headers },
  ...{ partition: 0, offset: 0, timestamp: 0 },
});

const reservedNames = [
  'request-id',
  'request-service',
  'request-method',
  'request-deadline',
  'reply-to',
  'reply-status',
  'correlation-id',
  'retry-attempts',
];
const name = fc.string({ minLength: 1, maxLength: 200 });
const ownHeaders = fc.dictionary(fc.stringMatching(/^x-[a-z]{1,10}$/), fc.string({ maxLength: 50 }), {
  maxKeys: 10,
});
const body = fc.uint8Array({ maxLength: 100 });
const request = fc.record({
  ...{ requestId: name, replyTo: name, correlationId: name, service: name, method: name },
  ...{ deadline: fc.nat(), headers: ownHeaders, body },
});
const reply = fc.record({ status: fc.integer({ min: 200, max: 599 }), headers: ownHeaders, body });
/** What strangers may append: any headers, among them ours with any text. */
const strangersHeaders = fc.dictionary(
  fc.oneof(fc.constantFrom(...reservedNames), fc.string({ maxLength: 20 })),
  fc.oneof(fc.string({ maxLength: 300 }), fc.nat().map(String)),
);

test('a request and its reply come out of the log as they went in', () => {
  fc.assert(
    fc.property(request, reply, (asked, answered) => {
      const received = decodeRequest(appended(encodeRequest('requests', asked)));
      expect(received).toEqual(asked);
      const { requestId, replyTo } = asked;
      const record = appended(encodeReply('replies', asked, answered));
      expect(record.key).toBe(replyTo);
      expect(decodeReply(record)).toEqual({ requestId, replyTo, ...answered });
    }),
  );
});

test('whatever a stranger appends is a request or a reply within the bounds, or none', () => {
  fc.assert(
    fc.property(strangersHeaders, fc.option(body), (headers, value) => {
      const record = appended({ topic: 'topic', key: 'key', value, headers });
      const received = decodeRequest(record);
      const answered = decodeReply(record);
      for (const one of [received, answered])
        expect(Object.keys(one?.headers ?? {}).filter((own) => reservedNames.includes(own))).toEqual([]);
      const names = received ? [received.requestId, received.replyTo, received.correlationId] : [];
      for (const text of names) expect(text.length).toBeLessThanOrEqual(200);
      if (answered) expect(answered.status).toSatisfy((status: number) => status >= 200 && status <= 599);
      // A reply to what was received can always be appended.
      if (received) encodeReply('replies', received, { status: 500, headers: {}, body: new Uint8Array() });
    }),
  );
});

test('headers of a request are refused beyond 16 KiB, and not read beyond', () => {
  const asked = {
    requestId: 'a',
    replyTo: 'b',
    service: 'c',
    method: 'd',
    deadline: 1,
    body: new Uint8Array(),
  };
  const headers: RecordHeaders = { long: 'ü'.repeat(8_200) };
  expect(() => encodeRequest('requests', { ...asked, headers })).toThrow(RangeError);
  const record = appended(encodeRequest('requests', { ...asked, headers: {} }));
  expect(decodeRequest(record)).not.toBeNull();
  expect(decodeRequest({ ...record, headers: { ...record.headers, ...headers } })).toBeNull();
});
