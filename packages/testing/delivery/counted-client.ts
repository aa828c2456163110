/**
 * For tests and benches: foreign clients of a channel that count what they get. They speak the protocol alone, by Socket.IO or as an event
 * stream, come back by themselves with their position, and close no gap: what the hub sends out of turn is counted.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { OpenChannelAnswer, OpenedChannel } from '@tidings/contracts/notifications/socket-events.ts';
import { io } from 'socket.io-client';
import { readEvents } from '../connections/event-streams.ts';

/** What a client knows of a channel whose durable notifications have the data 1, 2, 3 … */
export class Knowledge {
  readonly numbers: number[] = [];
  /** Numbers that were passed over without a snapshot. */
  lost = 0;
  /** Numbers that came again. */
  doubled = 0;
  /** Numbers below the newest that had not come. */
  outOfOrder = 0;
  /** The first of these faults, in words. */
  readonly notes: string[] = [];
  /** Snapshots that have replaced something. */
  replaced = 0;
  position: { readonly epoch: string; readonly seq: number } | null = null;
  readonly #seen = new Set<number>();

  get faults(): { readonly lost: number; readonly doubled: number; readonly outOfOrder: number } {
    return { lost: this.lost, doubled: this.doubled, outOfOrder: this.outOfOrder };
  }

  /** A snapshot replaces everything. */
  open({ epoch, seq, recovered, snapshot }: Omit<OpenedChannel, 'token'>): void {
    if (recovered) return;
    if (this.numbers.length > 0) this.replaced += 1;
    this.numbers.length = 0;
    this.#seen.clear();
    for (const one of snapshot.durable) this.receive(one);
    this.position = { epoch, seq };
  }

  receive({ data, epoch, seq = 0 }: Notification): void {
    const number = Number(data);
    const last = this.numbers.at(-1);
    if (last !== undefined && number > last + 1) this.lost += number - last - 1;
    else if (last !== undefined && number <= last) this.#countOld(number);
    if (last !== undefined && number !== last + 1 && this.notes.length < 5)
      this.notes.push(
        `${number} after ${last}, seq ${seq} of epoch ${epoch}, at ${new Date().toISOString()}`,
      );
    this.numbers.push(number);
    this.#seen.add(number);
    this.position = { epoch, seq };
  }

  #countOld(number: number): void {
    if (this.#seen.has(number)) this.doubled += 1;
    else this.outOfOrder += 1;
  }
}

export interface ChannelKey {
  readonly channelId: string;
  readonly token: string;
}

export interface CountedClient {
  readonly transport: ClientOptions['transport'];
  readonly channelId: string;
  readonly knowledge: Knowledge;
  /** Whether the channel is open now. */
  isOpen(): boolean;
  close(): void;
}

export interface ClientOptions {
  readonly transport: 'websocket' | 'polling' | 'stream';
  /** Milliseconds between two attempts to connect: the first pause, and the longest. */
  readonly pauses: readonly [number, number];
  /** The address that the client has for a hub that trusts a proxy. */
  readonly address?: string;
}

export function followChannel(url: string, channel: ChannelKey, options: ClientOptions): CountedClient {
  return options.transport === 'stream'
    ? followStream(url, channel, options)
    : followSocket(url, channel, options);
}

function followSocket(
  url: string,
  channel: ChannelKey,
  { transport, pauses: [first, longest], address = '127.0.0.1' }: ClientOptions,
): CountedClient {
  const knowledge = new Knowledge();
  let isOpen = false;
  const socket = io(url, {
    ...{ transports: [transport], forceNew: true, extraHeaders: { 'X-Forwarded-For': address } },
    ...{ reconnectionDelay: first, reconnectionDelayMax: longest, timeout: 20 * longest },
  });
  let connections = 0;
  // Not by a promise: notifications may come in the same answer to a poll. One request at a time: each is answered from its position.
  const open = () => {
    const connection = connections;
    socket.emit('channel:open', { ...channel, ...knowledge.position }, (answer: OpenChannelAnswer) => {
      if (!('error' in answer)) {
        isOpen = true;
        knowledge.open(answer);
      } else if (!answer.error.retriable) throw new Error(`refused: ${answer.error.code}`);
      else setTimeout(() => connection === connections && socket.connected && open(), longest);
    });
  };
  socket.on('notification', (notification: Notification) => knowledge.receive(notification));
  socket.on('connect', () => {
    connections += 1;
    open();
  });
  socket.on('disconnect', () => {
    isOpen = false;
    // Socket.IO's client keeps a request that finds the connection dead, and would send it by the next one, where it is asked anew.
    socket.sendBuffer = [];
  });
  return {
    ...{ channelId: channel.channelId, transport, knowledge },
    isOpen: () => isOpen,
    close: () => void socket.disconnect(),
  };
}

function followStream(
  url: string,
  { channelId, token }: ChannelKey,
  { transport, pauses: [first, longest], address = '127.0.0.1' }: ClientOptions,
): CountedClient {
  const knowledge = new Knowledge();
  const abort = new AbortController();
  let isOpen = false;
  const followOnce = async () => {
    const { position } = knowledge;
    const headers = {
      Authorization: `Bearer ${token}`,
      'X-Forwarded-For': address,
      ...(position !== null && { 'Last-Event-ID': `${position.epoch}:${position.seq}` }),
    };
    const response = await fetch(`${url}/channels/${channelId}/events`, { headers, signal: abort.signal });
    if (response.status !== 200) return void (await response.body?.cancel());
    await readEvents(response, ({ event, data }) => {
      if (event === 'snapshot') knowledge.open(data as OpenedChannel);
      if (event === 'notification') knowledge.receive(data as Notification);
      isOpen = true;
    });
  };
  void (async () => {
    while (!abort.signal.aborted) {
      await followOnce().catch(() => undefined);
      isOpen = false;
      await pause(first + Math.random() * (longest - first));
    }
  })();
  return { ...{ channelId, transport, knowledge }, isOpen: () => isOpen, close: () => abort.abort() };
}
