import type { OpenedChannel } from '@tidings/contracts/notifications/socket-events.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { publish, type RunningHub, siteWith, startHub, WireClient } from '@tidings/testing/services/hub.ts';
import { describe, expect, test } from 'vitest';
import type { HubOptions } from '../app.ts';
import { padding, range } from '../test/fake-socket.ts';

const handshake = '/socket.io/?EIO=4&transport=polling';

async function startPollingHub(options: Partial<HubOptions> = {}) {
  const log = await openTestLog();
  const hub = await startHub({ log, transports: ['websocket', 'polling'], ...options });
  return { log, hub };
}

/** A client that polls by hand, one request after another. */
class Poller {
  readonly #url: string;
  #sid = '';

  constructor(url: string) {
    this.#url = url;
  }

  get address(): string {
    return `${this.#url}${handshake}&sid=${this.#sid}`;
  }

  async join(): Promise<void> {
    const opened = await fetch(`${this.#url}${handshake}`);
    this.#sid = (JSON.parse((await opened.text()).slice(1)) as { sid: string }).sid;
    await this.send('40');
    await this.poll();
  }

  send(packet: string): Promise<Response> {
    return fetch(this.address, { method: 'POST', body: packet });
  }

  async poll(): Promise<string> {
    return (await fetch(this.address)).text();
  }

  async open(): Promise<OpenedChannel> {
    await this.send('420["channel:open",{}]');
    const [, answer] = /430(\[.*\])/.exec(await this.poll()) ?? [];
    return (JSON.parse(answer ?? '[]') as [OpenedChannel])[0];
  }
}

