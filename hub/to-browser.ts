/**
 * Sends along the flow: notifications to the sockets that listen to their channel, in two lanes.
 *
 * A socket that does not read must cost no memory. What is written and not yet taken by the network is counted; while
 * there is any, progress waits beside it, the newest per channel and subject, and goes out each time the network has
 * taken a batch. Durable notifications are written at once, up to a bound; a connection beyond it is cut, and its client
 * comes back with its position.
 */
import type { Socket } from 'socket.io';
import type { Notification } from '../contracts/notification.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '../contracts/socket-events.ts';
import type { Logger } from '../service-kit/logging.ts';
import type { Renewal } from './admission.ts';
import type { OpenedHistory } from './channel-history.ts';
import type { HubLimits } from './limits.ts';
import type { HubMetrics } from './metrics.ts';

export type BrowserSocket = Socket<ClientToServerEvents, ServerToClientEvents>;

/** Who listens to which channel, on this hub. */
export class Listeners {
  readonly #byChannel = new Map<string, Set<Subscription>>();

  add(subscription: Subscription): void {
    const listening = this.#byChannel.get(subscription.channelId);
    if (listening === undefined) this.#byChannel.set(subscription.channelId, new Set([subscription]));
    else listening.add(subscription);
  }

  remove(subscription: Subscription): void {
    const listening = this.#byChannel.get(subscription.channelId);
    if (listening?.delete(subscription) && listening.size === 0)
      this.#byChannel.delete(subscription.channelId);
  }

