/**
 * Hands the requests of one service out to its workers by HTTP. When the first worker asks for a lane, this process joins the lane's
 * consumer group. When no worker has asked or worked for a while, the process leaves the group.
 */
import { requestTopics } from '@tidings/contracts/topics.ts';
import type { Consumer, EventLog } from '@tidings/event-log/event-log.ts';
import type { ReceivedRequest, RequestLane } from '@tidings/event-log/request-reply/request-records.ts';
import { serveRequests } from '@tidings/event-log/request-reply/serve-requests.ts';
import { codeOf } from '@tidings/failures/failure.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import { mustBeDeliveredAgain } from '@tidings/service-kit/process/failures.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { type HandedOut, LaneHandOut } from './lane-hand-out.ts';
import { REQUEST_RETRY_DELAYS_MS, requestLanes } from './plan-topics.ts';

export interface HandOutParts {
  readonly log: EventLog;
  readonly logger: Logger;
  /** Whether a reply stands on the log already: of a request that was handed out before. */
  isAnswered(requestId: string): Promise<boolean>;
  /** Milliseconds of a lease; default 30,000. */
  readonly leaseMs?: number;
  /** Milliseconds after which a lane that no worker wants is left to others; default 15,000. */
  readonly idleMs?: number;
  /** Milliseconds for which a process that stops waits for the replies of its workers; default 5,000. */
  readonly drainMs?: number;
  /** Called for each request that is dropped. Must not throw. */
  onDropped(reason: string): void;
}

export interface LaneHandedOut extends HandedOut {
  readonly lane: RequestLane;
}

const IDLE_MS = 15_000;
const DRAIN_MS = 5_000;
/**
 * Requests of one partition that are in hand at a time, so that a lane with few partitions keeps several workers busy. Where one is over the next one
 * comes, whichever it is: a request that nobody answers takes one of these places until its deadline, and holds up nobody else.
 */
const REQUESTS_AT_ONCE = 16;

export class HandOuts {
  readonly #lanes: Readonly<Record<RequestLane, ServedLane>>;
  /** The lane that is looked at last. */
  #last: RequestLane = 'heavy';

