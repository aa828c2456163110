/**
 * Measures what clients cost that never read, and channels that are opened and left: the memory of one hub on Kafka and Redis before,
 * at the most, and afterwards.
 */
import { request as httpRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { CreatedChannel } from '@tidings/contracts/channels/channels.ts';
import type { OpenChannelAnswer } from '@tidings/contracts/notifications/socket-events.ts';
import { startDistributed } from '@tidings/testing/stack/distributed.ts';
import type { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { io, type Socket } from 'socket.io-client';
import { megabytes, numberOption, residentBytes } from '../measure.ts';

/** Notifications of 8 KB to each channel: more than may wait for one client. */
const NOTIFICATIONS = 400;
const PUBLISHED_AT_ONCE = 50;
/** Channels that one connection opens, as many as it may. */
const CHANNELS_OF_ONE = 16;
const CONNECTIONS_AT_ONCE = 50;
/** Milliseconds of light traffic before the memory is read, because an idle process collects no garbage. */
const SETTLING_MS = 45_000;

interface Reader {
  close(): void;
}

/** `--readers 300 --channels 100000`: a third of the readers by WebSocket, by polling and by event streams. */
export async function run(words: string[]): Promise<void> {
  const readers = numberOption(words, 'readers', 300);
  const channels = numberOption(words, 'channels', 100_000);
  const system = await startDistributed({
    instances: { hub: 1, 'jobs-service': 1, importer: 0, aggregator: 0, 'reference-data': 0 },
    environment: { SOCKET_TRANSPORTS: 'websocket,polling' },
  });
  try {
    const [hub] = system.processes.hub;
    if (hub === undefined) throw new Error('no hub');
    const bench = new Bench(hub, system.apiKey);
    await bench.settle();
    console.log(`before: ${bench.resident()} MB`);
    await bench.neverRead(Math.ceil(readers / 3));
    for (let round = 1; round <= 2; round += 1) {
      await bench.openAndLeave(channels);
      await bench.settle();
      console.log(`after ${channels * round} channels opened and left: ${bench.resident()} MB`);
    }
  } finally {
    await system.stop();
  }
}

class Bench {
  readonly #hub: ServiceInstance;
  readonly #apiKey: string;
  #addresses = 0;

  constructor(hub: ServiceInstance, apiKey: string) {
    this.#hub = hub;
    this.#apiKey = apiKey;
  }

  resident(): string {
    return megabytes(residentBytes(this.#hub.pid));
  }

  /** Light traffic for a while. */
  async settle(): Promise<void> {
    const { channelId } = await this.#createChannel();
    const end = performance.now() + SETTLING_MS;
    while (performance.now() < end) {
      await this.#publish(channelId, 10);
      await pause(100);
    }
  }

  async neverRead(ofEach: number): Promise<void> {
    const readers: Reader[] = [];
    const channels: CreatedChannel[] = [];
    for (const start of [this.#startSocket, this.#startPoller, this.#startStream]) {
      const channel = await this.#createChannel();
      channels.push(channel);
      // All at once: a client that reads nothing answers no heartbeat, and must meet what is published before that ends it.
      const started = Array.from({ length: ofEach }, () => start.call(this, channel));
      readers.push(...(await Promise.all(started)));
    }
    console.log(`${readers.length} readers that never read: ${this.resident()} MB`);
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, residentBytes(this.#hub.pid));
    }, 100);
    for (const { channelId } of channels)
      for (let sent = 0; sent < NOTIFICATIONS; sent += PUBLISHED_AT_ONCE)
        await this.#publish(channelId, PUBLISHED_AT_ONCE, 'x'.repeat(8_000));
    // The network's buffers may take a whole event stream. Such a reader costs this process nothing.
    const cut = await this.#untilCut(2 * ofEach);
    clearInterval(watching);
    console.log(
      `${NOTIFICATIONS} notifications of 8 KB to each: at most ${megabytes(most)} MB; ${cut} ended as slow`,
    );
    for (const reader of readers) reader.close();
    await this.settle();
    console.log(`afterwards: ${this.resident()} MB`);
  }

  async openAndLeave(count: number): Promise<void> {
    const connections = Math.ceil(count / CHANNELS_OF_ONE);
    for (let first = 0; first < connections; first += CONNECTIONS_AT_ONCE) {
      const wave = Math.min(CONNECTIONS_AT_ONCE, connections - first);
      await Promise.all(Array.from({ length: wave }, () => this.#openSome()));
    }
  }

  async #openSome(): Promise<void> {
    const socket = this.#connect();
    for (let number = 0; number < CHANNELS_OF_ONE; number += 1) await open(socket, {});
    socket.disconnect();
  }

  #connect(): Socket {
    const extraHeaders = { 'X-Forwarded-For': this.#nextAddress() };
    return io(this.#hub.url, {
      ...{ transports: ['websocket'], forceNew: true, reconnection: false, extraHeaders },
    });
  }

  /** Opens are bounded by address. */
  #nextAddress(): string {
    this.#addresses += 1;
    return `10.${(this.#addresses >> 16) & 0xff}.${(this.#addresses >> 8) & 0xff}.${this.#addresses & 0xff}`;
  }

  async #startSocket({ channelId, token }: CreatedChannel): Promise<Reader> {
    const socket = this.#connect();
    await open(socket, { channelId, token });
    const { ws } = socket.io.engine.transport as unknown as { ws: { pause(): void; terminate(): void } };
    ws.pause();
    return { close: () => ws.terminate() };
  }

  /** A session that opens the channel, and polls no more. */
  async #startPoller({ channelId, token }: CreatedChannel): Promise<Reader> {
    const address = `${this.#hub.url}/socket.io/?EIO=4&transport=polling`;
    const headers = { 'X-Forwarded-For': this.#nextAddress() };
    const { sid } = JSON.parse((await (await fetch(address, { headers })).text()).slice(1)) as {
      sid: string;
    };
    const session = `${address}&sid=${sid}`;
    const send = async (body: string) =>
      void (await (await fetch(session, { method: 'POST', headers, body })).text());
    await send('40');
    await (await fetch(session, { headers })).text();
    await send(`420${JSON.stringify(['channel:open', { channelId, token }])}`);
    await (await fetch(session, { headers })).text();
    return { close: () => undefined };
  }

  #startStream({ channelId, token }: CreatedChannel): Promise<Reader> {
    const headers = { Authorization: `Bearer ${token}`, 'X-Forwarded-For': this.#nextAddress() };
    return new Promise((resolve, reject) => {
      const request = httpRequest(`${this.#hub.url}/channels/${channelId}/events`, { headers, agent: false });
      request.once('error', reject);
      request.once('response', (response) => {
        response.once('error', () => undefined).pause();
        request.on('error', () => undefined);
        resolve({ close: () => void request.destroy() });
      });
      request.end();
    });
  }

  async #createChannel(): Promise<CreatedChannel> {
    const headers = { Authorization: `Bearer ${this.#apiKey}` };
    const answer = await fetch(`${this.#hub.url}/channels`, { method: 'POST', headers });
    if (answer.status !== 201) throw new Error(`no channel: ${await answer.text()}`);
    return (await answer.json()) as CreatedChannel;
  }

  async #publish(channelId: string, count: number, data = 'light'): Promise<void> {
    const answer = await fetch(`${this.#hub.url}/channels/${channelId}/notifications`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.#apiKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(
        Array.from({ length: count }, () => ({ subject: 'bench', type: 'bench.next', data })),
      ),
    });
    if (answer.status !== 202) throw new Error(`not published: ${await answer.text()}`);
  }

  /** Waits until so many are ended, or a minute. */
  async #untilCut(wanted: number): Promise<number> {
    for (let attempt = 0; ; attempt += 1) {
      const [, count] = /^tidings_hub_slow_readers_closed_total (\d+)/m.exec(await this.#hub.metrics()) ?? [];
      if (Number(count) >= wanted || attempt === 120) return Number(count);
      await pause(500);
    }
  }
}

async function open(socket: Socket, request: object): Promise<void> {
  const answer: OpenChannelAnswer = await socket.timeout(60_000).emitWithAck('channel:open', request);
  if ('error' in answer) throw new Error(`not opened: ${answer.error.code}`);
}