  /** To every socket that listens to the notification's channel. */
  send(notification: Notification): void {
    for (const subscription of this.#byChannel.get(notification.channelId) ?? [])
      subscription.send(notification);
  }

  *all(): Iterable<Subscription> {
    for (const subscriptions of this.#byChannel.values()) yield* subscriptions;
  }
}

/** One channel on one socket. While it is being opened, what arrives is held back behind the answer. */
export class Subscription {
  readonly channelId: string;
  readonly writer: SocketWriter;
  /** When the client needs a new token, and whose; null where the token never expires. */
  renewal: Renewal | null;
  /** Durable notifications that arrived while the channel is being opened; null once it is open. */
  #held: Notification[] | null = [];
  /** By subject: the newest progress that the socket could not take yet. */
  readonly #waiting = new Map<string, Notification>();

  constructor(channelId: string, writer: SocketWriter, renewal: Renewal | null) {
    this.channelId = channelId;
    this.writer = writer;
    this.renewal = renewal;
  }

  send(notification: Notification): void {
    if (notification.lane === 'progress') this.#sendProgress(notification);
    else if (this.#held === null) this.#sendDurable(notification);
    else if (this.#held.length < this.writer.limits.backlogPackets) this.#held.push(notification);
    else this.writer.cut();
  }

  /** Opens the channel again on the same socket: from here on, notifications wait for `complete`. */
  hold(): void {
    this.#held ??= [];
  }

  /** Answers, then sends what was missed, then what arrived meanwhile: in order, none left out. */
  complete(answer: () => void, opened: OpenedHistory): void {
    const held = this.#held ?? [];
    this.#held = null;
    answer();
    if (opened.recovered) for (const missed of opened.durable) this.writer.write(missed);
    for (const notification of held) {
      if (notification.epoch !== opened.epoch || (notification.seq ?? 0) > opened.seq)
        this.writer.write(notification);
    }
    for (const known of opened.progress) this.#forgetWaiting(known.subject, known.version);
    if (this.#waiting.size > 0) this.writer.flushWhenDrained(this);
  }

  /** Writes the progress that waited; how often it is called is the reader's own pace. */
  flushProgress(): void {
    if (this.#held !== null) return;
    for (const notification of this.#waiting.values()) this.writer.write(notification);
    this.#waiting.clear();
  }

  #sendDurable(notification: Notification): void {
    if (this.writer.isOverfull()) {
      this.writer.cut();
      return;
    }
    this.#forgetWaiting(notification.subject, notification.version);
    this.writer.write(notification);
  }

  #sendProgress(notification: Notification): void {
    if (this.#held === null && this.writer.isDrained()) {
      this.writer.write(notification);
      return;
    }
    if (this.#waiting.delete(notification.subject)) {
      this.writer.metrics.conflated.inc();
    } else if (this.#waiting.size >= this.writer.limits.waitingSubjects) {
      this.writer.cut();
      return;
    }
    this.#waiting.set(notification.subject, notification);
    this.writer.flushWhenDrained(this);
  }

  /** What waits and is not newer than what the client is told otherwise. */
  #forgetWaiting(subject: string, version: number | undefined): void {
    const waiting = this.#waiting.get(subject)?.version;
    if (waiting !== undefined && version !== undefined && waiting <= version) this.#waiting.delete(subject);
  }
}

/** Writes to one socket, and knows how much of it the network has not taken yet. */
export class SocketWriter {
  readonly limits: HubLimits;
  readonly metrics: HubMetrics;
  readonly #socket: BrowserSocket;
  readonly #logger: Logger;
  readonly #withProgress = new Set<Subscription>();
  /** Created and not yet handed to the transport, and handed over and not yet taken by the network. */
  #queued = { packets: 0, characters: 0 };
  #inFlight = { packets: 0, characters: 0 };
  #isCut = false;

  constructor(socket: BrowserSocket, limits: HubLimits, metrics: HubMetrics, logger: Logger) {
    this.#socket = socket;
    this.limits = limits;
    this.metrics = metrics;
    this.#logger = logger;
    this.#countPackets();
  }

  write(notification: Notification): void {
    if (this.#isCut) return;
    this.metrics.written.inc({ lane: notification.lane });
    this.#socket.emit('notification', notification);
  }

  writeToken(renewed: { channelId: string; token: string }): void {
    if (!this.#isCut) this.#socket.emit('channel:token', renewed);
  }

  isDrained(): boolean {
    return this.#queued.packets + this.#inFlight.packets === 0;
  }

  isOverfull(): boolean {
    return (
      this.#queued.packets + this.#inFlight.packets >= this.limits.backlogPackets ||
      this.#queued.characters + this.#inFlight.characters >= this.limits.backlogCharacters
    );
  }

  flushWhenDrained(subscription: Subscription): void {
    if (this.isDrained()) subscription.flushProgress();
    else this.#withProgress.add(subscription);
  }

  forget(subscription: Subscription): void {
    this.#withProgress.delete(subscription);
  }

  /** Ends the connection at once, with all that waits for it. The client takes it for a lost one, and comes back. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#withProgress.clear();
    this.metrics.slowReaders.inc();
    this.#logger.warn({ socket: this.#socket.id, ...this.#inFlight }, 'a slow reader was cut off');
    // Closing politely would wait for the reader; the request's socket is the connection itself.
    this.#socket.conn.request.socket.destroy();
  }

  /**
   * The engine tells of each packet when it is made, of each batch when it goes to the transport, and the transport
   * when the network has taken it. (The engine's own `drain` comes before that, and says nothing about the reader.)
   */
  #countPackets(): void {
    const { conn } = this.#socket;
    conn.on('packetCreate', (packet: { data?: string | Buffer }) => {
      this.#queued.packets += 1;
      this.#queued.characters += packet.data?.length ?? 0;
    });
    conn.on('flush', () => {
      this.#inFlight = this.#queued;
      this.#queued = { packets: 0, characters: 0 };
    });
    conn.transport.on('drain', () => {
      this.#inFlight = { packets: 0, characters: 0 };
    });
    conn.transport.on('ready', () => this.#flushProgress());
  }

  #flushProgress(): void {
    if (this.#withProgress.size === 0 || this.#isCut) return;
    const subscriptions = [...this.#withProgress];
    this.#withProgress.clear();
    for (const subscription of subscriptions) subscription.flushProgress();
  }
}
