/** What a rule works with: the hub's address, clients that are closed behind the rule, and what a service publishes. */
import assert from 'node:assert/strict';
import { EventStreamClient } from './event-stream.ts';
import { SocketClient } from './socket-client.ts';
import { withinPatience } from './waiting.ts';
import type { Item, WireChannel, WireProblem } from './wire.ts';

export interface HubUnderTest {
  /** Without a slash at its end. */
  readonly url: string;
  readonly apiKey?: string;
  readonly supportToken?: string;
  /** Needed where people sign in: new channels are opened with it. */
  readonly userToken?: string;
  /** Appends a record to a topic of the hub's log. */
  readonly append?: (topic: string, key: string, value: string) => Promise<void>;
  /** `service/method` of a service without workers, which takes any JSON. */
  readonly method?: string;
  /** Milliseconds to wait for anything that the hub does at once. */
  readonly patienceMs: number;
}

export interface Sent {
  readonly method?: string;
  readonly token?: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Trial {
  readonly hub: HubUnderTest;
  readonly #cleanUps: (() => void)[] = [];

  constructor(hub: HubUnderTest) {
    this.hub = hub;
  }

  get patienceMs(): number {
    return this.hub.patienceMs;
  }

  get apiKey(): string {
    assert(this.hub.apiKey !== undefined, 'the rule needs the API key');
    return this.hub.apiKey;
  }

  get method(): string {
    assert(this.hub.method !== undefined, 'the rule needs a method of a service');
    return this.hub.method;
  }

  connect(): SocketClient {
    const client = new SocketClient(this.hub.url, this.patienceMs);
    this.#cleanUps.push(() => client.close());
    return client;
  }

  /** What `channel:open` takes for a new channel. */
  get newChannel(): { userToken?: string } {
    const { userToken } = this.hub;
    return userToken === undefined ? {} : { userToken };
  }

  async send(path: string, { method = 'GET', token, json, headers }: Sent = {}): Promise<Response> {
    const request = fetch(`${this.hub.url}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(json !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(json !== undefined && { body: typeof json === 'string' ? json : JSON.stringify(json) }),
    });
    return withinPatience(`an answer to ${method} ${path.split('?')[0]}`, this.patienceMs, request);
  }

  async create(): Promise<WireChannel> {
    const response = await this.send('/channels', { method: 'POST', json: this.newChannel });
    assert.equal(response.status, 201, `POST /channels: ${await peek(response)}`);
    return (await response.json()) as WireChannel;
  }

  /** Publishes with the API key. */
  async publish(channelId: string, items: Item | readonly Item[]): Promise<string[]> {
    const response = await this.send(`/channels/${channelId}/notifications`, {
      method: 'POST',
      token: this.apiKey,
      json: items,
    });
    assert.equal(response.status, 202, `publishing: ${await peek(response)}`);
    return ((await response.json()) as { eventIds: string[] }).eventIds;
  }

  /** @throws AssertionError where it is no event stream */
  async follow(path: string, { token, headers }: Sent = {}): Promise<EventStreamClient> {
    const abort = new AbortController();
    this.#cleanUps.push(() => abort.abort());
    const request = fetch(`${this.hub.url}${path}`, {
      headers: {
        Accept: 'text/event-stream',
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      signal: abort.signal,
    });
    const response = await withinPatience('the event stream', this.patienceMs, request);
    assert.equal(response.status, 200, `the event stream: ${await peek(response)}`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    return new EventStreamClient(response, () => abort.abort(), this.patienceMs);
  }

  close(): void {
    for (const cleanUp of this.#cleanUps) cleanUp();
  }
}

/** The problem document of an answer with that status and code. @throws AssertionError where it is another answer */
export async function problemOf(response: Response, status: number, code: string): Promise<WireProblem> {
  const text = await response.text();
  assert.equal(response.status, status, `${code} was expected: ${response.status} ${text.slice(0, 200)}`);
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const problem = JSON.parse(text) as WireProblem;
  assert.equal(problem.code, code);
  return problem;
}

/** The beginning of a wrong answer, for the message; the right answer stays unread. */
async function peek(response: Response): Promise<string> {
  return response.ok ? '' : `${response.status} ${(await response.text()).slice(0, 200)}`;
}

let count = 0;
/** An item of the durable lane. */
export function item(data: unknown, more: Partial<Item> = {}): Item {
  count += 1;
  return { subject: `trial-${count}`, type: 'conformance.done', data, ...more };
}

/** An item of the progress lane. */
export function progress(subject: string, data: unknown, more: Partial<Item> = {}): Item {
  return { subject, type: 'conformance.progress', lane: 'progress', data, ...more };
}