describe('long-polling that is off', () => {
  test('a client that tries it is told so, and how to turn it on', async () => {
    const hub = await startHub({ log: await openTestLog() });
    const answer = await fetch(`${hub.url}${handshake}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch('application/json');
    expect(await answer.json()).toEqual({
      code: 0,
      message: expect.stringMatching(
        /off here.*transports: \["websocket"\].*SOCKET_TRANSPORTS=websocket,polling/,
      ),
    });
  });

  test('a WebSocket’s handshake whose header Upgrade a proxy has dropped is told so', async () => {
    const hub = await startHub({ log: await openTestLog() });
    const answer = await fetch(`${hub.url}/socket.io/?EIO=4&transport=websocket`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringMatching('Upgrade'),
    });
  });
});

describe('long-polling', () => {
  test('a client that only polls gets both lanes in order, and continues from its position', async () => {
    const { log, hub } = await startPollingHub();
    const client = new WireClient(hub.url, { transports: ['polling'] });
    const { channelId, token, epoch } = await client.open();
    await publish(log, ...range(1, 50).map((data) => ({ channelId, data })));
    await publish(log, { channelId, lane: 'progress', version: 7 });
    await eventually(() => expect(client.notifications).toHaveLength(51));
    expect(client.seqs()).toEqual(range(1, 50));
    client.socket.disconnect();
    await publish(log, ...range(51, 60).map((data) => ({ channelId, data })));
    const back = new WireClient(hub.url, { transports: ['polling'] });
    expect(await back.open({ channelId, token, epoch, seq: 50 })).toMatchObject({ recovered: true });
    await eventually(() => expect(back.seqs()).toEqual(range(51, 60)));
  });

  test('a client that begins by polling goes on by WebSocket without losing or doubling anything', async () => {
    const { log, hub } = await startPollingHub();
    const client = new WireClient(hub.url, { transports: ['polling', 'websocket'] });
    const { channelId } = await client.open();
    let published = 0;
    const transport = () => client.socket.io.engine.transport.name;
    while (transport() !== 'websocket' || published < 100) {
      await publish(log, { channelId, data: padding });
      published += 1;
    }
    await eventually(() => expect(client.seqs()).toEqual(range(1, published)));
    expect(await hub.metric('tidings_hub_sockets')).toBe(1);
    expect(await hub.metric('tidings_hub_slow_readers_closed_total')).toBe(0);
    // By WebSocket again, the hub learns of each 16 KiB that they are read: much more than its bound passes.
    for (let round = 0; round < 3; round += 1) {
      await publish(log, ...range(1, 100).map(() => ({ channelId, data: padding })));
      published += 100;
      await eventually(() => expect(client.seqs()).toHaveLength(published));
    }
  });

  test('a hub that stops tells its polling clients, ends their sessions, and closes', async () => {
    const { hub } = await startPollingHub();
    const clients = range(1, 5).map(() => new WireClient(hub.url, { transports: ['polling'] }));
    for (const client of clients) await client.open();
    const lone = new Poller(hub.url);
    await lone.join();
    await hub.stop();
    for (const client of clients)
      await eventually(() => {
        expect(client.closings).toMatchObject([{ code: 'draining' }]);
        expect(client.disconnects).toHaveLength(1);
      });
    expect(await hub.metric('tidings_hub_sockets')).toBe(0);
  });

  test('a session that has ended, or that another hub has, is told so', async () => {
    const { hub } = await startPollingHub();
    const answer = await fetch(`${hub.url}${handshake}&sid=of-another-hub`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      code: 1,
      message: expect.stringMatching(/^Session ID unknown.*one hub/),
    });
  });
});

describe('polling clients that do not read', { timeout: 60_000 }, () => {
  /** Publishes until the hub has ended the connection; returns the bytes that it had written by then. */
  async function writtenUntilCut(
    log: Awaited<ReturnType<typeof openTestLog>>,
    hub: RunningHub,
    channelId: string,
  ) {
    const isCut = async () => (await hub.metric('tidings_hub_slow_readers_closed_total')) > 0;
    for (let round = 0; !(await isCut()); round += 1) {
      if (round < 300) await publish(log, { channelId, data: padding });
      else await eventually(async () => expect(await isCut()).toBe(true));
    }
    return (await hub.metric('tidings_hub_notifications_written_total')) * padding.length;
  }

  test('a client that stops polling costs at most one megabyte, and is disconnected as slow', async () => {
    const { log, hub } = await startPollingHub({ limits: { slowReaderMs: 500 } });
    const poller = new Poller(hub.url);
    await poller.join();
    const { channelId } = await poller.open();
    expect(await writtenUntilCut(log, hub, channelId)).toBeLessThan(1024 * 1024 + padding.length);
    await eventually(async () => expect(await hub.metric('tidings_hub_sockets')).toBe(0));
    expect((await fetch(poller.address)).status).toBe(400);
  });
});

describe('admission of polling clients', () => {
  test.each<[string, number, Record<string, string>]>([
    ['no origin, of a client that is no browser', 200, {}],
    ['a listed one', 200, { Origin: 'https://app.example.org', 'Sec-Fetch-Site': 'cross-site' }],
    ['a foreign one', 403, { Origin: 'https://evil.example' }],
    ['null', 403, { Origin: 'null' }],
    ['one that begins like a listed one', 403, { Origin: 'https://app.example.org.evil.example' }],
    ['none, of a foreign page’s image or script', 403, { 'Sec-Fetch-Site': 'cross-site' }],
  ])('origin: %s → %d, for the first request and for those of a session', async (_name, status, headers) => {
    const { hub } = await startPollingHub({ site: siteWith(['https://app.example.org']) });
    const opening = await fetch(`${hub.url}${handshake}`, { headers });
    expect(opening.status).toBe(status);
    const poller = new Poller(hub.url);
    await poller.join();
    const sent = await fetch(poller.address, { method: 'POST', headers, body: '3' });
    expect(sent.status).toBe(status);
    const read = status === 200 && headers.Origin !== undefined ? headers.Origin : null;
    for (const answer of [opening, sent])
      expect(answer.headers.get('access-control-allow-origin')).toBe(read);
    expect(await hub.metric('tidings_hub_origins_refused_total')).toBe(status === 200 ? 0 : 2);
  });

  test.each([
    ['JSON-P, whose answer any page could read', 'GET', `${handshake}&j=0`],
    ['another version', 'GET', '/socket.io/?EIO=3&transport=polling'],
    ['another method', 'DELETE', handshake],
    ['a first request that sends something', 'POST', handshake],
    ['nothing', 'GET', '/socket.io/'],
  ])('%s is refused with 400', async (_name, method, path) => {
    const { hub } = await startPollingHub();
    const answer = await fetch(`${hub.url}${path}`, { method });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request' });
  });

  test('sessions of one address are bounded, and a session that ends makes room', async () => {
    const { hub } = await startPollingHub({ limits: { socketsPerAddress: 2 } });
    const clients = range(1, 2).map(() => new WireClient(hub.url, { transports: ['polling'] }));
    for (const client of clients) await client.open();
    expect((await fetch(`${hub.url}${handshake}`)).status).toBe(429);
    clients[0]?.socket.disconnect();
    await eventually(async () => expect((await fetch(`${hub.url}${handshake}`)).status).toBe(200));
  });

  test('a token of another channel, and too long or too many messages, are refused as on a WebSocket', async () => {
    const { hub } = await startPollingHub({ limits: { messagesPerSocketMinute: 3 } });
    const client = new WireClient(hub.url, { transports: ['polling'] });
    const { token } = await client.open();
    const other = await client.open();
    expect(await client.code({ channelId: other.channelId, token })).toBe('not_found');
    expect(await client.code({})).toBe('rate_limited');
    const poller = new Poller(hub.url);
    await poller.join();
    const long = await poller.send(`42["channel:open",{"token":"${'x'.repeat(20_000)}"}]`);
    expect(long.status).toBe(413);
  });

  test('a hub that drains takes no new session, and no WebSocket for a session that it does not have', async () => {
    const { hub } = await startPollingHub();
    await hub.hub.drain();
    expect((await fetch(`${hub.url}${handshake}`)).status).toBe(503);
  });
});
