/** The channel subscriptions of this hub, by channel. */
import { type Notification, SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { HubLimits } from '../limits.ts';
import type { ChannelSubscription, NotificationWriter } from './channel-subscription.ts';

/** While a client reads more slowly than it is written to, the hub still goes on at this speed at least: 4 MiB a second. */
const LOWEST_BYTES_PER_MS = (4 * 1024 * 1024) / 1_000;
/** Milliseconds that slow readers may hold up the others at a time. */
const LONGEST_WAIT_MS = 250;
const RETRY_AFTER_FULL_SECONDS = 5;

export class ChannelListeners {
  readonly #byChannel = new Map<string, Set<ChannelSubscription>>();
  /** The subscriptions that fell behind since the last wait, and still buffer what arrives. */
  readonly #slow = new Set<ChannelSubscription>();
  /** Milliseconds that may be waited. */
  #credit = LONGEST_WAIT_MS;

  add(subscription: ChannelSubscription): void {
    const listening = this.#byChannel.get(subscription.channelId);
    if (listening === undefined) this.#byChannel.set(subscription.channelId, new Set([subscription]));
    else listening.add(subscription);
  }

  /** @throws Problem channel_full */
  checkRoom(channelId: string, { socketsPerChannel }: Pick<HubLimits, 'socketsPerChannel'>): void {
    if (channelId === SUPPORT_CHANNEL || this.count(channelId) < socketsPerChannel) return;
    throw new Problem(
      'channel_full',
      `${socketsPerChannel} connections listen to this channel already: close one of them.`,
      { retryAfterSeconds: RETRY_AFTER_FULL_SECONDS },
    );
  }

  remove(subscription: ChannelSubscription): void {
    const listening = this.#byChannel.get(subscription.channelId);
    if (listening?.delete(subscription) && listening.size === 0)
      this.#byChannel.delete(subscription.channelId);
  }

  /**
   * Sends to every socket that listens to a notification's channel, in their order, and writes to each socket once. A failure at one
   * client ends its connection, and keeps no other one from anything. The caller calls `waitForSlow` after each batch.
   */
  send(notifications: Iterable<Notification>): void {
    const writers = new Set<NotificationWriter>();
    for (const notification of notifications)
      for (const subscription of this.of(notification.channelId)) {
        const { writer } = subscription;
        if (!writers.has(writer)) writer.cork();
        writers.add(writer);
        this.#sendTo(subscription, notification);
      }
    for (const writer of writers) writer.uncork();
  }

  #sendTo(subscription: ChannelSubscription, notification: Notification): void {
    try {
      subscription.send(notification);
    } catch (error) {
      subscription.writer.fail(error);
    }
    if (subscription.isBuffering) this.#slow.add(subscription);
  }

  /**
   * Waits for the clients that fell behind in this batch: a client that reads as fast as it can must not lose its place because
   * the history has dropped what it lacks. The wait is bounded by the bytes sent, so that a client that does not read costs the
   * others little.
   * @param bytes of the batch
   */
  async waitForSlow(bytes: number): Promise<void> {
    this.#credit = Math.min(LONGEST_WAIT_MS, this.#credit + bytes / LOWEST_BYTES_PER_MS);
    if (this.#slow.size === 0) return;
    const slow = [...this.#slow];
    this.#slow.clear();
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#credit);
    });
    await Promise.race([timeout, Promise.all(slow.map((subscription) => subscription.whenCaughtUp()))]);
    clearTimeout(timer);
    for (const subscription of slow) subscription.dropBuffer();
    this.#credit = Math.max(0, this.#credit - (performance.now() - start));
  }

  has(channelId: string): boolean {
    return this.#byChannel.has(channelId);
  }

  count(channelId: string): number {
    return this.#byChannel.get(channelId)?.size ?? 0;
  }

  /** The channels that somebody listens to. */
  channelIds(): Iterable<string> {
    return this.#byChannel.keys();
  }

  of(channelId: string): Iterable<ChannelSubscription> {
    return this.#byChannel.get(channelId) ?? [];
  }

  *all(): Iterable<ChannelSubscription> {
    for (const subscriptions of this.#byChannel.values()) yield* subscriptions;
  }
}