  constructor(service: string, parts: HandOutParts) {
    this.#lanes = {
      normal: new ServedLane(service, 'normal', parts),
      heavy: new ServedLane(service, 'heavy', parts),
    };
  }

  /**
   * Resolves with a request, which is then leased. A worker of both lanes gets their requests by turns, so that neither lane waits.
   * @param milliseconds to wait for a request, at most
   * @returns null where no request has come
   */
  async take(
    wanted: RequestLane | undefined,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<LaneHandedOut | null> {
    const lanes = requestLanes.filter((lane) => wanted === undefined || wanted === lane);
    for (const lane of lanes) this.#lanes[lane].begin();
    for (const lane of lanes.toSorted(
      (one, other) => Number(one === this.#last) - Number(other === this.#last),
    )) {
      const handedOut = this.#lanes[lane].handOut.next();
      if (handedOut !== null) return this.#taken(lane, handedOut);
    }
    return this.#await(lanes, milliseconds, signal);
  }

  renew(leaseId: string): boolean {
    return requestLanes.some((lane) => this.#lanes[lane].handOut.renew(leaseId) !== null);
  }

  /** As `LaneHandOut.settle`. */
  async settle(leaseId: string, append: () => Promise<unknown>): Promise<boolean> {
    for (const lane of requestLanes) {
      if (await this.#lanes[lane].handOut.settle(leaseId, append)) return true;
    }
    return false;
  }

  giveBack({ lane, ...handedOut }: LaneHandedOut): void {
    this.#lanes[lane].handOut.giveBack(handedOut);
  }

  /** As of `Workers`. */
  async drain(milliseconds: number): Promise<void> {
    await Promise.all(requestLanes.map((lane) => this.#lanes[lane].drain(milliseconds)));
  }

  async close(): Promise<void> {
    await Promise.all(requestLanes.map((lane) => this.#lanes[lane].close()));
  }

  #taken(lane: RequestLane, handedOut: HandedOut): LaneHandedOut {
    this.#last = lane;
    return { lane, ...handedOut };
  }

  #await(
    lanes: readonly RequestLane[],
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<LaneHandedOut | null> {
    return new Promise((resolve) => {
      const end = (found: LaneHandedOut | null) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        for (const leave of leaving) leave();
        resolve(found);
      };
      const onAbort = () => end(null);
      const timer = setTimeout(() => end(null), milliseconds);
      const leaving = lanes.map((lane) =>
        this.#lanes[lane].handOut.await({ take: (handedOut) => end(this.#taken(lane, handedOut)) }),
      );
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

/** One lane. This process is a member of the lane's group from the first worker on, until no worker wants the lane any more. */
class ServedLane {
  readonly handOut: LaneHandOut;
  readonly #service: string;
  readonly #lane: RequestLane;
  readonly #parts: HandOutParts;
  #serving: Promise<Consumer | null> | null = null;
  /** Ends attempts to become a member. */
  #stopping = new AbortController();
  #left: Promise<void> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #drained: Promise<void> | null = null;
  /** Called when the last lease has ended. */
  #onDrained: () => void = () => undefined;

  constructor(service: string, lane: RequestLane, parts: HandOutParts) {
    this.#service = service;
    this.#lane = lane;
    this.#parts = parts;
    this.handOut = new LaneHandOut({ leaseMs: parts.leaseMs, onChange: () => this.#notice() });
  }

  begin(): void {
    if (this.#drained !== null) return;
    this.#leaveWhenIdle();
    if (this.#serving !== null) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    this.#serving = this.#left.then(() => this.#serve(signal));
  }

  drain(milliseconds: number): Promise<void> {
    this.#drained ??= this.#drain(Math.min(milliseconds, this.#parts.drainMs ?? DRAIN_MS));
    return this.#drained;
  }

  async close(): Promise<void> {
    await this.drain(DRAIN_MS);
    this.#leave();
    await this.#left;
  }

  async #drain(milliseconds: number): Promise<void> {
    this.handOut.leave();
    if (this.handOut.leased === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#onDrained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Runs when a lease has ended, a worker has gone, or no worker has come for a while. */
  #notice(): void {
    if (this.handOut.leased === 0) this.#onDrained();
    if (!this.handOut.isBusy && this.#drained === null) this.#leaveWhenIdle();
  }

  /** A worker that waits or works then keeps the lane; the next look follows its end. */
  #leaveWhenIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (!this.handOut.isBusy) this.#leave();
    }, this.#parts.idleMs ?? IDLE_MS);
  }

  #leave(): void {
    clearTimeout(this.#idle);
    this.handOut.abandon();
    const serving = this.#serving;
    this.#serving = null;
    this.#stopping.abort();
    if (serving === null) return;
    const { logger } = this.#parts;
    this.#left = serving
      .then((consumer) => consumer?.stop())
      .catch((error: unknown) => logger.warn({ err: error }, 'leaving the consumer group of a lane failed'));
  }

  /** null where nobody wants the lane before it is served. */
  async #serve(signal: AbortSignal): Promise<Consumer | null> {
    const { log, logger, onDropped } = this.#parts;
    this.handOut.open();
    const about = { service: this.#service, lane: this.#lane };
    const { length: partitions } = await retryUntil(() => log.endOffsets(requestTopics[this.#lane]), {
      signal,
    }).catch(() => []);
    const serve = () =>
      serveRequests({
        log,
        topics: requestTopics,
        service: this.#service,
        lanes: [this.#lane],
        delaysMs: REQUEST_RETRY_DELAYS_MS,
        // A slow worker of one partition keeps no other partition waiting, nor any of the further attempts.
        concurrency: Math.max(1, partitions * REQUEST_RETRY_DELAYS_MS.length),
        recordsAtOnce: REQUESTS_AT_ONCE,
        isOutage: (error) => codeOf(error) === 'leaving' || mustBeDeliveredAgain(error),
        describe: (error) => describe(error),
        handle: (request, deadline, attempt, { handover }) =>
          this.#handle(request, deadline, attempt, handover),
        onDropped,
        onError: (error) => logOutage(logger, about, error),
      });
    try {
      return await retryUntil(serve, { signal });
    } catch (error) {
      if (signal.aborted) return null;
      logger.error({ err: error, ...about }, 'joining the consumer group of a lane failed');
      // The next worker that asks tries again.
      this.#serving = null;
      return null;
    }
  }

  async #handle(
    request: ReceivedRequest,
    deadline: AbortSignal,
    attempt: number,
    handover: AbortSignal,
  ): Promise<null> {
    // Another process may have died between the reply and the commit of its request's position.
    if (attempt > 1 && (await this.#parts.isAnswered(request.requestId))) return null;
    return this.handOut.offer(request, deadline, attempt, handover);
  }
}

function describe(error: unknown): { code: string; message: string } {
  const isEnded = codeOf(error) === 'lease_ended';
  return {
    code: codeOf(error) ?? 'internal',
    message: isEnded && error instanceof Error ? error.message : 'The request could not be handed out.',
  };
}

function logOutage(logger: Logger, about: object, error: unknown): void {
  if (codeOf(error) !== 'leaving')
    logger.warn({ err: error, ...about }, 'consuming requests failed; retrying');
}
