/**
 * How often one sender may send requests, in this process. A bearer counts by the token's channel, a publisher by what it may publish to,
 * a sender without a token by the address.
 * Failed authentications of an address are answered late, and then refused; a valid token passes, whoever shares its address.
 */

import { DEFAULT_PUBLISH_PER_SECOND } from '@tidings/contracts/limits.ts';
import { pause } from '@tidings/failures/retry.ts';
import type { Response } from 'express';
import { Problem } from '../http/problem.ts';
import type { AnyBearer } from './bearers.ts';
import { AtOnce, Quota } from './quota.ts';

export interface RequestLimits {
  /** Requests a minute of one channel's bearers, or of one address without a token. */
  readonly perMinute: number;
  /** Requests of one sender at once, held ones (`Prefer: wait`) among them. */
  readonly atOnce: number;
  /** Requests with the support token, a second and at once. */
  readonly supportPerSecond: number;
  readonly supportAtOnce: number;
  /** Requests of one publisher, a second and at once. */
  readonly publishPerSecond: number;
  readonly publishAtOnce: number;
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
  publishPerSecond: DEFAULT_PUBLISH_PER_SECOND,
  publishAtOnce: 1_000,
  freeFailuresPerMinute: 10,
  failuresPerMinute: 60,
  longestDelayMs: 1_000,
};

const SUPPORT = 'support';

/** Who asks; an address, by its `addressKey`, where no token came; an owner, where the login's own token came. */
export type Sender = AnyBearer | { readonly kind: 'address'; readonly address: string } | PersonSender;

/** A person whom the site's login names. */
export interface PersonSender {
  readonly kind: 'owner';
  readonly owner: string;
}

export class RequestRates {
  readonly #limits: RequestLimits;
  readonly #requests: Quota;
  readonly #support: Quota;
  readonly #publishers: Quota;
  readonly #failures: Quota;
  readonly #running = new AtOnce();

  constructor(limits: Partial<RequestLimits> = {}) {
    this.#limits = { ...defaultRequestLimits, ...limits };
    const { perMinute, supportPerSecond, publishPerSecond, failuresPerMinute } = this.#limits;
    this.#requests = new Quota({ times: perMinute, seconds: 60 });
    this.#support = new Quota({ times: supportPerSecond, seconds: 1 });
    this.#publishers = new Quota({ times: publishPerSecond, seconds: 1 });
    this.#failures = new Quota({ times: failuresPerMinute, seconds: 60 });
  }

  /** Counts a request until its response is over. @throws Problem rate_limited */
  async admit(sender: Sender, response: Response): Promise<void> {
    const { quota, atOnce } = this.#boundsOf(sender);
    const key = keyOf(sender);
    await quota.take(key);
    const leave = this.#running.enter(key, atOnce);
    response.once('close', leave);
    if (response.closed) leave();
  }

  /** Counts a request that is held within another bound of how many are held at once. @throws Problem rate_limited */
  async count(sender: Sender): Promise<void> {
    await this.#boundsOf(sender).quota.take(keyOf(sender));
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

  #boundsOf({ kind }: Sender): { readonly quota: Quota; readonly atOnce: number } {
    const { atOnce, supportAtOnce, publishAtOnce } = this.#limits;
    if (kind === 'support') return { quota: this.#support, atOnce: supportAtOnce };
    if (kind === 'publisher') return { quota: this.#publishers, atOnce: publishAtOnce };
    return { quota: this.#requests, atOnce };
  }

  async #fail(address: string): Promise<void> {
    const { freeFailuresPerMinute, failuresPerMinute, longestDelayMs } = this.#limits;
    const late = (await this.#failures.take(address)) - freeFailuresPerMinute;
    const share = late / Math.max(1, failuresPerMinute - freeFailuresPerMinute);
    if (late > 0) await pause(share * longestDelayMs);
  }
}

function keyOf(sender: Sender): string {
  switch (sender.kind) {
    case 'support':
      return SUPPORT;
    case 'publisher':
      return `publisher ${JSON.stringify([sender.owner, sender.channelId])}`;
    case 'channel':
      return `channel ${sender.channelId}`;
    case 'owner':
      return `owner ${sender.owner}`;
    case 'address':
      return `address ${sender.address}`;
  }
}
