import type { CreatedWebhook, Webhook } from '@tidings/contracts/owners/webhooks.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { EventLogError } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import { Webhook as Verifier } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { encodeWebhookCommand } from './deliveries/delivery-records.ts';
import { answerWith, type Receiver, startReceiver } from './test/receiver.ts';
import { API_KEY, SUPPORT_TOKEN, startWorld, type World } from './test/webhooks-world.ts';

const HOUR_MS = 3_600_000;

async function start() {
  const [world, receiver] = [await startWorld(), await startReceiver()];
  const token = await world.token('mira');
  const webhook = await world.register(token, receiver.url);
  return { ...world, receiver, token, webhook };
}

function numbersOf({ received }: Receiver): unknown[] {
  return received.map(({ body }) => body.data.number);
}

function read(world: World, token: string, id: string): Promise<Webhook> {
  return eventually(async () => {
    const { items } = (await (await world.send('GET', '/webhooks', token)).json()) as { items: Webhook[] };
    const found = items.find((one) => one.id === id);
    if (found === undefined) throw new Error('not listed');
    return found;
  });
}

describe('an outcome', () => {
  test('reaches the endpoint once, signed by Standard Webhooks, and no other owner or type does', async () => {
    const { receiver, webhook, outcome, register, token, deliveries } = await start();
    expect(webhook).toMatchObject({ url: receiver.url, status: 'enabled', waiting: 0 });
    const others = await startReceiver();
    await register(token, others.url, ['import.failed']);
    await outcome('noor', { number: 0 });
    await outcome('mira', { number: 0 }, 'import.reconciled');
    const importId = await outcome('mira', { number: 1 });
    await outcome('mira', { number: 2 }, 'import.failed');
    await eventually(() => expect(numbersOf(receiver)).toEqual([1, 2]));
    await eventually(() => expect(numbersOf(others)).toEqual([2]));
    const [first] = receiver.received;
    const verified = new Verifier(webhook.secret).verify(
      first?.text ?? '',
      first?.headers as Record<string, string>,
    );
    expect(verified).toEqual({
      type: 'import.completed',
      timestamp: expect.any(String),
      data: { importId, number: 1 },
    });
    await eventually(async () =>
      expect(await deliveries(token, webhook.id)).toMatchObject([
        { type: 'import.failed', status: 'delivered' },
        { id: first?.headers['webhook-id'], subject: importId, status: 'delivered', attempts: 1 },
      ]),
    );
    expect(() =>
      new Verifier(webhook.secret).verify(`${first?.text} `, first?.headers as Record<string, string>),
    ).toThrow();
  });

  test('of before the endpoint was registered does not reach it', async () => {
    const world = await startWorld();
    const receiver = await startReceiver();
    await world.outcome('mira', { number: 1 });
    await world.register(await world.token('mira'), receiver.url);
    await world.outcome('mira', { number: 2 });
    await eventually(() => expect(numbersOf(receiver)).toEqual([2]));
  });
});

