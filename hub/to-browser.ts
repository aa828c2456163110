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
import type { HubToHubEvents } from './between-hubs.ts';
import type { HubLimits } from './limits.ts';
import type { HubMetrics } from './metrics.ts';
import type { Subscription } from './subscription.ts';

export type BrowserSocket = Socket<ClientToServerEvents, ServerToClientEvents, HubToHubEvents>;

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

  has(channelId: string): boolean {
    return this.#byChannel.has(channelId);
  }

  *all(): Iterable<Subscription> {
    for (const subscriptions of this.#byChannel.values()) yield* subscriptions;
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
    this.metrics.slowReaders.inc();
    this.#logger.warn({ socket: this.#socket.id, ...this.#inFlight }, 'a slow reader was cut off');
    this.sever();
  }

  /** The same for a reader who is not to blame. */
  sever(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#withProgress.clear();
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
