import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CreatedChannel } from '@tidings/contracts/channels/channels.ts';
import { type Notification, SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { SESSION_BEARER } from '@tidings/contracts/services/support-session.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { SESSION_COOKIE } from '@tidings/service-kit/http/support-session.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { randomNumbers, seedOf } from '@tidings/testing/random.ts';
import { authSecret, publish, startHub, supportToken, WireClient } from '@tidings/testing/services/hub.ts';
import { generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { MemoryHistory } from '../history/memory-history.ts';
import { sign, userJwtSecret } from '../test/tokens.ts';

const random = randomNumbers(seedOf('RESUME_SEED'));

/** A history whose openings take a random number of turns of the event loop, before and after they are answered. */
class SlowHistory extends MemoryHistory {
  override async open(...call: Parameters<MemoryHistory['open']>) {
    await turns(Math.floor(random() * 8));
    const opened = await super.open(...call);
    await turns(Math.floor(random() * 8));
    return opened;
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

// The channel was closed behind the answer that had opened it: the client waited for notifications that nobody sent.
test('where an opening fails behind its answer, the connection ends, and the client comes back with its position', async () => {
  const history = new MemoryHistory();
  const open = history.open.bind(history);
  vi.spyOn(history, 'open').mockImplementationOnce(async (...call) => {
    const opened = await open(...call);
    return { ...opened, progress: [null] as unknown as typeof opened.progress };
  });
  const { url } = await startHub({ log: await openTestLog(), history });
  const client = new WireClient(url);
  const { channelId, token, epoch, seq } = await client.open();
  await eventually(() => expect(client.closings).toMatchObject([{ code: 'behind', retriable: true }]));
  const again = await new WireClient(url).open({ channelId, token, epoch, seq });
  expect(again).toMatchObject({ recovered: true });
});

describe('tokens', () => {
  const claims = { channelId: 'a'.repeat(22), owner: 'default' };
  const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ ...claims, aud: 'tidings:channel', exp: 9e9 }))}.`;

  test.each<[string, string, () => string | Promise<string>]>([
    ['nonsense', 'token_invalid', () => 'nonsense'],
    ['no signature', 'token_invalid', () => unsigned.replaceAll('=', '')],
    ['another secret', 'token_invalid', () => sign(claims, 'another-secret-0123456789-0123456789')],
    ['another audience', 'token_invalid', () => sign(claims, authSecret, 'elsewhere')],
    ['expired', 'token_expired', () => sign(claims, authSecret, undefined, '-1s')],
    ['another channel', 'not_found', () => sign({ ...claims, channelId: 'b'.repeat(22) }, authSecret)],
    ['the support token', 'not_found', () => supportToken],
  ])('%s → %s', async (_name, code, token) => {
    const { url } = await startHub({ log: await openTestLog() });
    expect(await new WireClient(url).code({ channelId: claims.channelId, token: await token() })).toBe(code);
  });

  test('a token of A on the channel of B is answered exactly as on a channel that does not exist, and gets nothing', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const [a, b] = [new WireClient(url), new WireClient(url)];
    const [mine, theirs] = [await a.open(), await b.open()];
    const onTheirs = await a.ask({ channelId: theirs.channelId, token: mine.token });
    const onNothing = await a.ask({ channelId: 'z'.repeat(22), token: mine.token });
    expect(onTheirs).toEqual(onNothing);
    expect(onTheirs).toMatchObject({ error: { code: 'not_found', retriable: false } });
    await publish(log, { channelId: theirs.channelId });
    await publish(log, { channelId: mine.channelId });
    await eventually(() => expect(b.notifications).toHaveLength(1));
    await eventually(() => expect(a.notifications).toHaveLength(1));
    expect(a.notifications[0]?.channelId).toBe(mine.channelId);
  });

  test('the support channel opens for the support token alone', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const support = new WireClient(url);
    expect(await support.open({ channelId: SUPPORT_CHANNEL, token: supportToken })).toMatchObject({
      channelId: SUPPORT_CHANNEL,
      token: supportToken,
    });
    await publish(log, { channelId: SUPPORT_CHANNEL, subject: 'any job', lane: 'progress', version: 1 });
    await eventually(() => expect(support.notifications).toMatchObject([{ subject: 'any job' }]));
    const { token } = await support.open();
    expect(await support.code({ channelId: SUPPORT_CHANNEL, token })).toBe('not_found');
  });

  test('the support channel opens for the session in the cookie, which the answer does not tell, and no other channel does', async () => {
    const log = await openTestLog();
    const { url, tokens } = await startHub({ log });
    const { token, expiresAt } = tokens.issueSupportSession();
    const request = { channelId: SUPPORT_CHANNEL, token: SESSION_BEARER };
    const support = new WireClient(url, { extraHeaders: { Cookie: `a=b; ${SESSION_COOKIE}=${token}` } });
    expect(await support.open(request)).toMatchObject({ channelId: SUPPORT_CHANNEL, token: SESSION_BEARER });
    expect(await support.code({ channelId: 'z'.repeat(22), token: SESSION_BEARER })).toBe('not_found');
    await publish(log, { channelId: SUPPORT_CHANNEL, subject: 'any job', lane: 'progress', version: 1 });
    await eventually(() => expect(support.notifications).toMatchObject([{ subject: 'any job' }]));
    expect(await new WireClient(url).code(request)).toBe('token_invalid');
    const late = await startHub({ log, now: () => expiresAt, limits: { renewalIntervalMs: 10 } });
    const tab = new WireClient(late.url, { extraHeaders: { Cookie: `${SESSION_COOKIE}=${token}` } });
    await tab.open(request);
    await eventually(() => expect(tab.closings).toMatchObject([{ code: 'token_expired' }]));
  });

  test('where a login is configured, a new channel needs its token, on the socket and over HTTP', async () => {
    const tokens = createTokenAuthority({ authSecret, supportToken, userJwtSecret });
    const { url } = await startHub({ log: await openTestLog(), tokens });
    const client = new WireClient(url);
    const userToken = await sign({ sub: 'mira' }, userJwtSecret);
    expect(await client.code({})).toBe('token_missing');
    expect(await client.code({ userToken: 'nonsense' })).toBe('token_invalid');
    expect(await client.code({ userToken: await sign({ sub: 'mira' }, authSecret) })).toBe('token_invalid');
    const { token } = await client.open({ userToken });
    expect(await tokens.verifyBearer(token)).toMatchObject({ owner: 'mira' });
    const post = (body: object) =>
      fetch(`${url}/channels`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post({})).status).toBe(401);
    const created = await post({ userToken });
    expect(created.status).toBe(201);
    expect(await tokens.verifyBearer(((await created.json()) as CreatedChannel).token)).toMatchObject({
      owner: 'mira',
    });
  });

  // An outage of the login's keys was answered like a bad token, and signed every user out.
  test('while the login’s keys cannot be fetched, new channels are refused as retriable, and known ones open', async () => {
    const login = { userJwksUrl: 'http://127.0.0.1:1/keys', userJwtAudience: 'a', userJwtIssuer: 'i' };
    const tokens = createTokenAuthority({ authSecret, supportToken, ...login });
    const { url } = await startHub({ log: await openTestLog(), tokens });
    const { privateKey } = await generateKeyPair('ES256');
    const userToken = await new SignJWT({ sub: 'mira' })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey);
    const client = new WireClient(url);
    expect(await client.ask({ userToken })).toMatchObject({
      error: { code: 'unavailable', retriable: true },
    });
    const response = await fetch(`${url}/channels`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ userToken }),
    });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
    const channelId = tokens.newChannelId();
    expect(
      await client.code({ channelId, token: await tokens.issueChannelToken({ channelId, owner: 'mira' }) }),
    ).toBeNull();
  });
});

describe('messages', () => {
  const junk: [string, ...unknown[]][] = [
    ['channel:open'],
    ['channel:open', null],
    ['channel:open', 'text'],
    ['channel:open', { channelId: 5 }],
    ['channel:open', { channelId: 'x' }],
    ['channel:open', { channelId: 'x', token: { length: 5 } }],
    ['channel:open', { channelId: 'x'.repeat(65), token: 'y' }],
    ['channel:open', { channelId: 'x', token: 'y', seq: -1 }],
    ['channel:open', { channelId: 'x', token: 'y', seq: 1.5, epoch: 'e' }],
    ['channel:open', { channelId: 'x', token: 'y', seq: 1 }],
    ['channel:open', { channelId: 'x', token: 'y', epoch: 'e' }],
    ['notification', { channelId: 'x', lane: 'durable', type: 'forged' }],
    ['error', 'boom'],
    ['__proto__', {}],
    ['constructor', {}],
    // Bytes were taken for an object without fields, which opened a channel.
    ['channel:open', Buffer.from('{}')],
    ['channel:close', new Uint8Array(3)],
  ];

  test('that are no requests are refused where the client wants an answer, else ignored; the connection stays', async () => {
    const { url, metric } = await startHub({ log: await openTestLog() });
    const client = new WireClient(url);
    await client.open();
    for (const message of junk) {
      expect(await client.raw.emitWithAck(...message), JSON.stringify(message)).toMatchObject({
        error: { code: 'invalid_request', retriable: false },
      });
      client.raw.emit(...message);
    }
    expect(await client.open()).toMatchObject({ seq: 0 });
    expect(client.disconnects).toEqual([]);
    expect(await metric('tidings_hub_messages_ignored_total')).toBeGreaterThanOrEqual(junk.length);
  });

  test('of clients publish nothing', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const [victim, attacker] = [new WireClient(url), new WireClient(url)];
    const { channelId } = await victim.open();
    const forged = { channelId, lane: 'durable', type: 'forged', subject: 's', data: {} };
    for (const name of ['notification', 'channel:token', 'server:draining', channelId]) {
      await attacker.raw.emitWithAck(name, forged);
    }
    await publish(log, { channelId, type: 'genuine' });
    await eventually(() => expect(victim.notifications).toMatchObject([{ type: 'genuine' }]));
    expect(await log.endOffsets('notifications')).toContain(1);
    expect(victim.tokens).toEqual([]);
    expect(victim.drains).toEqual([]);
  });

  test('over 16 KiB end the connection', async () => {
    const { url } = await startHub({ log: await openTestLog() });
    const client = new WireClient(url);
    await client.open();
    client.raw.emit('channel:open', 'x'.repeat(17_000));
    await eventually(() => expect(client.disconnects).toHaveLength(1));
  });
});

describe('while notifications are published', () => {
  test('answer and stream together have no gap and no reordering, whatever is published during an opening', async () => {
    const log = await openTestLog();
    const { url } = await startHub({
      log,
      history: new SlowHistory(),
      limits: { messagesPerSocketMinute: 1_000 },
    });
    const first = new WireClient(url);
    const { channelId, token, epoch } = await first.open();
    const total = 200;
    const publishing = (async () => {
      for (let index = 0; index < total; index += 1) {
        await publish(
          log,
          { channelId, version: index * 2 },
          { channelId, lane: 'progress', version: index * 2 + 1 },
        );
      }
    })();
    const openings = [];
    for (let number = 0; number < 40; number += 1) {
      const known = Math.max(0, (first.seqs().at(-1) ?? 0) - (number % 7));
      const position = number % 4 === 0 ? {} : { epoch, seq: known };
      const client = new WireClient(url);
      const opened = await client.open({ channelId, token, ...position });
      openings.push({ client, opened, known: 'seq' in position ? known : null });
    }
    await publishing;
    for (const { client, opened, known } of openings) {
      expect(opened.recovered).toBe(known !== null);
      await eventually(() =>
        expect(client.seqs().at(-1) ?? opened.snapshot.durable.at(-1)?.seq ?? known).toBe(total),
      );
      const durable = [...opened.snapshot.durable, ...client.notifications].filter(
        ({ lane }) => lane === 'durable',
      );
      const fresh = firstOccurrences(durable);
      const from = known ?? 0;
      expect(fresh).toEqual(Array.from({ length: total - from }, (_, index) => from + index + 1));
      await eventually(() => expect(newestProgress(client, opened.snapshot.progress)).toBe(total * 2 - 1));
    }
  });

  test('a channel that is opened again on the same socket continues', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log, history: new SlowHistory() });
    const client = new WireClient(url);
    const { channelId, token, epoch } = await client.open();
    const publishing = (async () => {
      for (let index = 0; index < 100; index += 1) await publish(log, { channelId });
    })();
    for (let number = 0; number < 20; number += 1) {
      const seq = client.seqs().at(-1) ?? 0;
      expect(await client.open({ channelId, token, epoch, seq })).toMatchObject({ recovered: true });
    }
    await publishing;
    await eventually(() => expect(client.seqs().at(-1)).toBe(100));
    expect(firstOccurrences(client.notifications)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  });
});

/** Numbers in the order of their first occurrence. */
function firstOccurrences(notifications: readonly Notification[]): (number | undefined)[] {
  return [...new Set(notifications.map(({ seq }) => seq))];
}

function newestProgress(client: WireClient, snapshot: readonly Notification[]): number {
  const progress = [...snapshot, ...client.notifications].filter(({ lane }) => lane === 'progress');
  return Math.max(...progress.map(({ version = 0 }) => version));
}

describe('channel:close', () => {
  test('ends one channel of a connection; the others go on, and it can be opened again from its position', async () => {
    const log = await openTestLog();
    const { url, metric } = await startHub({ log });
    const client = new WireClient(url);
    const [left, kept] = [await client.open(), await client.open()];
    const close = (request: { channelId: string }) =>
      client.socket.timeout(10_000).emitWithAck('channel:close', request);
    expect(await close({ channelId: left.channelId })).toEqual({ channelId: left.channelId });
    expect(await close({ channelId: left.channelId })).toEqual({ channelId: left.channelId });
    expect(await metric('tidings_hub_subscriptions')).toBe(1);
    await publish(log, { channelId: left.channelId });
    await publish(log, { channelId: kept.channelId });
    await eventually(() => expect(client.notifications).toHaveLength(1));
    expect(client.notifications[0]?.channelId).toBe(kept.channelId);
    const { channelId, token, epoch, seq } = left;
    expect(await client.open({ channelId, token, epoch, seq })).toMatchObject({ recovered: true });
    await eventually(() => expect(client.notifications.map((one) => one.channelId)).toContain(channelId));
  });

  test('makes room for another channel; a connection without any is closed in time', async () => {
    const limits = { channelsPerSocket: 1, withoutChannelMs: 2_000 };
    const { url } = await startHub({ log: await openTestLog(), limits });
    const client = new WireClient(url);
    const { channelId } = await client.open();
    expect(await client.code({})).toBe('invalid_request');
    await client.socket.emitWithAck('channel:close', { channelId });
    const next = await client.open();
    await client.socket.emitWithAck('channel:close', { channelId: next.channelId });
    await eventually(() => expect(client.closings).toMatchObject([{ code: 'idle' }]));
  });

  test('without a channel is refused', async () => {
    const { url } = await startHub({ log: await openTestLog() });
    const client = new WireClient(url);
    for (const payload of [null, {}, { channelId: 5 }, { channelId: 'x'.repeat(65) }])
      expect(await client.raw.timeout(10_000).emitWithAck('channel:close', payload)).toMatchObject({
        error: { code: 'invalid_request', retriable: false },
      });
  });
});