describe('a partner', () => {
  test('who is down for a day gets everything afterwards, in order, while others are not delayed', async () => {
    const { receiver, outcome, clock, register, token, webhook, ...world } = await start();
    const other = await startReceiver();
    await register(token, other.url);
    receiver.answer = answerWith(503, 'closed\u0007 for today');
    for (const number of [1, 2, 3]) await outcome('mira', { number });
    await eventually(() => expect(numbersOf(other)).toEqual([1, 2, 3]));
    await eventually(() => expect(receiver.received.length).toBeGreaterThan(0));
    // Every pause doubles up to six hours.
    for (let hours = 0; hours < 24; hours += 3) {
      clock.aheadMs = hours * HOUR_MS;
      const before = receiver.received.length;
      if (hours === 0) continue;
      await eventually(() => expect(receiver.received.length).toBeGreaterThanOrEqual(before));
    }
    await eventually(async () => {
      const [, , first] = await world.deliveries(token, webhook.id);
      expect(first).toMatchObject({
        status: 'waiting',
        lastAnswer: { status: 503, body: 'closed  for today', error: 'status_not_2xx' },
      });
      expect(Date.parse(first?.nextAttemptAt ?? '')).toBeGreaterThan(0);
    });
    expect(new Set(numbersOf(receiver))).toEqual(new Set([1]));
    const ids = new Set(receiver.received.map(({ headers }) => headers['webhook-id']));
    expect(ids.size).toBe(1);
    const failed = receiver.received.length;
    receiver.answer = answerWith(204);
    clock.aheadMs = 40 * HOUR_MS;
    await eventually(() =>
      expect(
        numbersOf(receiver)
          .slice(failed - 1)
          .slice(-3),
      ).toEqual([1, 2, 3]),
    );
  });

  test('who is down for three days finds them dead, and can have each sent again', async () => {
    const { receiver, outcome, clock, token, webhook, ...world } = await start();
    receiver.answer = answerWith(500);
    for (const number of [1, 2]) await outcome('mira', { number });
    await eventually(() => expect(receiver.received.length).toBeGreaterThan(0));
    clock.aheadMs = 73 * HOUR_MS;
    await eventually(async () =>
      expect(await world.deliveries(token, webhook.id)).toMatchObject([
        { status: 'dead' },
        { status: 'dead' },
      ]),
    );
    receiver.answer = answerWith(200);
    const before = receiver.received.length;
    const [second] = await world.deliveries(token, webhook.id);
    clock.aheadMs = 0;
    await world.send('POST', `/webhooks/${webhook.id}/unblock`, token);
    const resent = await world.send('POST', `/webhooks/${webhook.id}/deliveries/${second?.id}/resend`, token);
    expect(resent.status).toBe(202);
    await eventually(() => expect(numbersOf(receiver).slice(before)).toEqual([2]));
    expect(receiver.received.at(-1)?.headers['webhook-id']).toBe(second?.id);
  });

  test('who answers 410 is disabled, is told so, and is sent nothing until it is unblocked', async () => {
    const { receiver, outcome, token, webhook, ...world } = await start();
    receiver.answer = answerWith(410);
    await outcome('mira', { number: 1 });
    await eventually(async () =>
      expect(await read(world as World, token, webhook.id)).toMatchObject({
        status: 'disabled',
        disabledReason: 'gone',
      }),
    );
    receiver.answer = answerWith(200);
    await outcome('mira', { number: 2 });
    await eventually(async () =>
      expect(await world.deliveries(token, webhook.id)).toMatchObject([
        { status: 'dead', attempts: 0, lastAnswer: { error: 'endpoint_disabled' } },
        { status: 'dead', attempts: 1, lastAnswer: { status: 410, error: 'gone' } },
      ]),
    );
    await world.send('POST', `/webhooks/${webhook.id}/test`, token);
    await eventually(() => expect(receiver.received.at(-1)?.body.type).toBe('webhook.test'));
    await eventually(async () =>
      expect(await read(world as World, token, webhook.id)).toMatchObject({ status: 'enabled' }),
    );
  });

  test('can skip what blocks the line, and be tried at once', async () => {
    const { receiver, outcome, token, webhook, ...world } = await start();
    receiver.answer = (response, { body }) =>
      void response.writeHead(body.data.number === 1 ? 422 : 200).end('no such thing');
    await outcome('mira', { number: 1 });
    await outcome('mira', { number: 2 });
    const head = await eventually(async () => {
      const [, first] = await world.deliveries(token, webhook.id);
      expect(first?.attempts).toBeGreaterThan(0);
      return first;
    });
    expect(numbersOf(receiver)).not.toContain(2);
    await world.send('POST', `/webhooks/${webhook.id}/deliveries/${head?.id}/skip`, token);
    await eventually(() => expect(numbersOf(receiver)).toContain(2));
    // The next one may be sent before the skipped one is told.
    await eventually(async () => {
      const again = await world.send('POST', `/webhooks/${webhook.id}/deliveries/${head?.id}/skip`, token);
      expect(again.status).toBe(409);
    });
  });
});

/** A receiver that answers when the test says so, and how many requests it had in hand at once. */
async function startSlowReceiver() {
  const receiver = await startReceiver();
  const slow = { receiver, answerAll: () => {}, most: 0 };
  const waiting = new Set<() => void>();
  receiver.answer = (response) => {
    const answer = () => void response.writeHead(204).end();
    waiting.add(answer);
    slow.most = Math.max(slow.most, waiting.size);
    response.once('close', () => waiting.delete(answer));
  };
  slow.answerAll = () => {
    for (const answer of waiting) answer();
  };
  return slow;
}

