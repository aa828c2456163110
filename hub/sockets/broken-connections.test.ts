/** A network that breaks connections at any byte, delays them, or lets them go silent: by a WebSocket, by polling, and by an event stream. */
import type { Notification } from '@tidings/contracts/notification.ts';
import type { OpenedChannel } from '@tidings/contracts/socket-events.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { publish, startHub } from '@tidings/testing/hub.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { randomNumbers } from '@tidings/testing/random.ts';
import { createChannel } from '@tidings/testing/requests.ts';
import { type ConnectionFault, startTcpProxy } from '@tidings/testing/tcp-proxy.ts';
import { io } from 'socket.io-client';
import { expect, onTestFinished, test } from 'vitest';
import { follow } from '../test/event-streams.ts';
import { range } from '../test/fake-socket.ts';

const TOTAL = 120;
/** Connections of each client that break; the one after them holds. */
const BROKEN = 8;

/** What a client knows. It forgets that only for a snapshot, and notes whatever is out of turn. */
class Knowledge {
  readonly numbers: number[] = [];
  readonly faults: string[] = [];
  /** Snapshots that have replaced something. */
  replaced = 0;
  position: { epoch: string; seq: number } | null = null;

  open({ epoch, seq, recovered, snapshot }: Omit<OpenedChannel, 'token'>): void {
    if (recovered) return;
    if (this.numbers.length > 0) this.replaced += 1;
    this.numbers.length = 0;
    for (const one of snapshot.durable) this.receive(one);
    this.position = { epoch, seq };
  }

  receive({ data, epoch, seq = 0 }: Notification): void {
    const number = Number(data);
    const expected = (this.numbers.at(-1) ?? 0) + 1;
    if (number !== expected) this.faults.push(`${number} instead of ${expected}`);
    this.numbers.push(number);
    this.position = { epoch, seq };
  }
}

/** A proxy whose first connections each break at a byte of their own. */
async function startBreakingProxy(port: number, random: () => number, mayFallMute: boolean): Promise<string> {
  let connections = 0;
  const faultOf = (): ConnectionFault | null => {
    connections += 1;
    if (connections > BROKEN) return null;
    return {
      direction: random() < 0.3 ? 'to' : 'back',
      // From the first byte of the handshake to the middle of the notifications.
      afterBytes: Math.floor(random() ** 3 * 20_000),
      kind: mayFallMute && random() < 0.3 ? 'mute' : 'reset',
      delayMs: Math.floor(random() * 4),
    };
  };
  const proxy = await startTcpProxy(() => port, faultOf);
  onTestFinished(() => proxy.close());
  return `http://127.0.0.1:${proxy.port}`;
}

interface Followed {
  readonly channelId: string;
  readonly knowledge: Knowledge;
}

function followBySocket(
  url: string,
  channel: { channelId: string; token: string },
  transport: string,
): Followed {
  const knowledge = new Knowledge();
  const socket = io(url, {
    ...{ transports: [transport], forceNew: true },
    ...{ reconnectionDelay: 5, reconnectionDelayMax: 20, timeout: 500 },
  });
  onTestFinished(() => void socket.disconnect());
  socket.on('notification', (notification: Notification) => knowledge.receive(notification));
  // Not by a promise: notifications may come in the same answer to a poll.
  socket.on('connect', () => {
    const request = { ...channel, ...knowledge.position };
    socket.emit('channel:open', request, (opened: OpenedChannel) => knowledge.open(opened));
  });
  return { channelId: channel.channelId, knowledge };
}

async function followByStream(url: string, channel: { channelId: string; token: string }): Promise<Followed> {
  const knowledge = new Knowledge();
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const followOnce = async () => {
    const { position } = knowledge;
    const headers = {
      Authorization: `Bearer ${channel.token}`,
      ...(position !== null && { 'Last-Event-ID': `${position.epoch}:${position.seq}` }),
    };
    const stream = await follow(`${url}/channels/${channel.channelId}/events`, headers, ({ event, data }) => {
      if (event === 'snapshot') knowledge.open(data as OpenedChannel);
      if (event === 'notification') knowledge.receive(data as Notification);
    });
    await stream.ended;
  };
  void (async () => {
    while (!isOver) await followOnce().catch(() => undefined);
  })();
  return { channelId: channel.channelId, knowledge };
}

function arrived({ numbers, faults }: Knowledge, count: number): Promise<void> {
  return eventually(() => expect({ faults, count: numbers.length }).toEqual({ faults: [], count }));
}

test.each([1, 2, 3, 4])(
  'wherever connections break, each client gets exactly what it missed, in order, once (seed %i)',
  { timeout: 60_000 },
  async (seed) => {
    const random = randomNumbers(seed);
    const log = await openTestLog();
    const limits = { heartbeatMs: 100, heartbeatAnswerMs: 100, opensPerChannelMinute: 10_000 };
    const hub = await startHub({ log, limits, transports: ['websocket', 'polling'] });
    const proxied = (mayFallMute: boolean) => startBreakingProxy(hub.port, random, mayFallMute);
    const all = [
      followBySocket(await proxied(true), await createChannel(hub.url), 'websocket'),
      followBySocket(await proxied(true), await createChannel(hub.url), 'polling'),
      await followByStream(await proxied(false), await createChannel(hub.url)),
    ];
    let published = 0;
    while (published < TOTAL) {
      const count = Math.min(TOTAL - published, 1 + Math.floor(random() * 4));
      const numbers = range(published + 1, published + count);
      await publish(log, ...all.flatMap(({ channelId }) => numbers.map((data) => ({ channelId, data }))));
      published += count;
      // Now and then all are up to date, so that connections break before, in and behind every number.
      if (random() < 0.4) for (const { knowledge } of all) await arrived(knowledge, published);
    }
    for (const { knowledge } of all) {
      await arrived(knowledge, TOTAL);
      expect(knowledge).toMatchObject({ faults: [], replaced: 0, numbers: range(1, TOTAL) });
    }
  },
);
