import { MAX_NOTIFICATION_DATA_BYTES } from '@tidings/contracts/notifications/notification.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { EventLogError } from '@tidings/event-log/event-log.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import { startHub, supportToken, WireClient } from '@tidings/testing/services/hub.ts';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { changed, publishByHttp } from '../test/publishing.ts';

async function start(options: Partial<Parameters<typeof startHub>[0]> = {}) {
  const log = options.log ?? (await openTestLog());
  const hub = await startHub({ ...options, log });
  const client = new WireClient(hub.url);
  const { channelId } = await client.open();
  const records = async () => [
    ...(await readAll(log, topics.notifications)),
    ...(await readAll(log, topics.progress)),
  ];
  return { ...hub, log, client, channelId, records };
}

const inAnHour = () => Date.now() + 60 * 60 * 1000;

describe('what is published', () => {
  test('reaches the channel: one alone, durable unless it says otherwise', async () => {
    const { url, client, channelId, metric } = await start();
    const { status, eventIds } = await publishByHttp(url, channelId, { ...changed, version: 3, final: true });
    expect(status).toBe(202);
    await eventually(() =>
      expect(client.notifications).toMatchObject([
        { ...changed, channelId, lane: 'durable', seq: 1, version: 3, final: true, eventId: eventIds?.[0] },
      ]),
    );
    expect(await metric('tidings_hub_notifications_published_total', { lane: 'durable' })).toBe(1);
  });

  test('in a batch keeps its order in each lane, and the answer names each in the order of the request', async () => {
    const { url, client, channelId } = await start();
    const batch = Array.from({ length: 100 }, (_, index) => ({
      ...changed,
      lane: index % 2 === 0 ? 'durable' : 'progress',
      data: index,
    }));
    const { status, eventIds = [] } = await publishByHttp(url, channelId, batch);
    expect(status).toBe(202);
    expect(new Set(eventIds).size).toBe(100);
    const durable = () => client.notifications.filter(({ lane }) => lane === 'durable');
    await eventually(() => expect(durable()).toHaveLength(50));
    expect(durable().map(({ data, seq, eventId }) => [data, seq, eventId])).toEqual(
      Array.from({ length: 50 }, (_, place) => [place * 2, place + 1, eventIds[place * 2]]),
    );
    // Progress without a version counts by its place in the log: the last one is the newest.
    const newest = () => client.notifications.filter(({ lane }) => lane === 'progress').at(-1);
    await eventually(() => expect(newest()).toMatchObject({ data: 99, eventId: eventIds[99] }));
  });

  test('is durable when it is answered, and is given to whoever comes later', async () => {
    const { url, channelId, client, records } = await start();
    client.socket.disconnect();
    await publishByHttp(url, channelId, [changed, { ...changed, lane: 'progress', subject: 'other' }]);
    expect((await records()).map(({ key }) => key)).toEqual([channelId, channelId]);
  });
});