// The next one began beside the one under way, although an endpoint gets one at a time.
test('a delivery that is skipped while it is under way is given up, and the next one begins behind it', async () => {
  const world = await startWorld();
  const slow = await startSlowReceiver();
  const { received } = slow.receiver;
  const token = await world.token('mira');
  const { id } = await world.register(token, slow.receiver.url);
  for (const number of [1, 2]) await world.outcome('mira', { number });
  await eventually(() => expect(received).toHaveLength(1));
  const first = received[0]?.headers['webhook-id'];
  await eventually(async () => expect(await world.deliveries(token, id)).toHaveLength(2));
  const order = async (what: 'skip' | 'resend') =>
    (await world.send('POST', `/webhooks/${id}/deliveries/${first}/${what}`, token)).status;
  expect(await order('skip')).toBe(202);
  await eventually(() => expect(received).toHaveLength(2));
  expect(slow.most).toBe(1);
  slow.answerAll();
  const statuses = async () =>
    (await world.deliveries(token, id)).map(({ id: one, status }) => [one === first, status]);
  await eventually(async () =>
    expect(new Set((await statuses()).map(String))).toEqual(new Set(['true,skipped', 'false,delivered'])),
  );
  // The attempt that was given up was taken for one under way: the delivery waited until the process ended.
  expect(await order('resend')).toBe(202);
  await eventually(() => expect(received).toHaveLength(3));
  expect(received[2]?.headers['webhook-id']).toBe(first);
  // The attempt may begin before the state is committed by which the route judges.
  await eventually(async () => expect(await statuses()).toContainEqual([true, 'waiting']));
  expect(await order('skip')).toBe(202);
  await eventually(async () => expect(await statuses()).toContainEqual([true, 'skipped']));
  expect(await order('resend')).toBe(202);
  await eventually(() => expect(received).toHaveLength(4));
  slow.answerAll();
  await eventually(async () => expect(await statuses()).toContainEqual([true, 'delivered']));
});

// The outcome of the last attempt made a new state of an endpoint that was removed, and every instance held that state for ever.
test('of an endpoint that is deleted during an attempt nothing is left', async () => {
  const world = await startWorld();
  const slow = await startSlowReceiver();
  const token = await world.token('mira');
  const [gone, other] = [
    await world.register(token, slow.receiver.url),
    await world.register(token, slow.receiver.url, ['import.failed']),
  ];
  await world.outcome('mira');
  await eventually(() => expect(slow.receiver.received).toHaveLength(1));
  await world.send('DELETE', `/webhooks/${gone.id}`, token);
  slow.answerAll();
  // What comes of an attempt, and orders, may be on their way still.
  await world.log.append([encodeWebhookCommand(gone.id, { type: 'unblock' })]);
  await world.stop();
  const again = await startWorld({ log: world.log });
  await again.outcome('mira', {}, 'import.failed');
  await eventually(() => expect(slow.receiver.received).toHaveLength(2));
  slow.answerAll();
  await eventually(async () =>
    expect(await again.deliveries(token, other.id)).toMatchObject([{ status: 'delivered' }]),
  );
  expect(await leftOf(world.log, gone.id)).toEqual([]);
});

// The endpoint was removed first: where the process was killed in between, the same request found nothing, and the deliveries stayed for ever.
test('a removal that breaks off in the middle is completed by the same request', async () => {
  const log = await openTestLog();
  let [appends, isAway] = [0, false];
  const breaking = standInFor(log, {
    append: async (records) => {
      if (isAway && ++appends > 1) throw new EventLogError('log_unavailable', 'away');
      return log.append(records);
    },
  });
  const [world, receiver] = [await startWorld({ log: breaking }), await startReceiver()];
  const token = await world.token('mira');
  const { id } = await world.register(token, receiver.url);
  await world.outcome('mira');
  await eventually(async () =>
    expect(await world.deliveries(token, id)).toMatchObject([{ status: 'delivered' }]),
  );
  isAway = true;
  expect((await world.send('DELETE', `/webhooks/${id}`, token)).status).toBeGreaterThanOrEqual(500);
  isAway = false;
  expect((await world.send('DELETE', `/webhooks/${id}`, token)).status).toBe(204);
  await eventually(async () => expect(await leftOf(log, id)).toEqual([]));
});

// Its delivery stayed for ever where it was over before the endpoint was gone.
test('an outcome that comes while an endpoint is removed leaves nothing of it', async () => {
  const log = await openTestLog();
  let untilRemoved = async () => {};
  const holding = standInFor(log, {
    append: async (records) => {
      const isRemoval = records.some(
        ({ topic, value }) => topic === topics.webhookEndpoints && value === null,
      );
      if (isRemoval) await untilRemoved();
      return log.append(records);
    },
  });
  const [world, receiver] = [await startWorld({ log: holding }), await startReceiver()];
  const token = await world.token('mira');
  const { id } = await world.register(token, receiver.url);
  untilRemoved = async () => {
    await world.outcome('mira');
    await eventually(async () =>
      expect(await world.deliveries(token, id)).toMatchObject([{ status: 'delivered' }]),
    );
  };
  expect((await world.send('DELETE', `/webhooks/${id}`, token)).status).toBe(204);
  await eventually(async () => expect(await leftOf(log, id)).toEqual([]));
});

