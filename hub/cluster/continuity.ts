/**
 * Closes gaps. A channel subscription has a gap where a number is missing, or where its hub did not hear the others for a while. It
 * catches up from the history, in order, before anything newer is written to its socket.
 *
 * Where the history cannot continue the subscription, the client is disconnected: it comes back with its position, and gets a
 * snapshot.
 */
import { AbortGroup } from '@tidings/failures/abort-group.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import PQueue from 'p-queue';
import type { ChannelHistory, OpenedHistory } from '../history/channel-history.ts';
import type { HubMetrics } from '../metrics.ts';
import type { ChannelSubscription } from '../sockets/channel-subscription.ts';
import type { ChannelListeners } from '../sockets/listeners.ts';

/** Channels that are read from the history at once. */
const CONCURRENCY = 32;
/** Pauses while the history is not available. */
const PAUSES = { firstMs: 50, longestMs: 2_000 };

export interface ContinuityParts {
  readonly history: ChannelHistory;
  readonly metrics: HubMetrics;
  readonly logger: Logger;
}

export class Continuity {
  readonly #parts: ContinuityParts;
  readonly #rounds = new PQueue({ concurrency: CONCURRENCY });
  readonly #reads = new PQueue({ concurrency: CONCURRENCY });
  /** By channel and position: reads that have not begun, which several subscriptions share. */
  readonly #queuedReads = new Map<string, Promise<OpenedHistory>>();
  readonly #catchUps = new Set<Promise<void>>();
  /** Thousands of subscriptions may wait for a history that is away. */
  readonly #stopping = new AbortGroup();

  constructor(parts: ContinuityParts) {
    this.#parts = parts;
  }

  /** Tries without an end. Resolves when the subscription is up to date, superseded or closed. */
  catchUp(subscription: ChannelSubscription): Promise<void> {
    const catchingUp = this.#catchUp(subscription).finally(() => this.#catchUps.delete(catchingUp));
    this.#catchUps.add(catchingUp);
    return catchingUp;
  }

  /** Call it after a time in which the hub may have missed messages. Resolves when every subscription is up to date. */
  async catchUpAll(listeners: ChannelListeners): Promise<void> {
    // A subscription whose turn has not come goes on writing the notifications that arrive.
    const round = Array.from(listeners.all(), (subscription) =>
      this.#rounds.add(async () => {
        if (!subscription.reportGapLater()) await this.catchUp(subscription);
      }),
    );
    await Promise.all(round);
    while (this.#catchUps.size > 0) await Promise.all(this.#catchUps);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #catchUp(subscription: ChannelSubscription): Promise<void> {
    const { logger, metrics } = this.#parts;
    const hold = subscription.hold();
    const isPending = () => subscription.isHeldBy(hold) && !this.#stopping.isAborted;
    try {
      const attempt = async () =>
        isPending() ? this.#resume(subscription, hold, await this.#read(subscription)) : 'superseded';
      const outcome = await this.#stopping.during((signal) =>
        retryUntil(attempt, {
          ...PAUSES,
          signal,
          retriable: isPending,
          onFailure: (error) =>
            logger.debug({ err: error }, 'reading the history of a channel failed; retrying'),
        }),
      );
      if (outcome !== 'superseded') metrics.gapsClosed.inc({ outcome });
    } catch {
      // The subscription was superseded, closed or stopped during the attempt, so nobody waits for the outcome.
    }
  }

  /** Only the history is asked again: what fails at the client ends its connection. */
  #resume(subscription: ChannelSubscription, hold: number, opened: OpenedHistory) {
    try {
      return subscription.resume(hold, opened);
    } catch (error) {
      subscription.writer.fail(error);
      return 'lost';
    }
  }

  #read(subscription: ChannelSubscription): Promise<OpenedHistory> {
    const { channelId, position } = subscription;
    const key = JSON.stringify([channelId, position]);
    const queued = this.#queuedReads.get(key);
    if (queued !== undefined) return queued;
    const read = this.#reads.add(async () => {
      // Subscriptions of the same turn share the read. A later subscription needs a read of its own, because this answer may lack its newest.
      await Promise.resolve();
      this.#queuedReads.delete(key);
      return this.#parts.history.open(channelId, position);
    });
    this.#queuedReads.set(key, read);
    return read;
  }
}
