/** What becomes of requests that fail, and of records that are none. */
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, it } from 'vitest';
import type { Reply } from '../../request-reply/request-records.ts';
import { ServiceRequester } from '../../request-reply/requester.ts';
import { requestGroup, serveRequests } from '../../request-reply/serve-requests.ts';
import { decodeDeadLetter } from '../../retry/retry-headers.ts';
import { deadLetterTopic } from '../../retry/topic-names.ts';
import type { ConformanceEngine } from '../engine.ts';
import { barrier, logFor, openFor, record, siteFor, text, unique, upTo } from '../fixtures.ts';
import { answer, ask, requested, requesterFor, serve, told, topicsBeside } from './fixtures.ts';

export function describeRequestsThatFail(engine: ConformanceEngine): void {
  describeFailures(engine);
  describeStrangers(engine);
}

function describeFailures(engine: ConformanceEngine): void {
  it('tries a request that fails again, and in the end replies with a problem and keeps a dead letter', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const { requester } = await requesterFor(log, place);
    const attempts: string[] = [];
    await serve(log, place, async ({ body }, _signal, attempt) => {
      attempts.push(`${text(body)} ${attempt}`);
      if (text(body) === 'never' || attempt === 1) throw new Error('a secret of the request');
      return answer('at last');
    });
    const never = await requester.send(ask(place, 'never', { lane: 'heavy' }));
    const later = await requester.send(ask(place, 'later'));
    expect(told(await later.reply)).toEqual([200, 'at last']);
    const failed = await never.reply;
    expect(failed).toMatchObject({ status: 500, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(text(failed.body))).toMatchObject({ code: 'broken', detail: 'It is broken.' });
    expect(attempts.toSorted()).toEqual(['later 1', 'later 2', 'never 1', 'never 2']);
    const letters = deadLetterTopic(place.topics.heavy, requestGroup(place.service, 'heavy'));
    expect((await readAll(log, letters)).map(decodeDeadLetter)).toMatchObject([
      { key: never.requestId, attempts: 2, error: { code: 'broken' } },
    ]);
  });

  it('takes a reply that cannot stand on the log for a failure, and works off the request behind it', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 1);
    const { requester } = await requesterFor(log, place);
    const impossible: Reply[] = [
      answer('x', 99),
      { ...answer('x'), headers: { 'reply-status': '200' } },
      { ...answer('x'), headers: { long: 'x'.repeat(20_000) } },
      { ...answer('x'), body: new Uint8Array(1024 * 1024 + 1) },
    ];
    await serve(log, place, async ({ body }) => impossible[Number(text(body))] ?? answer('possible'));
    const sent = await Promise.all(upTo(5).map((number) => requester.send(ask(place, String(number)))));
    const statuses = await Promise.all(sent.map(async ({ reply }) => (await reply).status));
    expect(statuses).toEqual([500, 500, 500, 500, 200]);
  });

  it('keeps a request through an outage of the worker’s engines, without counting attempts', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const { requester } = await requesterFor(log, place);
    const attempts: number[] = [];
    await serve(
      log,
      place,
      async (_request, _signal, attempt) => {
        attempts.push(attempt);
        if (attempts.length <= 5) throw new Error('outage');
        return answer('back');
      },
      { isOutage: (error) => error instanceof Error && error.message === 'outage' },
    );
    const { reply } = await requester.send(ask(place, 'question'));
    expect(told(await reply)).toEqual([200, 'back']);
    expect(attempts).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('hands a request of a worker that died to the next one', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const place = await requested(log);
    const { requester } = await requesterFor(log, place);
    const client = await site.connect();
    const begun = barrier();
    await serveRequests({
      ...{ log: client.log, topics: place.topics, service: place.service, delaysMs: [20] },
      isOutage: () => false,
      describe: () => ({ code: 'broken', message: 'It is broken.' }),
      handle: () => {
        begun.open();
        return new Promise(() => undefined);
      },
    });
    const { reply } = await requester.send(ask(place, 'question'));
    await begun.opened;
    await client.cut();
    const attempts: number[] = [];
    await serve(log, place, async (_request, _signal, attempt) => {
      attempts.push(attempt);
      return answer('from the next one');
    });
    expect(told(await reply)).toEqual([200, 'from the next one']);
    expect(attempts).toEqual([2]);
  });

  it('lets replies to an instance that died harm nobody, and finds them at another', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const place = await requested(log);
    const client = await site.connect();
    const dying = await ServiceRequester.open({ log: client.log, topics: place.topics });
    const { requestId } = await dying.send(ask(place, 'question'));
    await client.cut();
    const { requester, dropped } = await requesterFor(log, place);
    await serve(log, place, async ({ body }) => answer(`reply to ${text(body)}`));
    await eventually(() => expect(dropped).toEqual(['foreign']));
    const found = await requester.findReply(requestId);
    expect(found && told(found)).toEqual([200, 'reply to question']);
    const { reply } = await requester.send(ask(place, 'mine'));
    expect(told(await reply)).toEqual([200, 'reply to mine']);
    await dying.close();
  });
}

