/**
 * Bounds the large answers that are sent at once: what a client does not read stays in this process's memory. Nearly all answers
 * are small, and are not counted.
 */

import { AtOnce, enterAll } from '@tidings/service-kit/access/quota.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Response } from 'express';
import PQueue from 'p-queue';

export interface AnswerLimits {
  /** Answers that are read from the store at once; further ones wait. */
  readonly read: number;
  /** Large answers that are being sent at once, in all and to one sender. */
  readonly held: number;
  readonly heldBySender: number;
  /** Milliseconds in which a client must take a large answer, or the next part of it. */
  readonly patienceMs: number;
}

const defaultAnswerLimits: AnswerLimits = { read: 4, held: 32, heldBySender: 4, patienceMs: 120_000 };

/** Bytes up to which an answer is small: about what the operating system buffers. */
const SMALL_ANSWER_BYTES = 64 * 1024;
const RETRY_AFTER_SECONDS = 5;
const ALL = 'all';

export class LargeAnswers {
  readonly #limits: AnswerLimits;
  readonly #reads: PQueue;
  readonly #all = new AtOnce();
  readonly #bySender = new AtOnce();

  constructor(limits: Partial<AnswerLimits> = {}) {
    this.#limits = { ...defaultAnswerLimits, ...limits };
    this.#reads = new PQueue({ concurrency: this.#limits.read });
  }

  /** Runs the read once fewer than `AnswerLimits.read` others run. */
  read<Value>(work: () => Promise<Value>): Promise<Value> {
    return this.#reads.add(work);
  }

  /**
   * @param sender as `senderOf` names it
   * @throws Problem rate_limited, where the answer is large and no place is free
   */
  sendJson(response: Response, sender: string, value: unknown): void {
    const body = Buffer.from(JSON.stringify(value));
    if (body.length > SMALL_ANSWER_BYTES) this.hold(response, sender);
    response.type('json').send(body);
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
