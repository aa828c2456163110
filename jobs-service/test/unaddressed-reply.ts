/** What becomes of a reply that leaves out the documented `correlation-id`, over any engine. */
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { requestTopics, topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { decodeRequest, encodeReply } from '@tidings/event-log/request-reply/request-records.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect } from 'vitest';
import { API_KEY } from './api-server.ts';
import { json, startRequestServer } from './request-server.ts';

/** Each request is answered as soon as it stands on the log, so the jobs service may not know its watch yet. */
export async function unaddressedReplyIsTold(log: EventLog): Promise<void> {
  const { post, tokens } = await startRequestServer({ log });
  const channelId = tokens.newChannelId('mira');
  const ask = async (headers: Record<string, string>) => {
    const response = await post('/requests/reports/list', {}, { prefer: 'wait=0', ...headers }, API_KEY);
    expect(response.status).toBe(202);
  };
  await ask({});
  await ask({ 'notify-channel': channelId });
  const requests = (await readAll(log, requestTopics.normal)).flatMap(
    (record) => decodeRequest(record) ?? [],
  );
  expect(requests).toHaveLength(2);
  const replies = requests.flatMap((request) =>
    [201, 500].map((status) => {
      const reply = encodeReply(requestTopics.replies, request, json('done', status));
      const { 'correlation-id': _left, ...headers } = reply.headers ?? {};
      return { ...reply, headers };
    }),
  );
  await log.append(replies);
  await eventually(async () =>
    expect((await readAll(log, topics.watchedRequests)).at(-1)).toMatchObject({ value: null }),
  );
  const told = (await readAll(log, topics.notifications)).map(({ key, value }) => ({
    key,
    ...decodeEvent(value),
  }));
  expect(told).toMatchObject([{ key: channelId, type: 'request.answered', data: { status: 201 } }]);
}
