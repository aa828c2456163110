/**
 * Measures requests to services at the HTTP door of everything in one process. First what a held request costs in memory: the baseline, in
 * the same run, is the same number of idle connections to the same server, which then carry the held requests. Then how long a request of
 * the lane normal takes from the caller to a worker by HTTP and back: one after another on an idle server, then while heavy ones are queued,
 * then while one API key has as many requests held as it may.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { serveRequests } from '@tidings/client/serve.ts';
import { pause } from '@tidings/failures/retry.ts';
import { createChannel } from '@tidings/testing/connections/requests.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { numberOption, percentile, residentBytes } from '../measure.ts';

const service = 'reports';
const methods = { list: { timeoutMs: 600_000 }, create: { timeoutMs: 600_000, lane: 'heavy' } };
/** A service without workers: what is asked of it is held for as long as its caller waits. */
const silentService = 'silent';
/** Milliseconds that a heavy request keeps its worker busy. */
const HEAVY_MS = 20;
/** Requests that are worked off at once: heavy ones, and the held ones once their memory is measured. */
const HEAVY_WORKERS = 2;
const HELD_WORKERS = 16;
/** Requests of one channel's token at once, and one after another: both within what a server takes of it. */
const HELD_OF_TOKEN = 10;
const TIMED_OF_TOKEN = 50;
/** Connections that are opened at once. */
const AT_ONCE = 200;
/** Milliseconds between two waves of one API key, which may send 1,000 requests a second. */
const BETWEEN_WAVES_MS = 250;
/** Milliseconds in which the server puts its memory in order; it keeps an idle connection for longer. */
const SETTLE_MS = 3_000;

/** `--held 1000`, `--requests 500`, `--heavy 1000`, `--of-one-key 6000`: prints kilobytes and their ratio, and p50 and p99 and the ratio of p99. */
export async function run(words: string[]): Promise<void> {
  const held = numberOption(words, 'held', 1_000);
  const requests = numberOption(words, 'requests', 500);
  const heavy = numberOption(words, 'heavy', 1_000);
  const ofOneKey = numberOption(words, 'of-one-key', 6_000);
  const services = { [service]: { methods }, [silentService]: { methods } };
  const stack = await startStack({ REQUESTS: JSON.stringify({ services }) });
  const callers = await makeCallers(stack.url, Math.max(held, heavy));
  try {
    await timeRequests(stack, 100, 'warm-up');
    await measureMemory(stack, callers.slice(0, held));
    const idle = await timeRequests(stack, requests, 'idle');
    const queue = await queueHeavy(stack, callers.slice(0, heavy));
    const beside = await timeRequests(stack, requests, 'beside heavy ones', () => queue.left() > 0);
    const left = queue.left();
    await queue.answered;
    const ratio = percentile(beside, 0.99) / percentile(idle, 0.99);
    console.log(
      `beside ${heavy} heavy requests, of which ${left} still stood: ratio to the idle p99 ${ratio.toFixed(1)} (to reach: 3.0)`,
    );
    await holdOfOneKey(stack, ofOneKey);
    const besideKey = await timeRequests(stack, requests, 'of another owner, beside them');
    console.log(
      `${await openRequests(stack)} of them still stood: ratio to the idle p99 ${(percentile(besideKey, 0.99) / percentile(idle, 0.99)).toFixed(1)}`,
    );
  } finally {
    for (const caller of callers) caller.close();
    await stack.dispose();
  }
}

/** One connection, and the token of its channel. */
class Caller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Resolves once the connection is open, and idle. */
  async open(): Promise<void> {
    await this.#get200('/livez', 'GET');
  }

  /** Resolves with the milliseconds until the answer, once all of it has come. */
  async ask(method: keyof typeof methods): Promise<number> {
    const start = performance.now();
    await this.#get200(`/requests/${service}/${method}`, 'POST');
    return performance.now() - start;
  }

  /** Asks a service that does not answer. Resolves with the status; 0: the connection was lost. */
  askInVain(): Promise<number> {
    return this.#send(`/requests/${silentService}/list`, 'POST').catch(() => 0);
  }

  /** The next request opens another connection. */
  close(): void {
    this.#agent.destroy();
  }

  async #get200(path: string, method: string): Promise<void> {
    const status = await this.#send(path, method);
    if (status !== 200) throw new Error(`${method} ${path}: ${status}`);
  }

  #send(path: string, method: string): Promise<number> {
    const headers = {
      Authorization: `Bearer ${this.#token}`,
      ...(method === 'POST' && { 'Content-Type': 'application/json', Prefer: 'wait=60' }),
    };
    return new Promise((resolve, reject) => {
      const onResponse = (response: IncomingMessage) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      };
      const options = { method, headers, agent: this.#agent };
      request(`${this.#url}${path}`, options, onResponse)
        .on('error', reject)
        .end(method === 'POST' ? '{"month":"2026-11"}' : undefined);
    });
  }
}

