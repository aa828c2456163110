/**
 * No gap goes unnoticed, and none stays: a subscription that misses a number, or may have missed something while its hub could
 * not hear the others, is brought up to date from the history, in order, before anything newer is written to its socket.
 *
 * Where the history cannot continue it, the connection is ended: the client comes back with its position, and is told
 * that it must begin anew.
 */

import type { Logger } from '@tidings/service-kit/process/logging.ts';
import PQueue from 'p-queue';
import type { ChannelHistory, OpenedHistory } from '../history/channel-history.ts';
import type { HubMetrics } from '../metrics.ts';
import type { Subscription } from '../sockets/channel-subscription.ts';
import type { Listeners } from '../sockets/to-browser.ts';

/** Channels asked for at once. */
const CONCURRENCY = 32;
/** Milliseconds of the pause after the history was not available; doubled each time, up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

export interface ContinuityParts {
  readonly history: ChannelHistory;
  readonly metrics: HubMetrics;
  readonly logger: Logger;
}

export class Continuity {
  readonly #parts: ContinuityParts;
  readonly #rounds = new PQueue({ concurrency: CONCURRENCY });
  readonly #reads = new PQueue({ concurrency: CONCURRENCY });
  /** By channel and position: the question not yet put that several subscriptions wait for. */
  readonly #asked = new Map<string, Promise<OpenedHistory>>();
  readonly #healing = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(parts: ContinuityParts) {
    this.#parts = parts;
  }

  /** Brings a subscription up to date, for as long as it takes; resolves also where that became pointless. */
  heal(subscription: Subscription): Promise<void> {
    const healing = this.#heal(subscription).finally(() => this.#healing.delete(healing));
    this.#healing.add(healing);
    return healing;
  }

  /** After a time in which anything may have been missed; resolves when all that can be made up for is. */
  async healAll(listeners: Listeners): Promise<void> {
    // What arrives meanwhile goes on being written to those whose turn has not come.
    const round = Array.from(listeners.all(), (subscription) =>
      this.#rounds.add(async () => {
        if (!subscription.deferHealing()) await this.heal(subscription);
      }),
    );
    await Promise.all(round);
    while (this.#healing.size > 0) await Promise.all(this.#healing);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #heal(subscription: Subscription): Promise<void> {
    const hold = subscription.hold();
    let pause = FIRST_PAUSE_MS;
    while (subscription.isHeldBy(hold) && !this.#stopping.signal.aborted) {
      try {
        const opened = await this.#read(subscription);
        const outcome = subscription.resume(hold, opened);
        if (outcome !== 'superseded') this.#parts.metrics.healed.inc({ outcome });
        return;
      } catch (error) {
        this.#parts.logger.debug({ err: error }, 'a channel waits for its history');
      }
      await this.#pause(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  #read(subscription: Subscription): Promise<OpenedHistory> {
    const { channelId, position } = subscription;
    const key = JSON.stringify([channelId, position]);
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const asked = this.#reads.add(async () => {
      // Those of the same turn share it. Who comes later may have been passed by what the answer does not have.
      await Promise.resolve();
      this.#asked.delete(key);
      return this.#parts.history.open(channelId, position);
    });
    this.#asked.set(key, asked);
    return asked;
  }

  #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
    });
  }
}
