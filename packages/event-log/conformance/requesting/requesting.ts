import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import { expect, it } from 'vitest';
import type { RecordHeaders } from '../../event-log.ts';
import { encodeReply } from '../../request-reply/request-records.ts';
import type { ConformanceEngine } from '../engine.ts';
import { barrier, logFor, text, unique, upTo } from '../fixtures.ts';
import { describeRequestsThatFail } from './failures.ts';
import {
  answer,
  ask,
  bytes,
  minute,
  requested,
  requesterFor,
  serve,
  soon,
  told,
  topicsBeside,
} from './fixtures.ts';
import { describeOwners } from './owners.ts';

export function describeRequesting(engine: ConformanceEngine): void {
  describeAnswers(engine);
  describeEnds(engine);
  describeRequestsThatFail(engine);
  describeOwners(engine);
}

function describeAnswers(engine: ConformanceEngine): void {
  it('brings a request to a worker, and its status, headers and body back to the instance that waits', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const first = await requesterFor(log, place);
    const second = await requesterFor(log, place);
    const deadline = soon();
    const got: unknown[] = [];
    await serve(log, place, async ({ requestId, replyTo, body, ...request }, _signal, attempt) => {
      got.push({ ...request, attempt, body: text(body), replies: requestId !== replyTo });
      return {
        status: 201,
        headers: { 'content-type': 'text/plain', location: '/reports/7' },
        body: bytes('made'),
      };
    });
    const request = {
      ...ask(place, 'a report', { deadline, correlationId: 'c-1' }),
      headers: { accept: 'text/plain' },
    };
    const { requestId, reply } = await first.requester.send(request);
    expect(await reply).toEqual({
      status: 201,
      headers: { 'content-type': 'text/plain', location: '/reports/7' },
      body: expect.anything(),
    });
    expect(told(await reply)).toEqual([201, 'made']);
    expect(got).toEqual([
      {
        service: place.service,
        method: 'create',
        correlationId: 'c-1',
        deadline,
        headers: { accept: 'text/plain' },
        body: 'a report',
        attempt: 1,
        replies: true,
      },
    ]);
    await eventually(() => expect(second.dropped).toEqual(['foreign']));
    expect(first.dropped).toEqual([]);
    expect([first.requester.openRequests, second.requester.openRequests]).toEqual([0, 0]);
    const found = await second.requester.findReply(requestId);
    expect(found && told(found)).toEqual([201, 'made']);
    expect(found?.headers).toEqual({ 'content-type': 'text/plain', location: '/reports/7' });
  });

  it('gives each of 1,000 held requests its own reply, and holds nothing afterwards', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 4, 4);
    const { requester, dropped } = await requesterFor(log, place);
    const held = barrier();
    await serve(
      log,
      place,
      async ({ body }) => {
        await held.opened;
        return answer(`reply to ${text(body)}`);
      },
      { concurrency: 4 },
    );
    const sent = await Promise.all(upTo(1_000).map((number) => requester.send(ask(place, String(number)))));
    expect(requester.openRequests).toBe(1_000);
    expect(new Set(sent.map(({ requestId }) => requestId)).size).toBe(1_000);
    held.open();
    const replies = await Promise.all(sent.map(({ reply }) => reply));
    expect(replies.map(({ body }) => text(body))).toEqual(upTo(1_000).map((number) => `reply to ${number}`));
    expect(requester.openRequests).toBe(0);
    expect(dropped).toEqual([]);
  });

  // 2,000 requests are many for a busy machine.
  it('answers in the lane normal while 1,000 requests of the lane heavy stand, and the other way round', {
    timeout: 300_000,
  }, async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const { requester } = await requesterFor(log, place);
    for (const [standing, passing] of [
      ['heavy', 'normal'],
      ['normal', 'heavy'],
    ] as const) {
      const held = barrier();
      const begun = barrier();
      const { worker } = await serve(log, place, async ({ body }) => {
        if (text(body) !== standing) return answer('passed');
        begun.open();
        await held.opened;
        return answer('stood');
      });
      const sent = await Promise.all(
        upTo(1_000).map(() => requester.send(ask(place, standing, { lane: standing }))),
      );
      await begun.opened;
      const { reply } = await requester.send(ask(place, passing, { lane: passing }));
      expect(told(await reply)).toEqual([200, 'passed']);
      expect(requester.openRequests).toBe(1_000);
      held.open();
      const replies = await Promise.all(sent.map((one) => one.reply));
      expect(new Set(replies.map(({ body }) => text(body)))).toEqual(new Set(['stood']));
      await worker.stop();
    }
  });

  it('sends no reply for a handler that says that one is durable already', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 1);
    const { requester } = await requesterFor(log, place);
    let handled = 0;
    await serve(log, place, async ({ body }) => {
      handled += 1;
      return text(body) === 'answered' ? null : answer('done');
    });
    await requester.send(ask(place, 'answered'));
    const { reply } = await requester.send(ask(place, 'another'));
    await reply;
    expect(handled).toBe(2);
    expect(await readAll(log, place.topics.replies)).toHaveLength(1);
  });

  it('lets a service without workers delay nobody, and keeps its requests', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 1);
    const other = { ...place, service: unique('service') };
    await log.ensureTopics(topicsBeside(other, 1));
    const { requester } = await requesterFor(log, place);
    const waiting = await requester.send(ask(other, 'for the other'));
    const handled: string[] = [];
    await serve(log, place, async ({ body }) => {
      handled.push(text(body));
      return answer('from the one');
    });
    const sent = await requester.send(ask(place, 'for the one'));
    expect(told(await sent.reply)).toEqual([200, 'from the one']);
    expect(handled).toEqual(['for the one']);
    expect(requester.openRequests).toBe(1);
    await serve(log, other, async () => answer('from the other'));
    expect(told(await waiting.reply)).toEqual([200, 'from the other']);
  });
}