function describeStrangers(engine: ConformanceEngine): void {
  it('takes a worker that knows only the records, and counts what it replies twice or wrongly', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const { requester, dropped } = await requesterFor(log, place);
    const { requestId, reply } = await requester.send(ask(place, 'question'));
    const [request] = await readAll(log, place.topics.normal);
    const key = request?.headers['reply-to'] ?? '';
    const headers = { 'request-id': request?.headers['request-id'] ?? '', 'reply-status': '200' };
    const { replies: topic } = place.topics;
    await log.append([
      record(topic, key, 'no headers'),
      { ...record(topic, key, 'no status'), headers: { ...headers, 'reply-status': 'ok' } },
      { topic, key, value: null, headers },
      { ...record(topic, key, 'an answer'), headers: { ...headers, etag: '"7"' } },
      { ...record(topic, key, 'another answer'), headers },
      { ...record(topic, 'nobody', 'for another'), headers },
    ]);
    expect(await reply).toMatchObject({ status: 200, headers: { etag: '"7"' } });
    expect(told(await reply)).toEqual([200, 'an answer']);
    await eventually(() =>
      expect(dropped).toEqual(['malformed', 'malformed', 'malformed', 'late', 'foreign']),
    );
    const found = await requester.findReply(requestId);
    expect(found && told(found)).toEqual([200, 'an answer']);
  });

  it('passes over records that are no requests, and counts them', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 1);
    const { requester } = await requesterFor(log, place);
    await log.append([
      record(place.topics.normal, 'stranger', 'what is this'),
      { topic: place.topics.normal, key: 'stranger', value: null },
    ]);
    const worker = await serve(log, place, async () => answer('done'));
    const { reply } = await requester.send(ask(place, 'question'));
    expect(told(await reply)).toEqual([200, 'done']);
    expect(worker.dropped).toEqual(['malformed', 'malformed']);
  });

  it('finds nothing under what is no id of a request', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const { requester } = await requesterFor(log, place);
    for (const id of [
      '',
      'nonsense',
      '00000000-0000-8fff-8000-000000000000',
      '00000000-0000-8000-8000-000000000000',
    ])
      expect(await requester.findReply(id)).toBeNull();
  });

  it('refuses to serve without one of the topics beside, and leaves no consumer behind', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const unprepared = { ...place, service: unique('service') };
    await log.ensureTopics(topicsBeside(unprepared, 2).slice(0, 3));
    await expect(serve(log, unprepared, async () => answer('never'))).rejects.toMatchObject({
      code: 'topic_unknown',
    });
    await eventually(async () =>
      expect(await log.countMembers(requestGroup(unprepared.service, 'normal'))).toBe(0),
    );
  });
}
