/**
 * Bounds the large answers that are sent at once: what a client does not read stays in this process's memory. Nearly all answers
 * are small, and are not counted.
 */

import type { Response } from 'express';
import { Problem } from '../http/problem.ts';
import { AtOnce, enterAll } from './quota.ts';

export interface UnreadLimits {
  /** Large answers that are being sent at once, in all and to one sender. */
  readonly held: number;
  readonly heldBySender: number;
  /** Milliseconds in which a client must take a large answer, or the next part of it. */
  readonly patienceMs: number;
}

const defaultUnreadLimits: UnreadLimits = { held: 32, heldBySender: 4, patienceMs: 120_000 };

/** Bytes up to which an answer is small: about what the operating system buffers. */
const SMALL_ANSWER_BYTES = 64 * 1024;
const RETRY_AFTER_SECONDS = 5;
const ALL = 'all';

export class UnreadAnswers {
  readonly #limits: UnreadLimits;
  readonly #all = new AtOnce();
  readonly #bySender = new AtOnce();

  constructor(limits: Partial<UnreadLimits> = {}) {
    this.#limits = { ...defaultUnreadLimits, ...limits };
  }

  /**
   * @param sender to whom the answer counts
   * @throws Problem rate_limited, where the answer is large and no place is free
   */
  sendJson(response: Response, sender: string, value: unknown): void {
    this.sendText(response, sender, JSON.stringify(value));
  }

  /**
   * As `sendJson`.
   * @param json that is written already
   * @param headers of the answer, and of no refusal
   */
  sendText(response: Response, sender: string, json: string, headers: Record<string, string> = {}): void {
    const body = Buffer.from(json);
    if (body.length > SMALL_ANSWER_BYTES) this.hold(response, sender);
    response.set(headers).type('json').send(body);
  }

  /**
   * Counts the answer as large until it is over. Destroys the response where its client does not take it in time.
   * @returns a function to call whenever the client has taken another part
   * @throws Problem rate_limited
   */
  hold(response: Response, sender: string): () => void {
    const leave = this.#enter(sender);
    const timer = setTimeout(() => response.destroy(), this.#limits.patienceMs).unref();
    const end = () => {
      clearTimeout(timer);
      leave();
    };
    response.once('close', end);
    if (response.closed) end();
    return () => void timer.refresh();
  }

  #enter(sender: string): () => void {
    const { held, heldBySender } = this.#limits;
    return enterAll(
      () => enter(this.#bySender, sender, heldBySender),
      () => enter(this.#all, ALL, held),
    );
  }
}

function enter(places: AtOnce, key: string, most: number): () => void {
  try {
    return places.enter(key, most);
  } catch (cause) {
    const whose = key === ALL ? '' : ' of yours';
    const message = `${most} large answers${whose} are on their way. Try again when one has come.`;
    const place = { retryAfterSeconds: RETRY_AFTER_SECONDS };
    throw new Problem('rate_limited', message, place, { cause });
  }
}
