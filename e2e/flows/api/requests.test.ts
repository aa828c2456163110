/**
 * Requests to services on Kafka, with two jobs services behind the proxy: whoever waits, takes or replies at whichever instance, and
 * whoever of them dies, the caller gets the answer.
 */
import type { TakenRequest } from '@tidings/contracts/services/requests.ts';
import { createChannel } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import type { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { listen } from '../../test/listener.ts';

/** Each try of a test has services of its own: what a failed one has left waiting is not handed to the next. */
let reports = '';
let letters = '';
const services = Object.fromEntries(
  [0, 1].flatMap((retry) => [
    [`reports-${retry}`, { methods: { list: { timeoutMs: 300_000 }, create: { lane: 'heavy' } } }],
    [`letters-${retry}`, { methods: { write: { timeoutMs: 300_000 } } }],
  ]),
);
beforeEach(({ task }) => {
  const retry = task.result?.retryCount ?? 0;
  reports = `reports-${retry}`;
  letters = `letters-${retry}`;
});

let system: Distributed;
beforeAll(async () => {
  const instances = { hub: 1, 'jobs-service': 2, importer: 1, aggregator: 1, 'reference-data': 1 };
  system = await startDistributed({ instances, environment: { REQUESTS: JSON.stringify({ services }) } });
}, 180_000);
afterAll(() => system?.stop());

function instance(number: number): ServiceInstance {
  const found = system.processes['jobs-service'][number];
  if (found === undefined) throw new Error(`there is no jobs service ${number}`);
  return found;
}

async function startAgain(stopped: ServiceInstance): Promise<void> {
  if (!stopped.running) await stopped.start();
}

function post(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  token = system.apiKey,
) {
  return fetch(`${url}/requests/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  });
}

/** Takes until a request comes. */
function take(url: string, service: string, wait = 5): Promise<TakenRequest> {
  return eventually(
    async () => {
      const response = await post(url, `${service}/take`, { wait });
      expect(response.status).toBe(200);
      return (await response.json()) as TakenRequest;
    },
    { withinMs: 120_000 },
  );
}

function reply(url: string, { requestId, lease }: TakenRequest, json: unknown) {
  return post(url, `${requestId}/reply`, { lease, status: 200, body: { json } });
}

test('a request through the proxy is answered by a worker through the proxy, and its caller’s channel is told', async () => {
  const mine = await listen(system.url);
  const { channelId, token } = mine.opened;
  const asked = post(
    system.url,
    `${letters}/write`,
    { to: 'Ann' },
    { prefer: 'wait=60', 'notify-channel': channelId },
    token,
  );
  const request = await take(system.url, letters, 20);
  expect(request).toMatchObject({ method: 'write', body: { json: { to: 'Ann' } } });
  expect((await reply(system.url, request, 'Dear Ann')).status).toBe(204);
  expect(await (await asked).json()).toBe('Dear Ann');
  const { data } = await mine.until(({ type }) => type === 'request.answered');
  expect(data).toMatchObject({ status: 200 });
}, 180_000);

test('a file of 8 MiB passes the proxy both ways', async () => {
  const { token } = await createChannel(system.url);
  const bytes = new Uint8Array(8 * 1024 * 1024).map((_, index) => index % 251);
  const form = new FormData();
  form.append('month', 'May');
  form.append('file', new File([bytes], 'a.bin', { type: 'application/x-test' }));
  const init = {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${token}`, prefer: 'wait=60' },
  };
  const asked = fetch(`${system.url}/requests/${reports}/create`, init);
  const request = await take(system.url, reports, 20);
  if (!('file' in request.body)) throw new Error('the request holds no file');
  expect(request.body.fields).toEqual({ month: 'May' });
  const { file } = request.body;
  const answer = { lease: request.lease, status: 200, body: { file } };
  expect((await post(system.url, `${request.requestId}/reply`, answer)).status).toBe(204);
  const back = Buffer.from(await (await asked).arrayBuffer());
  expect(back.equals(Buffer.from(bytes))).toBe(true);
}, 180_000);

test('an instance that is killed while it waits and holds a lease takes nothing with it', async () => {
  const [first, second] = [instance(0), instance(1)];
  const waiting = post(first.url, `${reports}/list`, { page: 1 }, { prefer: 'wait=60' }).catch(() => null);
  const accepted = await post(first.url, `${reports}/list`, { page: 2 }, { prefer: 'wait=0' });
  const location = accepted.headers.get('location') ?? '';
  // By whichever instance: each may have a part of the partitions.
  const requests = [await take(first.url, reports), await take(first.url, reports)];
  await first.kill();
  onTestFinished(() => startAgain(first));
  for (const request of requests) expect((await reply(second.url, request, request.body)).status).toBe(204);
  expect(await waiting).toBeNull();
  const headers = { authorization: `Bearer ${system.apiKey}` };
  await eventually(async () => {
    const found = await fetch(`${second.url}${location}`, { headers });
    expect([found.status, await found.json()]).toEqual([200, { json: { page: 2 } }]);
  });
  await startAgain(first);
  // What the killed one had handed out is not handed out anew: its reply stands on the log.
  const next = post(second.url, `${reports}/list`, { page: 3 }, { prefer: 'wait=60' });
  const taken = await take(second.url, reports);
  expect(taken.body).toEqual({ json: { page: 3 } });
  await reply(second.url, taken, 'there');
  expect(await (await next).json()).toBe('there');
}, 240_000);

test('a worker that dies with a request in hand leaves it to another', async () => {
  const asked = post(instance(0).url, `${letters}/write`, { to: 'Ben' }, { prefer: 'wait=60' });
  const dying = await take(system.url, letters);
  const other = await take(system.url, letters, 60);
  expect([other.requestId, other.attempt]).toEqual([dying.requestId, 2]);
  expect((await reply(system.url, dying, 'late')).status).toBe(409);
  await reply(system.url, other, 'Dear Ben');
  expect(await (await asked).json()).toBe('Dear Ben');
}, 180_000);

// The connections of those who waited were cut, and nobody had told them where to find their answers.
test('an instance that stops tells all who wait for it where the answer will be found, at another one too', async () => {
  const [first, second] = [instance(0), instance(1)];
  const prefer = { prefer: 'wait=60' };
  const waiting = Array.from({ length: 20 }, (_, page) =>
    post(first.url, `${letters}/write`, { page }, prefer),
  );
  await eventually(async () => expect(await first.metrics()).toContain('tidings_requests_open 20\n'), {
    withinMs: 60_000,
  });
  const stopped = first.stop();
  onTestFinished(() => stopped.then(() => startAgain(first)));
  const answers = await Promise.all(waiting);
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
  expect(await stopped).toBe(0);
  const locations = answers.map(({ headers }) => headers.get('location') ?? '');
  for (const _ of locations) {
    const request = await take(second.url, letters);
    expect((await reply(second.url, request, request.requestId)).status).toBe(204);
  }
  const headers = { authorization: `Bearer ${system.apiKey}` };
  for (const location of locations) {
    const found = await fetch(`${second.url}${location}`, { headers });
    const requestId = (await found.json()) as string;
    expect([found.status, location]).toEqual([200, expect.stringContaining(`/requests/${requestId}.`)]);
  }
}, 240_000);
