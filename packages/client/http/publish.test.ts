import { openTestLog } from '@tidings/testing/log.ts';
import { publishApiKey, startHub } from '@tidings/testing/services/hub.ts';
import { describe, expect, test } from 'vitest';
import { createChannel, publish } from '../index.ts';
import { follow, open } from '../test/listening.ts';
import { startScriptedServer } from '../test/scripted-server.ts';

const done = { subject: 'nightly', type: 'nightly.done', data: { rows: 5 }, final: true };
const problem = { code: 'unavailable', detail: 'Later.', retriable: true };

describe('publishing', () => {
  test('reaches who listens to the channel, in both lanes, and is told the ids', async () => {
    const { url } = await startHub({ log: await openTestLog() });
    const channel = open({ url, channel: await createChannel({ baseUrl: url, token: publishApiKey }) });
    const known = follow(channel);
    const { channelId } = await channel.ready();
    const step = { subject: 'other', type: 'step', lane: 'progress', version: 3, data: {} } as const;
    const { eventIds } = await publish({
      baseUrl: url,
      token: publishApiKey,
      channelId,
      notifications: [step, done],
    });
    const outcome = await channel.outcome('nightly');
    expect(outcome).toMatchObject({ type: 'nightly.done', eventId: eventIds[1] });
    expect(known.durable).toEqual([done.data]);
  });

  test('is sent again under its key where no answer came, or the server cannot take it yet', async () => {
    const later = { status: 503, headers: { 'Retry-After': '0' }, body: { ...problem, status: 503 } };
    const accepted = { status: 202, body: { eventIds: ['e'] } };
    const { baseUrl, seen } = await startScriptedServer(later, later, accepted);
    const answer = await publish({ baseUrl, token: 'key', channelId: 'a b', notifications: done });
    expect(answer).toEqual({ eventIds: ['e'] });
    expect(seen).toHaveLength(3);
    const [first] = seen;
    expect(first).toMatchObject({ method: 'POST', url: '/channels/a%20b/notifications' });
    expect(JSON.parse(first?.body ?? '')).toEqual(done);
    expect(first?.headers.authorization).toBe('Bearer key');
    const keys = new Set(seen.map(({ headers }) => headers['idempotency-key']));
    expect([...keys]).toEqual([expect.stringMatching(/^(\d+-){3}\d+$/)]);
  });

  // The connection broke behind the head of the answer: the reading of the body threw a TypeError, and nothing was sent again.
  test('is sent again under its key where the answer breaks off', async () => {
    const accepted = { status: 202, body: { eventIds: ['e'] } };
    const { baseUrl, seen } = await startScriptedServer({ ...accepted, breaksOff: true }, accepted);
    const answer = await publish({ baseUrl, token: 'key', channelId: 'c', notifications: done });
    expect(answer).toEqual({ eventIds: ['e'] });
    expect(new Set(seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(seen).toHaveLength(2);
  });

  test('names the caller’s own key, and passes the failure on where there is no patience', async () => {
    const { baseUrl, seen } = await startScriptedServer(null);
    const options = { baseUrl, token: 'key', channelId: 'c', notifications: done, patienceMs: 0 };
    await expect(publish({ ...options, idempotencyKey: 'night-7' })).rejects.toMatchObject({
      code: 'network',
    });
    expect(seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['night-7']);
  });

  test('that is refused is not sent again', async () => {
    const refused = { status: 404, body: { ...problem, status: 404, code: 'not_found', retriable: false } };
    const { baseUrl, seen } = await startScriptedServer(refused);
    const sent = publish({ baseUrl, token: 'key', channelId: 'c', notifications: [done] });
    await expect(sent).rejects.toMatchObject({ name: 'ProblemError', code: 'not_found', status: 404 });
    expect(seen).toHaveLength(1);
  });
});