describe('whoever publishes', () => {
  test('has the API key, or a token for the channel or for its owner; all others are told the same as of no channel', async () => {
    const { url, channelId, tokens, records } = await start();
    const mine = tokens.newChannelId('mira');
    const ofMira = await tokens.issuePublisherToken({ owner: 'mira' }, inAnHour());
    const ofChannel = await tokens.issuePublisherToken({ channelId: mine }, inAnHour());
    const publish = async (channel: string, token?: string | null) => {
      const { status, code, detail } = await publishByHttp(url, channel, changed, { token });
      return { status, code, detail };
    };
    expect(await publish(mine)).toMatchObject({ status: 202 });
    expect(await publish(mine, ofMira)).toMatchObject({ status: 202 });
    expect(await publish(mine, ofChannel)).toMatchObject({ status: 202 });
    const before = (await records()).length;
    const noChannel = await publish('a-channel-that-was-never-opened');
    expect(noChannel).toMatchObject({ status: 404, code: 'not_found' });
    const channelToken = await tokens.issueChannelToken({ channelId: mine, owner: 'mira' });
    for (const [channel, token] of [
      [channelId, ofMira],
      [channelId, ofChannel],
      [tokens.newChannelId('mira'), ofChannel],
      [mine, channelToken],
      [mine, supportToken],
      ['support', undefined],
    ] as const)
      expect(await publish(channel, token)).toEqual(noChannel);
    expect(await publish(mine, null)).toMatchObject({ status: 401, code: 'token_missing' });
    expect(await publish(mine, 'a-wrong-key-0123456789-0123456789')).toMatchObject({
      status: 401,
      code: 'token_invalid',
    });
    expect(await records()).toHaveLength(before);
  });

  test('is refused beyond its rate, and is told when to come back', async () => {
    const { url, channelId } = await start({ rates: new RequestRates({ publishPerSecond: 2 }) });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => publishByHttp(url, channelId, changed)),
    );
    const codes = answers.map(({ status, code }) => (status === 202 ? 'accepted' : code));
    expect(codes.toSorted()).toEqual([
      'accepted',
      'accepted',
      'rate_limited',
      'rate_limited',
      'rate_limited',
    ]);
  });

  test('does not find in our log what it publishes', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const { url, channelId } = await start({ logger });
    const canary = 'canary-7d1f';
    await publishByHttp(url, channelId, { ...changed, data: canary }, { key: `${canary}-key` });
    await publishByHttp(url, channelId, { ...changed, data: canary, more: canary });
    await publishByHttp(url, 'nowhere', { ...changed, data: canary });
    expect(lines.join('')).not.toContain(canary);
  });
});

describe('a request is refused whole', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const withData = (data: string) => `{"subject":"job","type":"job.changed","data":${data}}`;

  test.each<[string, unknown, number, string?]>([
    ['nothing', [], 400],
    ['more than 100', Array.from({ length: 101 }, () => changed), 400],
    ['a bad one among good ones', [changed, { ...changed, subject: '' }, changed], 400, '1.subject'],
    ['no type', { ...changed, type: undefined }, 400, 'type'],
    ['no data', { ...changed, data: undefined }, 400, 'data'],
    ['a type of our own', [changed, { ...changed, type: 'import.completed' }], 400, '1.type'],
    ['a control character', { ...changed, subject: 'a\nb' }, 400, 'subject'],
    ['half a surrogate pair', { ...changed, type: '\ud83d' }, 400, 'type'],
    ['another lane', [{ ...changed, lane: 'express' }], 400, '0.lane'],
    ['a negative version', { ...changed, version: -1 }, 400, 'version'],
    // The answer named the item alone, so its sender had to look for the name that was wrong.
    [
      'a field that is not known',
      [changed, { ...changed, deliverUntil: '2040-01-01' }],
      400,
      '1.deliverUntil',
    ],
    ['data nested 64 deep', [changed, { ...changed, data: JSON.parse(nested(64)) }], 400, '1.data'],
    ['data nested 200,000 deep', withData(nested(200_000)), 400, 'data'],
    ['data of more than 8 KiB', [changed, { ...changed, data: 'x'.repeat(8191) }], 413, '1.data'],
    [
      'data that are small as they come',
      withData(`[${Array.from({ length: 500 }, () => '1e20')}]`),
      413,
      'data',
    ],
    // Such a number was read as infinite, and reached the channel as null.
    ['a number that no double holds', withData('{"of":[1e400]}'), 400, 'data'],
    ['more than 1 MiB', withData(`"${'x'.repeat(1024 * 1024)}"`), 413],
    ['no JSON', '{"subject":', 400],
    ['a text', '"job"', 400],
  ])('that holds %s', async (_name, body, status, field) => {
    const { url, channelId, records } = await start();
    const answer = await publishByHttp(url, channelId, body);
    const code = status === 413 ? 'request_too_large' : 'invalid_request';
    expect(answer).toMatchObject({ status, code, retriable: false, ...(field && { field }) });
    expect(await records()).toEqual([]);
  });

  test('data of exactly 8 KiB, and nested 63 deep, pass', async () => {
    const { url, channelId, client } = await start();
    const largest = 'x'.repeat(MAX_NOTIFICATION_DATA_BYTES - 2);
    const deepest = JSON.parse(nested(63));
    const batch = [largest, deepest].map((data) => ({ ...changed, data }));
    expect(await publishByHttp(url, channelId, batch)).toMatchObject({ status: 202 });
    await eventually(() =>
      expect(client.notifications).toMatchObject([{ data: largest }, { data: deepest }]),
    );
  });
});

