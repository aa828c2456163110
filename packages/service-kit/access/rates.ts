/**
 * How often one sender may send requests, in this process. A bearer counts by the token's channel, a sender without a token by the address.
 * Failed authentications of an address are answered late, and then refused; a valid token passes, whoever shares its address.
 */
import { pause } from '@tidings/failures/retry.ts';
import type { Response } from 'express';
import { Problem } from '../http/problem.ts';
import { AtOnce, Quota } from './quota.ts';
import type { Bearer } from './tokens.ts';

export interface RequestLimits {
  /** Requests a minute of one channel's bearers, or of one address without a token. */
  readonly perMinute: number;
  /** Requests of one sender at once, held ones (`Prefer: wait`) among them. */
  readonly atOnce: number;
  /** Requests with the support token, a second and at once. */
  readonly supportPerSecond: number;
  readonly supportAtOnce: number;
  /** Failed authentications a minute from one address that are answered at once; further ones wait longer and longer. */
  readonly freeFailuresPerMinute: number;
  /** Failed authentications a minute from one address that are answered as such. */
  readonly failuresPerMinute: number;
  /** Milliseconds that the last of them waits. */
  readonly longestDelayMs: number;
}

const defaultRequestLimits: RequestLimits = {
  perMinute: 60,
  atOnce: 10,
  supportPerSecond: 1_000,
  supportAtOnce: 1_000,
  freeFailuresPerMinute: 10,
  failuresPerMinute: 60,
  longestDelayMs: 1_000,
};

const SUPPORT = 'support';

export class RequestRates {
  readonly #limits: RequestLimits;
  readonly #requests: Quota;
  readonly #support: Quota;
  readonly #failures: Quota;
  readonly #running = new AtOnce();

  constructor(limits: Partial<RequestLimits> = {}) {
    this.#limits = { ...defaultRequestLimits, ...limits };
    const { perMinute, supportPerSecond, failuresPerMinute } = this.#limits;
    this.#requests = new Quota({ times: perMinute, seconds: 60 });
    this.#support = new Quota({ times: supportPerSecond, seconds: 1 });
    this.#failures = new Quota({ times: failuresPerMinute, seconds: 60 });
  }

  /**
   * Counts a request until its response is over.
   * @param sender who asks; an address, by its `addressKey`, where no token came
   * @throws Problem rate_limited
   */
  async admit(
    sender: Bearer | { readonly kind: 'address'; readonly address: string },
    response: Response,
  ): Promise<void> {
    const isSupport = sender.kind === 'support';
    const key = keyOf(sender);
    await (isSupport ? this.#support : this.#requests).take(key);
    const leave = this.#running.enter(key, isSupport ? this.#limits.supportAtOnce : this.#limits.atOnce);
    response.once('close', leave);
    if (response.closed) leave();
  }

  /**
   * Verifies a token. A failure (401) counts for the address, and is answered late after many failures.
   * @param address by its `addressKey`
   * @throws what `verify` throws; Problem rate_limited instead of a 401 beyond `failuresPerMinute`
   */
  async verify<Verified>(address: string, verify: () => Promise<Verified>): Promise<Verified> {
    try {
      return await verify();
    } catch (error) {
      if (error instanceof Problem && error.status === 401) await this.#fail(address);
      throw error;
    }
  }

  async #fail(address: string): Promise<void> {
    const { freeFailuresPerMinute, failuresPerMinute, longestDelayMs } = this.#limits;
    const late = (await this.#failures.take(address)) - freeFailuresPerMinute;
    const share = late / Math.max(1, failuresPerMinute - freeFailuresPerMinute);
    if (late > 0) await pause(share * longestDelayMs);
  }
}

function keyOf(sender: Parameters<RequestRates['admit']>[0]): string {
  if (sender.kind === 'support') return SUPPORT;
  return sender.kind === 'channel' ? `channel ${sender.channelId}` : `address ${sender.address}`;
}
