/**
 * Sends along the flow: notifications to the sockets that listen to their channel, in two lanes.
 *
 * A socket that does not read must cost no memory. What is written and not known to be read is counted (`Backlog`); while
 * it is much, progress waits, the newest per channel and subject. Durable notifications are written at once, up to a bound;
 * beyond it they stay in the history, from which the socket is brought up to date when its client has read the rest. A client
 * that reads nothing meanwhile is cut off, and comes back with its position.
 */

import type { Notification } from '@tidings/contracts/notification.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '@tidings/contracts/socket-events.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Socket } from 'socket.io';
import type { HubToHubEvents } from '../cluster/between-hubs.ts';
import type { HubLimits } from '../limits.ts';
import type { HubMetrics } from '../metrics.ts';
import { Backlog } from './backlog.ts';
import type { Subscription } from './channel-subscription.ts';

export type BrowserSocket = Socket<ClientToServerEvents, ServerToClientEvents, HubToHubEvents>;

/** While a client has too much to read, the hub goes on at this speed at least: 4 MiB a second. */
const WAITING_BYTES_PER_MS = (4 * 1024 * 1024) / 1_000;
/** Milliseconds that it may stand still for it. */
const LONGEST_WAIT_MS = 250;

/** Who listens to which channel, on this hub. */
export class Listeners {
  readonly #byChannel = new Map<string, Set<Subscription>>();
  readonly #waitedFor = new Set<Subscription>();
  /** Milliseconds that may be waited. */
  #credit = LONGEST_WAIT_MS;

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

  /** To every socket that listens to the notification's channel. `giveTime` must follow, after a batch of them. */
  send(notification: Notification): void {
    for (const subscription of this.#byChannel.get(notification.channelId) ?? []) {
      subscription.send(notification);
      if (subscription.isWaitedFor) this.#waitedFor.add(subscription);
    }
  }

  /**
   * Waits for clients that have too much to read since this batch: who reads as fast as it can must not find that the history has
   * moved on. A client that does not read costs the others little: time is given by the bytes that were sent.
   */
  async giveTime(bytes: number): Promise<void> {
    this.#credit = Math.min(LONGEST_WAIT_MS, this.#credit + bytes / WAITING_BYTES_PER_MS);
    if (this.#waitedFor.size === 0) return;
    const waitedFor = [...this.#waitedFor];
    this.#waitedFor.clear();
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#credit);
    });
    await Promise.race([over, Promise.all(waitedFor.map((subscription) => subscription.whenCaughtUp()))]);
    clearTimeout(timer);
    for (const subscription of waitedFor) subscription.letGo();
    this.#credit = Math.max(0, this.#credit - (performance.now() - start));
  }

  has(channelId: string): boolean {
    return this.#byChannel.has(channelId);
  }

  count(channelId: string): number {
    return this.#byChannel.get(channelId)?.size ?? 0;
  }

  *all(): Iterable<Subscription> {
    for (const subscriptions of this.#byChannel.values()) yield* subscriptions;
  }
}

/** In the time that a client has to read something: several, so that a moment in which this process stood still is not held against it. */
const LOOKS_IN_VAIN = 5;
/** Bytes that a client has that time for: one that reads on slowly tells nothing while it reads one long message. */
const BYTES_PER_PATIENCE = 256 * 1024;

/** Writes to one socket, and knows how much of it has not been read yet. */
export class SocketWriter {
  readonly limits: HubLimits;
  readonly metrics: HubMetrics;
  readonly #socket: BrowserSocket;
  readonly #logger: Logger;
  readonly #backlog: Backlog;
  readonly #withProgress = new Set<Subscription>();
  /** Told once the socket is drained, or cut. */
  #waiting: (() => void)[] = [];
  /** Runs while somebody waits for a reader, and ends the connection of one that reads nothing. */
  #patience: NodeJS.Timeout | undefined;
  #readBefore = 0;
  #looksInVain = 0;
  #isOver = false;

  constructor(socket: BrowserSocket, limits: HubLimits, metrics: HubMetrics, logger: Logger) {
    this.#socket = socket;
    this.limits = limits;
    this.metrics = metrics;
    this.#logger = logger;
    this.#backlog = new Backlog(socket.conn, () => this.#onRead());
    socket.conn.once('close', () => {
      this.#isOver = true;
      this.#stopWaiting();
    });
  }

  write(notification: Notification): void {
    if (this.#isOver) return;
    this.metrics.written.inc({ lane: notification.lane });
    this.#socket.emit('notification', notification);
  }

  writeToken(renewed: { channelId: string; token: string }): void {
    if (!this.#isOver) this.#socket.emit('channel:token', renewed);
  }

  /** Whether the connection has ended, or been ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  isDrained(): boolean {
    return this.#backlog.isDrained();
  }

  isOverfull(): boolean {
    const { packets, bytes } = this.#backlog;
    return packets >= this.limits.backlogPackets || bytes >= this.limits.backlogBytes;
  }

  flushWhenDrained(subscription: Subscription): void {
    if (this.isDrained()) subscription.flushProgress();
    else this.#withProgress.add(subscription);
  }

  /** Calls back when the client has read what waits; a client that does not read on is cut off. */
  whenDrained(callback: () => void): void {
    if (this.isDrained() || this.#isOver) {
      callback();
      return;
    }
    this.#waiting.push(callback);
    if (this.#patience !== undefined) return;
    this.#readBefore = this.#backlog.read;
    this.#looksInVain = 0;
    this.#patience = setInterval(() => this.#expectProgress(), this.limits.slowReaderMs / LOOKS_IN_VAIN);
    this.#patience.unref();
  }

  forget(subscription: Subscription): void {
    this.#withProgress.delete(subscription);
  }

  /** Ends the connection at once, with all that waits for it. The client takes it for a lost one, and comes back. */
  cut(): void {
    if (this.#isOver) return;
    this.metrics.slowReaders.inc();
    const { packets, bytes } = this.#backlog;
    this.#logger.warn({ socket: this.#socket.id, code: 'slow', packets, bytes }, 'a slow reader was cut off');
    this.sever();
  }

  /** The same for a reader who is not to blame. */
  sever(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#withProgress.clear();
    // Closing politely would wait for the reader; the request's socket is the connection itself.
    this.#socket.conn.request.socket.destroy();
    this.#stopWaiting();
  }

  #expectProgress(): void {
    const { read } = this.#backlog;
    this.#looksInVain = read === this.#readBefore ? this.#looksInVain + 1 : 0;
    this.#readBefore = read;
    const times = Math.max(1, Math.ceil(this.#backlog.asked / BYTES_PER_PATIENCE));
    if (this.#looksInVain >= LOOKS_IN_VAIN * times) this.cut();
  }

  #onRead(): void {
    if (this.#isOver || !this.isDrained()) return;
    const subscriptions = [...this.#withProgress];
    this.#withProgress.clear();
    for (const subscription of subscriptions) subscription.flushProgress();
    this.#stopWaiting();
  }

  #stopWaiting(): void {
    clearInterval(this.#patience);
    this.#patience = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback();
  }
}
