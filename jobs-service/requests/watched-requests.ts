/**
 * Requests whose outcome a channel is to be told stand in a compacted topic until it is, so that a deadline is noticed although the
 * instance that took the request has gone. Every jobs service sweeps, and none leads: where a deadline has passed, it appends a reply
 * that says so. Several may do that, and a worker may still reply: of all replies the first one on the log counts (`outcomes.ts`).
 */
import { watchedRequestSchema } from '@tidings/contracts/schemas/services/requests.ts';
import { requestTopics, topics } from '@tidings/contracts/topics.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { encodeReply } from '@tidings/event-log/request-reply/request-records.ts';
import { openTable, type Table } from '@tidings/event-log/table.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { z } from 'zod';
import { type Repetition, repeatedly } from '../repeatedly.ts';
import { deadlineReply } from './deadlines.ts';
import { WatchPlaces } from './watch-places.ts';

export type Watch = z.infer<typeof watchedRequestSchema>;

export interface WatchedRequestsParts {
  readonly log: EventLog;
  readonly logger: Logger;
  /** Milliseconds between two sweeps; default 500. */
  readonly sweepMs?: number;
  /**
   * Requests that may be watched at once, by all instances together, half of them of one caller; default 50,000, of which each instance
   * holds 0.7 KB.
   */
  readonly maxWatched?: number;
  /**
   * Milliseconds after a deadline in which the instance that took the request has time to end it, so that mostly there is one such reply
   * only; default 5,000.
   */
  readonly othersMs?: number;
}

const SWEEP_MS = 500;
const MAX_WATCHED = 50_000;
/** Requests that one sweep ends, at most; the next sweep ends the others. */
const MAX_ENDED = 500;
const OTHERS_MS = 5_000;

export class WatchedRequests {
  readonly #parts: WatchedRequestsParts;
  readonly #watches: Table<Watch>;
  readonly #sweeps: Repetition;
  readonly #places: WatchPlaces;
  /** Taken by this process: it is the first to end them. */
  readonly #own = new Set<string>();

  private constructor(parts: WatchedRequestsParts, watches: Table<Watch>) {
    this.#parts = parts;
    this.#watches = watches;
    this.#places = new WatchPlaces(parts.maxWatched ?? MAX_WATCHED);
    for (const [requestId, { caller }] of watches.entries()) this.#places.hold(requestId, caller);
    watches.onChange((requestId, watch) => {
      if (watch === undefined) this.#forget(requestId);
      else this.#places.hold(requestId, watch.caller);
    });
    this.#sweeps = repeatedly(
      parts.sweepMs ?? SWEEP_MS,
      () => this.#sweep(),
      (error) =>
        parts.logger.warn(
          { err: error },
          'replies for passed deadlines not appended; the next sweep tries again',
        ),
    );
  }

  /** Resolves when all watched requests are known. */
  static async open(parts: WatchedRequestsParts): Promise<WatchedRequests> {
    const { log, logger } = parts;
    const watches = await openTable({
      ...{ log, topic: topics.watchedRequests },
      decode: ({ value }) => watchedRequestSchema.parse(JSON.parse(new TextDecoder().decode(value))),
      onError: (error) => logger.warn({ err: error }, 'following watched requests failed'),
    });
    return new WatchedRequests(parts, watches);
  }

  /** What is appended together with the request. @throws Problem rate_limited, unavailable, where too many are watched */
  begin(requestId: string, watch: Watch): readonly NewRecord[] {
    this.#places.enter(requestId, watch.caller);
    this.#own.add(requestId);
    const value = new TextEncoder().encode(JSON.stringify(watch));
    return [{ topic: topics.watchedRequests, key: requestId, value }];
  }

  /** The append has failed. If the watch stands on the log all the same, it counts from when it is read. */
  abandon(requestId: string): void {
    if (this.#watches.get(requestId) === undefined) this.#forget(requestId);
  }

  /** Where the reply to a watched request goes; null where it is not watched. */
  addressOf(requestId: string): Parameters<typeof encodeReply>[1] | null {
    const watch = this.#watches.get(requestId);
    return watch === undefined ? null : { requestId, ...watch };
  }

  /** Resolves when all requests are known that were watched at the call. */
  catchUp(): Promise<void> {
    return this.#watches.catchUp();
  }

  async close(): Promise<void> {
    await this.#sweeps.stop();
    await this.#watches.close();
  }

  #forget(requestId: string): void {
    this.#own.delete(requestId);
    this.#places.leave(requestId);
  }

  async #sweep(): Promise<void> {
    const ended = this.#due(Date.now()).slice(0, MAX_ENDED);
    if (ended.length === 0) return;
    const { log } = this.#parts;
    await log.append(
      ended.map(([requestId, watch]) =>
        encodeReply(requestTopics.replies, { requestId, ...watch }, deadlineReply()),
      ),
    );
    // Whoever tells the channels takes answered ones off; one whose watch came into sight later stands until here.
    await log.append(ended.map(([requestId]) => watchEnded(requestId)));
  }

  #due(now: number): [requestId: string, watch: Watch][] {
    const { othersMs = OTHERS_MS } = this.#parts;
    return [...this.#watches.entries()].filter(
      ([requestId, { deadline }]) => now > deadline + (this.#own.has(requestId) ? 0 : othersMs),
    );
  }
}

/** The channel is told, or will be by what stands on the log. */
export function watchEnded(requestId: string): NewRecord {
  return { topic: topics.watchedRequests, key: requestId, value: null };
}