function describeEnds(engine: ConformanceEngine): void {
  it('ends the wait at the deadline, and no worker begins afterwards', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 1);
    const { requester, dropped } = await requesterFor(log, place);
    const other = await requesterFor(log, place);
    const { requestId, reply } = await requester.send(ask(place, 'soon over', { deadline: Date.now() + 50 }));
    await expect(reply).rejects.toMatchObject({ code: 'deadline_exceeded', retriable: true });
    expect(requester.openRequests).toBe(0);
    expect(await requester.findReply(requestId)).toBeNull();
    const handled: string[] = [];
    const worker = await serve(log, place, async ({ body }) => {
      handled.push(text(body));
      return answer('done');
    });
    await eventually(() => expect(dropped).toEqual(['late']));
    expect(worker.dropped).toEqual(['deadline_exceeded']);
    expect(handled).toEqual([]);
    const found = await other.requester.findReply(requestId);
    expect(found).toMatchObject({ status: 504, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(text(found?.body ?? null))).toMatchObject({ status: 504, code: 'deadline_exceeded' });
  });

  // Each request whose deadline passed looked for its first reply among the replies to all others. Of 900 that passed together the last one
  // was told eleven seconds late, and nobody else was answered quickly meanwhile.
  it('takes an ending as the reply, unless another one stands before it, and looks through the log for none', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 1);
    let searches = 0;
    const counting = standInFor(log, {
      read(options) {
        if (!options.follow) searches += 1;
        return log.read(options);
      },
    });
    const { requester, dropped } = await requesterFor(counting, place);
    const replyWith = (body: string) => (requestId: string) => {
      const address = { requestId, replyTo: requester.address, correlationId: requestId };
      return encodeReply(place.topics.replies, address, answer(body));
    };
    const ending = replyWith('too late');
    const sent = await Promise.all(
      upTo(20).map((number) => {
        const deadline = number === 0 ? soon() : Date.now() + 100;
        return requester.send(ask(place, String(number), { deadline }), { ending });
      }),
    );
    const [first, ...others] = sent;
    if (first === undefined) throw new Error('nothing was sent');
    await log.append([replyWith('in time')(first.requestId)]);
    expect(told(await first.reply)).toEqual([200, 'in time']);
    for (const { reply } of others) expect(told(await reply)).toEqual([200, 'too late']);
    expect([searches, requester.openRequests]).toEqual([0, 0]);
    await log.append(others.map(({ requestId }) => replyWith('by a worker')(requestId)));
    await eventually(() => expect(dropped).toEqual(others.map(() => 'late')));
    for (const { requestId } of others)
      expect(await requester.findReply(requestId).then((reply) => reply && told(reply))).toEqual([
        200,
        'too late',
      ]);
  });

  it('ends the wait at the deadline where its ending cannot be appended', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 1);
    const cause = new Error('The log is away.');
    const failing = standInFor(log, {
      append: (records) =>
        records.some(({ topic }) => topic === place.topics.replies)
          ? Promise.reject(cause)
          : log.append(records),
    });
    const { requester } = await requesterFor(failing, place);
    const ending = (requestId: string) =>
      encodeReply(
        place.topics.replies,
        { requestId, replyTo: requester.address, correlationId: requestId },
        answer('too late'),
      );
    const { reply } = await requester.send(ask(place, 'x', { deadline: Date.now() + 50 }), { ending });
    await expect(reply).rejects.toMatchObject({ code: 'deadline_exceeded', cause });
    expect(requester.openRequests).toBe(0);
  });

  it('waits no longer for a handler at its deadline, tells it, and works off the request behind it', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 1);
    const { requester } = await requesterFor(log, place);
    const ended: unknown[] = [];
    const worker = await serve(log, place, ({ body }, signal) => {
      if (text(body) === 'next') return Promise.resolve(answer('done'));
      signal.addEventListener('abort', () => ended.push(text(body)));
      return new Promise(() => undefined);
    });
    const endless = await requester.send(ask(place, 'endless', { deadline: Date.now() + 500 }));
    const next = await requester.send(ask(place, 'next'));
    await expect(endless.reply).rejects.toMatchObject({ code: 'deadline_exceeded' });
    expect(told(await next.reply)).toEqual([200, 'done']);
    // Where the machine was slow, the deadline had passed before the handler was called.
    expect(worker.dropped).toEqual(['deadline_exceeded']);
    expect(ended.every((one) => one === 'endless')).toBe(true);
  });

  it('forgets a request whose caller has gone, drops its reply, and finds it for a caller that comes back', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const { requester, dropped } = await requesterFor(log, place);
    const other = await requesterFor(log, place);
    const gone = new AbortController();
    const { requestId, reply } = await requester.send(ask(place, 'question'), { signal: gone.signal });
    gone.abort(new Error('The caller has gone.'));
    await expect(reply).rejects.toThrow('The caller has gone.');
    expect(requester.openRequests).toBe(0);
    await expect(requester.send(ask(place, 'question'), { signal: gone.signal })).rejects.toThrow(
      'The caller has gone.',
    );
    for (const one of [requester, other.requester]) expect(await one.findReply(requestId)).toBeNull();
    await serve(log, place, async () => answer('an answer'));
    await eventually(() => expect(dropped).toEqual(['late']));
    for (const one of [requester, other.requester, requester, other.requester]) {
      const found = await one.findReply(requestId);
      expect(found && told(found)).toEqual([200, 'an answer']);
    }
  });

  it('refuses more open requests than its bound, and takes others once one is over', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const { requester } = await requesterFor(log, place, { maxOpen: 2 });
    const gone = new AbortController();
    await requester.send(ask(place, 'first'), { signal: gone.signal });
    await requester.send(ask(place, 'second'));
    await expect(requester.send(ask(place, 'third'))).rejects.toMatchObject({
      code: 'too_many_requests_open',
      retriable: true,
    });
    gone.abort();
    await requester.send(ask(place, 'fourth'));
    expect(requester.openRequests).toBe(2);
  });

  it('refuses what it cannot send, and holds nothing of it', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const { requester } = await requesterFor(log, place);
    const day = 24 * 60 * minute;
    for (const deadline of [Date.now() - 1, Date.now() + 2 * day, Number.NaN])
      await expect(requester.send(ask(place, 'x', { deadline }))).rejects.toThrow(RangeError);
    const refused: RecordHeaders[] = [
      { 'reply-to': 'x' },
      { 'retry-attempts': '1' },
      { long: 'x'.repeat(20_000) },
    ];
    for (const headers of refused)
      await expect(requester.send({ ...ask(place, 'x'), headers })).rejects.toThrow(RangeError);
    await expect(requester.send({ ...ask(place, 'x'), method: '' })).rejects.toThrow(RangeError);
    const large = { ...ask(place, 'x'), body: new Uint8Array(2 * 1024 * 1024) };
    await expect(requester.send(large)).rejects.toMatchObject({ code: 'record_too_large' });
    expect(requester.openRequests).toBe(0);
    expect(await readAll(log, place.topics.normal)).toEqual([]);
  });

  it('rejects what is open when it closes, sends nothing more, and is safe to close twice', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const { requester } = await requesterFor(log, place);
    const { reply } = await requester.send(ask(place, 'question'));
    await Promise.all([requester.close(), requester.close()]);
    await expect(reply).rejects.toMatchObject({ code: 'requester_closed', retriable: true });
    await expect(requester.send(ask(place, 'question'))).rejects.toMatchObject({ code: 'requester_closed' });
    expect(requester.openRequests).toBe(0);
  });

  it('rejects what is open when its log closes', async () => {
    const log = await logFor(engine);
    const place = await requested(log);
    const { requester } = await requesterFor(log, place);
    const { reply } = await requester.send(ask(place, 'question'));
    await log.close();
    await expect(reply).rejects.toMatchObject({ code: 'requester_closed' });
  });
}