/** Keys of the states that stand on the log of an endpoint and its deliveries. */
async function leftOf(log: World['log'], id: string): Promise<string[]> {
  const left = new Set<string>();
  for (const { key, value } of await readAll(log, topics.webhookDeliveryStates))
    if (value === null) left.delete(key);
    else left.add(key);
  return [...left].filter((key) => key.startsWith(id));
}

describe('the service', () => {
  test('goes on after a restart with what waits, and sends nothing twice that was answered', async () => {
    const log = await openTestLog();
    const receiver = await startReceiver();
    const first = await startWorld({ log });
    const token = await first.token('mira');
    await first.register(token, receiver.url);
    await first.outcome('mira', { number: 1 });
    await eventually(() => expect(numbersOf(receiver)).toEqual([1]));
    await first.stop();
    await first.outcome('mira', { number: 2 });
    await startWorld({ log });
    await eventually(() => expect(numbersOf(receiver)).toEqual([1, 2]));
  });

  test('shows a secret once, keeps it encrypted, and signs with the former one for a day', async () => {
    const { receiver, outcome, token, webhook, log, clock, ...world } = await start();
    const rotated = (await (
      await world.send('POST', `/webhooks/${webhook.id}/rotate`, token)
    ).json()) as CreatedWebhook;
    expect(rotated.secret).not.toBe(webhook.secret);
    const listed = await (await world.send('GET', '/webhooks', token)).text();
    const kept = (await readAll(log, topics.webhookEndpoints)).map(({ value }) => String(value)).join();
    for (const { secret } of [webhook, rotated]) {
      expect(listed).not.toContain(secret);
      expect(kept).not.toContain(secret.slice(6));
    }
    await outcome('mira', { number: 1 });
    await eventually(() => expect(receiver.received).toHaveLength(1));
    for (const { secret } of [webhook, rotated]) {
      const [first] = receiver.received;
      new Verifier(secret).verify(first?.text ?? '', first?.headers as Record<string, string>);
    }
    clock.aheadMs = 25 * HOUR_MS;
    await outcome('mira', { number: 2 });
    await eventually(() => expect(receiver.received).toHaveLength(2));
    expect(receiver.received[1]?.headers['webhook-signature']).not.toContain(' ');
  });

  // A webhook whose secret was rotated while it was deleted was there again, and went on getting outcomes, after the answer 204.
  test('what is deleted stays so, whatever another instance does with it at the same moment', async () => {
    const { log, send, token, webhook } = await start();
    let reach = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let appends = 0;
    const held = standInFor(log, {
      append: async (records) => {
        appends += 1;
        // An endpoint that had to be withdrawn stayed for ever where the log was away at that moment.
        if (appends === 2) throw new EventLogError('log_unavailable', 'away');
        reach();
        await released;
        return log.append(records);
      },
    });
    const other = await startWorld({ log: held });
    const rotated = other.send('POST', `/webhooks/${webhook.id}/rotate`, token);
    await reached;
    expect((await send('DELETE', `/webhooks/${webhook.id}`, token)).status).toBe(204);
    release();
    expect((await rotated).status).toBe(404);
    for (const one of [send, other.send])
      expect(await (await one('GET', '/webhooks', token)).json()).toEqual({ items: [] });
  });

  // Two secrets were made at the same moment: the one of the first answer is the former secret, and signed nothing.
  test('of secrets that are made at the same moment, at two instances, the last two sign', async () => {
    const { log, send, token, webhook, receiver, outcome } = await start();
    const other = await startWorld({ log });
    const rotate = async (one: typeof send) => {
      const answer = await one('POST', `/webhooks/${webhook.id}/rotate`, token);
      return ((await answer.json()) as CreatedWebhook).secret;
    };
    const made = await Promise.all([send, other.send].map(rotate));
    await outcome('mira');
    const [{ text, headers }] = await eventually(() => {
      const [first] = receiver.received;
      if (first === undefined) throw new Error('nothing came');
      return [first];
    });
    const verifies = (secret: string) => {
      try {
        return new Verifier(secret).verify(text, headers as Record<string, string>) !== null;
      } catch {
        return false;
      }
    };
    expect([...made, webhook.secret].map(verifies)).toEqual([true, true, false]);
  });

  // Each request counted only the endpoints before it, so that an owner had 21 after 40 requests at once.
  test('takes ten endpoints of an owner, and no more where they come at once', async () => {
    const world = await startWorld();
    const { url } = await startReceiver();
    const tokens = await Promise.all([1, 2, 3].map(() => world.token('mira')));
    const answers = await Promise.all(
      tokens.flatMap((token) =>
        Array.from({ length: 10 }, () => world.send('POST', '/webhooks', token, { url })),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect([statuses.filter((one) => one === 201), statuses.filter((one) => one === 409)]).toEqual([
      Array(10).fill(201),
      Array(20).fill(409),
    ]);
    const { items } = (await (await world.send('GET', '/webhooks', tokens[0] ?? '')).json()) as {
      items: Webhook[];
    };
    expect(items).toHaveLength(10);
  });

  test('shows each owner the own endpoints, support all, and strangers nothing', async () => {
    const world = await startWorld();
    const receiver = await startReceiver();
    const [token, noor] = [await world.token('mira'), await world.token('noor')];
    const webhook = await world.register(token, receiver.url);
    for (const [method, path] of [
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/rotate'],
      ['POST', '/unblock'],
      ['GET', '/deliveries'],
    ] as const)
      expect((await world.send(method, `/webhooks/${webhook.id}${path}`, noor)).status, path).toBe(404);
    expect((await world.send('GET', '/webhooks', 'x'.repeat(32))).status).toBe(401);
    expect((await world.send('GET', '/webhooks', API_KEY)).status).toBe(404);
    const all = (await (await world.send('GET', '/webhooks', SUPPORT_TOKEN)).json()) as { items: Webhook[] };
    expect(all.items).toMatchObject([{ id: webhook.id, owner: 'mira' }]);
    expect((await world.send('GET', `/webhooks/${webhook.id}/deliveries`, SUPPORT_TOKEN)).status).toBe(200);
    expect((await world.send('DELETE', `/webhooks/${webhook.id}`, token)).status).toBe(204);
    expect((await world.send('GET', `/webhooks/${webhook.id}/deliveries`, token)).status).toBe(404);
  });

  test('lists deliveries page by page, the newest first', async () => {
    const { receiver, outcome, token, webhook, ...world } = await start();
    for (const number of [1, 2, 3, 4, 5]) await outcome('mira', { number });
    await eventually(async () => {
      const statuses = (await world.deliveries(token, webhook.id)).map(({ status }) => status);
      expect(statuses).toEqual(Array(5).fill('delivered'));
    });
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const response = await world.send('GET', `/webhooks/${webhook.id}/deliveries?limit=2${query}`, token);
      const page = (await response.json()) as { items: { id: string }[]; nextCursor: string | null };
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(receiver.received.map(({ headers }) => headers['webhook-id']).reverse());
  });

  test('takes ten endpoints of an owner, and refuses addresses and types that will not do', async () => {
    const { token, receiver, register, ...world } = await start();
    const refused = async (body: object) => {
      const response = await world.send('POST', '/webhooks', token, body);
      return { status: response.status, field: ((await response.json()) as { field?: string }).field };
    };
    for (const url of [
      'ftp://example.org/',
      'http://example.org/',
      'https://10.0.0.1/',
      'https://169.254.169.254/latest',
      'https://[fd00::1]/',
      'https://user:password@example.org/',
    ])
      expect(await refused({ url }), url).toEqual({ status: 400, field: 'url' });
    expect(await refused({ url: receiver.url, types: ['contact.created'] })).toMatchObject({ status: 400 });
    expect(await refused({ url: receiver.url, types: [] })).toMatchObject({ status: 400 });
    for (let count = 1; count < 10; count += 1) await register(token, receiver.url);
    expect((await refused({ url: receiver.url })).status).toBe(409);
  });
});

test('a service that stops waits two seconds for an attempt, and makes it again at the next start', async () => {
  const log = await openTestLog();
  const receiver = await startReceiver();
  receiver.answer = () => undefined;
  const first = await startWorld({ log });
  const token = await first.token('mira');
  const { id } = await first.register(token, receiver.url);
  await first.outcome('mira', { number: 1 });
  await eventually(() => expect(receiver.received).toHaveLength(1));
  // An attempt that had come to its own end would count.
  await first.stop();
  receiver.answer = answerWith(204);
  const second = await startWorld({ log });
  await eventually(async () =>
    expect(await second.deliveries(token, id)).toMatchObject([{ status: 'delivered', attempts: 1 }]),
  );
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([ids[0], ids[0]]);
});
