/** Requests to services on one machine, on the embedded log: a kill in their middle loses none, and answers none twice. */
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { TakenRequest } from '@tidings/contracts/services/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listen } from '../test/listener.ts';

let system: Stack;
/** Each try has a service of its own: what a failed one has left waiting is not handed to the next. */
let reports = '';
const services = Object.fromEntries(
  [0, 1].map((retry) => [`reports-${retry}`, { methods: { create: { timeoutMs: 300_000 } } }]),
);
beforeEach(async ({ task }) => {
  reports = `reports-${task.result?.retryCount ?? 0}`;
  if (!system.isRunning()) await system.start();
});

beforeAll(async () => {
  system = await startStack({ REQUESTS: JSON.stringify({ services }) });
}, 120_000);
afterAll(() => system?.dispose());

function post(path: string, body: object, headers: Record<string, string> = {}) {
  return fetch(`${system.url}/requests/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${system.apiKey}`, 'content-type': 'application/json', ...headers },
  });
}

/** Asks without waiting, and resolves with the id under which the answer is found. */
async function ask(month: string, channelId: string): Promise<string> {
  const response = await post(
    `${reports}/create`,
    { month },
    { prefer: 'wait=0', 'notify-channel': channelId },
  );
  expect(response.status).toBe(202);
  return ((await response.json()) as { requestId: string }).requestId;
}

function take(): Promise<TakenRequest> {
  return eventually(
    async () => {
      const response = await post(`${reports}/take`, { wait: 5 });
      expect(response.status).toBe(200);
      return (await response.json()) as TakenRequest;
    },
    { withinMs: 90_000 },
  );
}

async function reply({ requestId, lease, body }: TakenRequest): Promise<void> {
  const answer = { lease, status: 200, body };
  expect((await post(`${requestId}/reply`, answer)).status).toBe(204);
}

const monthOf = ({ body }: TakenRequest): unknown => ('json' in body ? body.json : body);

test('a request that waits and one that a worker has in hand are answered after a kill, each once', async () => {
  const before = await listen(system.url);
  const { channelId, token } = before.opened;
  const first = await ask('May', channelId);
  expect(monthOf(await take())).toEqual({ month: 'May' });
  const second = await ask('June', channelId);
  await system.kill();
  await system.start();
  const after = await listen(system.url, { channelId, token });
  // What was begun before a crash is handed out one by one: the second comes once the first is answered.
  const months: unknown[] = [];
  while (months.length < 2) {
    const request = await take();
    months.push(monthOf(request));
    await reply(request);
  }
  expect(months).toEqual(expect.arrayContaining([{ month: 'May' }, { month: 'June' }]));
  const isAnswer = ({ type }: Notification) => type === 'request.answered';
  const isAbout = (requestId: string) => (one: Notification) => isAnswer(one) && one.subject === requestId;
  for (const [requestId, month] of [
    [first, 'May'],
    [second, 'June'],
  ] as const) {
    const headers = { authorization: `Bearer ${system.apiKey}` };
    const found = await fetch(`${system.url}/requests/${requestId}`, { headers });
    expect([found.status, await found.json()]).toEqual([200, { month }]);
    await after.until(isAbout(requestId));
  }
  // Nothing is handed out again, and nothing else is told: the next request is the next that is taken and told.
  const third = await ask('July', channelId);
  const next = await take();
  expect(monthOf(next)).toEqual({ month: 'July' });
  await reply(next);
  await after.until(isAbout(third));
  expect(after.received.filter(isAnswer).map(({ subject }) => subject)).toHaveLength(3);
}, 240_000);
