/**
 * Compares, again and again, the positions that this hub's open channels should have with the positions that it has sent. So the hub
 * notices that a message between hubs was lost, even if no later one shows the gap. `continuity.ts` then reads the history.
 *
 * A notification stands in the history a moment before its hub sends it. So a channel that lacks a position is compared again after a
 * pause. Only a channel that still lacks the same position is caught up.
 */
import { pause } from '@tidings/failures/retry.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { ChannelHistory, HistoryPosition } from '../history/channel-history.ts';
import type { HubLimits } from '../limits.ts';
import type { ChannelListeners } from '../sockets/listeners.ts';
import type { Continuity } from './continuity.ts';

/** Channels that one request compares. Redis executes nothing else meanwhile, for less than a millisecond. */
const CHANNELS_AT_ONCE = 500;
/** Milliseconds that a notification may take from the history to a socket before it counts as missing. */
const ON_ITS_WAY_MS = 500;

export interface ComparisonParts {
  readonly history: ChannelHistory;
  readonly listeners: ChannelListeners;
  readonly continuity: Continuity;
  readonly limits: Pick<HubLimits, 'comparisonMs'>;
  readonly logger: Logger;
}

export class Comparison {
  readonly #parts: ComparisonParts;
  readonly #stopping = new AbortController();

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#compareUntilStopped();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #compareUntilStopped(): Promise<void> {
    const { limits, logger } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await pause(limits.comparisonMs, signal);
        await this.compare();
      } catch (error) {
        // While Redis is away, its return makes every subscription catch up.
        if (!signal.aborted)
          logger.debug({ err: error }, 'comparing open channels with their history failed');
      }
    }
  }

  /** One round over all open channels. Rejects with the errors of the history. */
  async compare(): Promise<void> {
    const { listeners, continuity } = this.#parts;
    const lacking = await this.#findLacking();
    if (lacking.size === 0) return;
    await pause(ON_ITS_WAY_MS, this.#stopping.signal);
    for (const [channelId, position] of lacking)
      for (const subscription of listeners.of(channelId))
        if (subscription.lacks(position)) void continuity.catchUp(subscription);
  }

  /** @returns by channel: the position that a subscription should have, and has not */
  async #findLacking(): Promise<Map<string, HistoryPosition | null>> {
    const { history, listeners } = this.#parts;
    const channelIds = [...listeners.channelIds()];
    const lacking = new Map<string, HistoryPosition | null>();
    for (let first = 0; first < channelIds.length; first += CHANNELS_AT_ONCE) {
      const some = channelIds.slice(first, first + CHANNELS_AT_ONCE);
      const positions = await history.positionsOf(some);
      for (const [index, channelId] of some.entries()) {
        const position = positions[index] ?? null;
        const isLacking = [...listeners.of(channelId)].some((subscription) => subscription.lacks(position));
        if (isLacking) lacking.set(channelId, position);
      }
    }
    return lacking;
  }
}
