/**
 * Holds the requests of one lane of a service that the log has given this process, until a worker has replied to each. A request is
 * *offered*, then *leased* to the worker that takes it. A lease that ends without a reply is a failed attempt.
 *
 * **Bounds**: 64 leases; what is offered is bounded by what the log has in hand: `REQUESTS_AT_ONCE` of each partition.
 */
import { randomUUID } from 'node:crypto';
import type { ReceivedRequest } from '@tidings/event-log/request-reply/request-records.ts';
import { Failure } from '@tidings/failures/failure.ts';

const MAX_LEASED = 64;
/** Milliseconds from the moment when a request is handed out, or its lease is renewed. */
export const LEASE_MS = 30_000;

export interface HandedOut {
  readonly leaseId: string;
  readonly request: ReceivedRequest;
  /** From 1. */
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** A worker that waits for a request. */
export interface Taker {
  take(handedOut: HandedOut): void;
}

interface Offer {
  readonly request: ReceivedRequest;
  readonly attempt: number;
  /** Aborted when others may get its partition: it is handed out no more. */
  readonly handover: AbortSignal;
  /** The request has been replied to. */
  resolve(reply: null): void;
  reject(error: Failure): void;
}

interface LeasedOffer {
  readonly offer: Offer;
  timer: NodeJS.Timeout | undefined;
  endsAt: number;
  /** A reply is on its way into the log. */
  isAnswering: boolean;
}

export class LaneHandOut {
  readonly #leaseMs: number;
  readonly #onChange: () => void;
  readonly #offers = new Set<Offer>();
  readonly #leases = new Map<string, LeasedOffer>();
  readonly #takers = new Set<Taker>();
  #leaving = true;

  /** @param onChange called when a lease has ended, or a worker waits no longer */
  constructor({ leaseMs = LEASE_MS, onChange }: { readonly leaseMs?: number; onChange(): void }) {
    this.#leaseMs = leaseMs;
    this.#onChange = onChange;
  }

  /** Whether a worker waits for a request here, or has one. */
  get isBusy(): boolean {
    return this.#takers.size > 0 || this.#leases.size > 0;
  }

  get leased(): number {
    return this.#leases.size;
  }

  open(): void {
    this.#leaving = false;
  }

  /**
   * Holds the request until a worker has replied to it. Rejects with `lease_ended` as a failed attempt, and with the retriable `leaving`
   * where others shall have it.
   * @param signal aborted at the deadline
   * @param handover aborted when others may get the partition: who has a lease may still answer
   */
  offer(
    request: ReceivedRequest,
    signal: AbortSignal,
    attempt: number,
    handover: AbortSignal,
  ): Promise<null> {
    if (this.#leaving || handover.aborted) return Promise.reject(leaving());
    let onHandover = (): void => undefined;
    const answered = new Promise<null>((resolve, reject) => {
      const offer = { request, attempt, handover, resolve, reject };
      onHandover = () => this.#handOver(offer);
      signal.addEventListener('abort', () => this.#withdraw(offer), { once: true });
      handover.addEventListener('abort', onHandover, { once: true });
      this.#offers.add(offer);
      this.#match();
    });
    // The partition outlives its requests.
    return answered.finally(() => handover.removeEventListener('abort', onHandover));
  }

  /** The request that has waited longest, if one may be handed out now. */
  next(): HandedOut | null {
    if (this.#leases.size >= MAX_LEASED) return null;
    for (const offer of this.#offers) {
      this.#offers.delete(offer);
      return this.#lease(offer);
    }
    return null;
  }

  /** Returns the function that ends the wait. */
  await(taker: Taker): () => void {
    this.#takers.add(taker);
    return () => {
      if (this.#takers.delete(taker)) this.#onChange();
    };
  }

  /** Milliseconds since 1970 of the new end; null where the lease has ended. */
  renew(leaseId: string): number | null {
    const leased = this.#leases.get(leaseId);
    if (leased === undefined || leased.isAnswering) return null;
    leased.timer?.refresh();
    leased.endsAt = Date.now() + this.#leaseMs;
    return leased.endsAt;
  }

  /**
   * Ends the lease when the reply is durable.
   * @returns false where the lease has ended
   * @throws what `append` throws; the lease goes on then
   */
  async settle(leaseId: string, append: () => Promise<unknown>): Promise<boolean> {
    const leased = this.#leases.get(leaseId);
    if (leased === undefined || leased.isAnswering) return false;
    // Meanwhile no other worker gets the request, and a second reply finds no lease.
    leased.isAnswering = true;
    clearTimeout(leased.timer);
    try {
      await append();
    } catch (error) {
      leased.isAnswering = false;
      // Meanwhile its deadline may have passed, or the lane was left.
      if (this.#leases.has(leaseId)) leased.timer = this.#endLater(leaseId, leased);
      throw error;
    }
    this.#end(leaseId, leased);
    leased.offer.resolve(null);
    this.#match();
    return true;
  }

  /** The worker has gone before it got the request. Others get the request at once, and no attempt has failed. */
  giveBack({ leaseId }: HandedOut): void {
    const leased = this.#leases.get(leaseId);
    if (leased === undefined) return;
    this.#end(leaseId, leased);
    if (leased.offer.handover.aborted) {
      leased.offer.reject(leaving());
      return;
    }
    const others = [...this.#offers];
    this.#offers.clear();
    for (const offer of [leased.offer, ...others]) this.#offers.add(offer);
    this.#match();
  }

  /** Lets other processes have the offered requests, and takes no more. */
  leave(): void {
    this.#leaving = true;
    for (const offer of this.#offers) offer.reject(leaving());
    this.#offers.clear();
  }

  /** Lets other processes have the leased requests, too. */
  abandon(): void {
    this.leave();
    for (const [leaseId, leased] of this.#leases) {
      this.#end(leaseId, leased);
      leased.offer.reject(leaving());
    }
  }

  #match(): void {
    for (const taker of this.#takers) {
      const handedOut = this.next();
      if (handedOut === null) return;
      this.#takers.delete(taker);
      taker.take(handedOut);
    }
  }

  #lease(offer: Offer): HandedOut {
    const leaseId = randomUUID();
    const endsAt = Date.now() + this.#leaseMs;
    const leased: LeasedOffer = { offer, endsAt, isAnswering: false, timer: undefined };
    leased.timer = this.#endLater(leaseId, leased);
    this.#leases.set(leaseId, leased);
    return { leaseId, request: offer.request, attempt: offer.attempt, endsAt };
  }

  #endLater(leaseId: string, leased: LeasedOffer): NodeJS.Timeout {
    return setTimeout(() => {
      this.#end(leaseId, leased);
      leased.offer.reject(leaseEnded());
      this.#match();
    }, this.#leaseMs);
  }

  #end(leaseId: string, { timer }: LeasedOffer): void {
    clearTimeout(timer);
    this.#leases.delete(leaseId);
    this.#onChange();
  }

  #handOver(offer: Offer): void {
    if (this.#offers.delete(offer)) offer.reject(leaving());
  }

  /** The deadline has passed, so nobody waits for a reply. */
  #withdraw(offer: Offer): void {
    this.#offers.delete(offer);
    for (const [leaseId, leased] of this.#leases) if (leased.offer === offer) this.#end(leaseId, leased);
    offer.resolve(null);
    this.#match();
  }
}

function leaving(): Failure {
  return new Failure('leaving', 'No worker takes requests here any more; another process hands it out.', {
    retriable: true,
  });
}

function leaseEnded(): Failure {
  return new Failure('lease_ended', 'A worker took the request, and did not answer before its lease ended.');
}
