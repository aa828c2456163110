/**
 * Answers that are held back until there is something to tell (`Prefer: wait`). In one process a bounded number is held; an answer above that
 * comes at once, as RFC 7240 allows. A wait ends with its
 * connection, and as soon as its sender's tokens are taken back.
 */
import { onRevoked, preferredWait, refuseRevoked } from '@tidings/service-kit/access/authenticate.ts';
import { AtOnce } from '@tidings/service-kit/access/quota.ts';
import type { Request, Response } from 'express';

const DEFAULT_MOST_HELD = 10_000;

export class HeldAnswers {
  readonly #most: number;
  /** Each ends a wait. */
  readonly #held = new Set<() => void>();
  readonly #callers = new AtOnce();
  #isDraining = false;

  /** @param most answers that are held at once; default 10,000 */
  constructor(most = DEFAULT_MOST_HELD) {
    this.#most = most;
  }

  /**
   * Waits for what the request would rather wait for, and says so in `Preference-Applied`.
   * @param wait gets how many milliseconds to wait at most, and a signal that is aborted when nobody waits any more
   * @param unasked seconds to wait where the request does not say; default 0
   * @returns null where there is nothing to wait for, too many answers are held, or the process stops
   * @throws Problem token_invalid: the sender's tokens were taken back
   */
  async hold<Found>(
    request: Request,
    response: Response,
    wait: (milliseconds: number, signal: AbortSignal) => Promise<Found>,
    unasked = 0,
  ): Promise<Found | null> {
    const preferred = preferredWait(request);
    const seconds = preferred ?? unasked;
    if (preferred !== null && this.#hasRoom(seconds))
      response.append('Preference-Applied', `wait=${seconds}`);
    return this.holdFor(seconds, response, wait);
  }

  /** As `hold`, where the request says in its own way how many seconds it would rather wait. */
  async holdFor<Found>(
    seconds: number,
    response: Response,
    wait: (milliseconds: number, signal: AbortSignal) => Promise<Found>,
  ): Promise<Found | null> {
    if (!this.#hasRoom(seconds)) return null;
    const gone = new AbortController();
    const leave = () => gone.abort();
    response.once('close', leave);
    const unsubscribe = onRevoked(response, leave);
    if (response.closed) leave();
    this.#held.add(leave);
    try {
      refuseRevoked(response);
      const found = await wait(seconds * 1000, gone.signal);
      refuseRevoked(response);
      return found;
    } catch (error) {
      refuseRevoked(response);
      if (this.#isDraining && !response.closed) return null;
      throw error;
    } finally {
      this.#held.delete(leave);
      unsubscribe();
      response.off('close', leave);
      if (this.#isDraining && !response.headersSent) response.set('Connection', 'close');
    }
  }

  /**
   * Counts an answer that may be held, until it is over. One caller has half of the places at most.
   * @throws Problem rate_limited
   */
  count(caller: string, response: Response): void {
    const leave = this.#callers.enter(caller, Math.ceil(this.#most / 2));
    response.once('close', leave);
    if (response.closed) leave();
  }

  /** Every answer that is held comes at once, and no other one is held: the process stops. */
  drain(): void {
    this.#isDraining = true;
    for (const leave of this.#held) leave();
  }

  #hasRoom(seconds: number): boolean {
    return seconds > 0 && this.#held.size < this.#most && !this.#isDraining;
  }
}