async function makeCallers(url: string, count: number): Promise<Caller[]> {
  const callers: Caller[] = [];
  while (callers.length < count) {
    const { token } = await createChannel(url);
    callers.push(...Array.from({ length: HELD_OF_TOKEN }, () => new Caller(url, token)));
  }
  return callers;
}

async function measureMemory(stack: Stack, callers: readonly Caller[]): Promise<void> {
  const start = await settledBytes(stack);
  await inWaves(callers, (caller) => caller.open());
  const idle = await settledBytes(stack);
  const asked = callers.map((caller) => caller.ask('list'));
  await untilOpen(stack, callers.length);
  const held = await settledBytes(stack);
  const kilobytes = (bytes: number) => (bytes - start) / 1000 / callers.length;
  console.log(
    `${callers.length} held requests: ${kilobytes(held).toFixed(1)} KB each, an idle connection ${kilobytes(idle).toFixed(1)} KB: ` +
      `ratio ${(kilobytes(held) / kilobytes(idle)).toFixed(1)}`,
  );
  const worker = work(stack, 'normal', HELD_WORKERS);
  await Promise.all(asked);
  await worker.stop();
  // The server ends them soon, and a request must not meet that end.
  for (const caller of callers) caller.close();
}

async function settledBytes({ pid }: Stack): Promise<number> {
  await pause(SETTLE_MS);
  return residentBytes(pid);
}

async function inWaves(callers: readonly Caller[], use: (caller: Caller) => Promise<void>): Promise<void> {
  for (let first = 0; first < callers.length; first += AT_ONCE)
    await Promise.all(callers.slice(first, first + AT_ONCE).map(use));
}

/** Resolves once so many requests wait for their replies. */
async function untilOpen(stack: Stack, count: number): Promise<void> {
  while ((await openRequests(stack)) < count) await pause(100);
}

async function openRequests({ url }: Stack): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^tidings_requests_open (\d+)$/m.exec(text)?.[1]);
}

/** Resolves once each of so many requests with the API key is held, or refused. They are held for as long as their callers wait: 60 s. */
async function holdOfOneKey(stack: Stack, count: number): Promise<void> {
  const statuses: number[] = [];
  for (let first = 0; first < count; first += AT_ONCE) {
    const wave = Array.from({ length: AT_ONCE }, () => new Caller(stack.url, stack.apiKey));
    for (const caller of wave) void caller.askInVain().then((status) => statuses.push(status));
    await pause(BETWEEN_WAVES_MS);
  }
  while ((await openRequests(stack)) + statuses.length < count) await pause(100);
  const refused = statuses.filter((status) => status === 429).length;
  console.log(
    `${count} requests with one API key: ${await openRequests(stack)} held, ${refused} refused, ${statuses.length - refused} ended`,
  );
}

/** Resolves when all of them stand on the log and the first are being worked off. */
async function queueHeavy(stack: Stack, callers: readonly Caller[]) {
  let left = callers.length;
  const asked = callers.map((caller) => caller.ask('create').finally(() => (left -= 1)));
  await untilOpen(stack, callers.length);
  const worker = work(stack, 'heavy', HEAVY_WORKERS);
  const answered = Promise.all(asked).then(() => worker.stop());
  return { left: () => left, answered };
}

function work({ url, apiKey }: Stack, lane: 'normal' | 'heavy', atOnce = 1) {
  const stopping = new AbortController();
  const serving = serveRequests({
    ...{ baseUrl: url, token: apiKey, service, lane, atOnce, signal: stopping.signal },
    async handle() {
      if (lane === 'heavy') await pause(HEAVY_MS);
      return { body: { json: { rows: 3 } } };
    },
    onError: (error) => console.error(error),
  });
  const stop = async () => {
    stopping.abort();
    await serving;
  };
  return { stop };
}

/** @param goesOn false where nothing stands any more beside which they are timed */
async function timeRequests(
  stack: Stack,
  count: number,
  name: string,
  goesOn = () => true,
): Promise<number[]> {
  const worker = work(stack, 'normal');
  const times: number[] = [];
  while (times.length < count && goesOn()) {
    const [caller] = await makeCallers(stack.url, 1);
    for (let asked = 0; asked < TIMED_OF_TOKEN && times.length < count && goesOn(); asked += 1)
      times.push((await caller?.ask('list')) ?? Number.NaN);
    caller?.close();
  }
  await worker.stop();
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  console.log(`${name}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${times.length} requests)`);
  return times;
}