describe('under an Idempotency-Key', () => {
  test('a repeat publishes nothing, and gets the answer of the first request', async () => {
    const { url, channelId, records } = await start();
    const batch = [changed, { ...changed, lane: 'progress' }];
    const first = await publishByHttp(url, channelId, batch, { key: 'a' });
    expect(first).toMatchObject({ status: 202, isReplayed: false });
    // The same JSON, written in another way.
    const again = await publishByHttp(url, channelId, JSON.stringify(batch, null, 2), { key: 'a' });
    expect(again).toEqual({ ...first, isReplayed: true });
    expect(await records()).toHaveLength(2);
    const next = await publishByHttp(url, channelId, batch, { key: 'b' });
    expect(next).toMatchObject({ status: 202, isReplayed: false });
    expect(next.eventIds).not.toEqual(first.eventIds);
  });

  test('another body is refused, and another channel and another owner have keys of their own', async () => {
    const { url, channelId, tokens } = await start();
    const other = tokens.newChannelId();
    const token = await tokens.issuePublisherToken({ owner: 'default' }, inAnHour());
    await publishByHttp(url, channelId, changed, { key: 'a' });
    expect(await publishByHttp(url, channelId, { ...changed, data: 6 }, { key: 'a' })).toMatchObject({
      status: 422,
      code: 'idempotency_mismatch',
      field: 'Idempotency-Key',
    });
    const elsewhere = [
      await publishByHttp(url, other, changed, { key: 'a' }),
      await publishByHttp(url, channelId, changed, { key: 'a', token }),
    ];
    expect(elsewhere).toMatchObject([{ isReplayed: false }, { isReplayed: false }]);
    expect(await publishByHttp(url, channelId, changed, { key: 'a b' })).toMatchObject({
      status: 400,
      field: 'Idempotency-Key',
    });
  });

  test('a repeat while the first request is worked on is told so, and one after it gets its answer', async () => {
    const log = await openTestLog();
    const held = holdAppends(log);
    const { url, channelId } = await start({ log: held.log });
    const first = publishByHttp(url, channelId, changed, { key: 'a' });
    await held.reached;
    expect(await publishByHttp(url, channelId, changed, { key: 'a' })).toMatchObject({
      status: 409,
      code: 'request_in_progress',
      retriable: true,
    });
    held.release();
    const { eventIds } = await first;
    expect(await publishByHttp(url, channelId, changed, { key: 'a' })).toMatchObject({
      isReplayed: true,
      eventIds,
    });
  });

  test('a request that failed may be repeated, and its notifications keep their ids', async () => {
    const log = await openTestLog();
    let failures = 0;
    const broken = standInFor(log, {
      // The log has taken the records, but its answer is lost.
      append: async (records) => {
        const positions = await log.append(records);
        if (records.some(({ topic }) => topic === topics.notifications) && failures++ === 0)
          throw new EventLogError('log_unavailable', 'no answer');
        return positions;
      },
    });
    const { url, channelId, records } = await start({ log: broken });
    const refused = await publishByHttp(url, channelId, changed, { key: 'a' });
    expect(refused).toMatchObject({ status: 503, code: 'unavailable', retriable: true });
    const { eventIds } = await publishByHttp(url, channelId, changed, { key: 'a' });
    const ids = (await records()).map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()).eventId);
    expect(ids).toEqual([eventIds?.[0], eventIds?.[0]]);
  });
});

/** A log that holds what is appended to it until it is released. */
function holdAppends(log: EventLog) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const held = standInFor(log, {
    append: async (records) => {
      reach();
      await released;
      return log.append(records);
    },
  });
  return { log: held, reached, release };
}
