/**
 * Makes the attempts: at each endpoint one at a time, at the head of its line, when it is due. An endpoint that is slow or away holds up none of the others:
 * an attempt takes ten seconds at most, and 1,000 may be under way in a process. What came of it is a command; until that is folded, there is no next
 * attempt at the endpoint. A process that dies in between makes the same attempt again, under the same id.
 *
 * A process that has stood still may have lost its partitions, and not know it. So no attempt begins before the log was asked what is
 * committed, and nothing is written later than `CONNECT_MS` after that: Kafka takes eight seconds to give a partition away.
 */
import type {
  WebhookAttempted,
  WebhookCommand,
  WebhookDeliveryState,
  WebhookError,
} from '@tidings/contracts/owners/webhooks.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Clock } from '@tidings/event-log/schedule/clock.ts';
import { DueTimer } from '@tidings/event-log/schedule/due-timer.ts';
import { AbortGroup } from '@tidings/failures/abort-group.ts';
import { pause, retryUntil } from '@tidings/failures/retry.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Endpoints } from '../endpoints/endpoints.ts';
import type { WebhookMetrics } from '../metrics.ts';
import type { AddressRules } from '../sending/addresses.ts';
import { type PostOptions, post } from '../sending/post.ts';
import { signedHeaders } from '../sending/sign.ts';
import { encodeWebhookCommand } from './delivery-records.ts';
import type { DeliveryStates } from './delivery-states.ts';
import { type DeliveryLine, headOf } from './fold-deliveries.ts';

/** Attempts of a process that may be under way. */
const MAX_AT_ONCE = 1_000;
/** Milliseconds after which the log is asked again what is committed. */
const KNOWN_MS = 1_000;
/** Milliseconds from that question until the connection stands, at most. */
const CONNECT_MS = 5_000;
/** Milliseconds until a look for a free place. */
const FULL_PAUSE_MS = 50;
/** Milliseconds for which a service that stops waits for attempts under way. */
const STOP_WAIT_MS = 2_000;

export interface AttemptsParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly metrics: WebhookMetrics;
  readonly endpoints: Endpoints;
  readonly states: DeliveryStates;
  readonly rules: AddressRules;
  readonly clock: Clock;
}

/** What is to be tried at an endpoint, and when. */
interface Head {
  readonly delivery: WebhookDeliveryState;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  /** Of the endpoint's commands. */
  readonly partition: number;
}

/** An attempt that has not ended, or whose command was not folded yet: no other one begins at the endpoint. */
interface Begun {
  readonly deliveryId: string;
  readonly attempt: number;
  readonly partition: number;
  /** Aborted when the attempt is given up: its outcome is then told to nobody. */
  readonly cut: AbortController;
  /** Whether it has not ended. */
  isRunning: boolean;
  /** Whether what came of it is on its way to the log, or there, and not folded: so also of one that was given up too late. */
  isTold: boolean;
}

export class Attempts {
  readonly #parts: AttemptsParts;
  /** By endpoint: what is to be tried. */
  readonly #heads = new Map<string, Head>();
  readonly #begun = new Map<string, Begun>();
  readonly #running = new Map<Promise<void>, AbortController>();
  readonly #stopping = new AbortGroup();
  readonly #timer: DueTimer;

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
    this.#timer = new DueTimer({
      clock: parts.clock,
      tell: (due) => this.#beginAll(due.map(({ key }) => key)),
      onError: (error) => parts.logger.error({ err: error }, 'beginning attempts at webhooks failed'),
    });
  }

  /** To be called whenever a line may have changed. */
  consider(line: DeliveryLine): void {
    const { endpointId, partition, disabledReason, nextAttemptAt } = line.state;
    const delivery = disabledReason === null ? headOf(line) : undefined;
    if (delivery === undefined) {
      this.#unplan(endpointId);
      this.#begun.get(endpointId)?.cut.abort();
      return;
    }
    this.#heads.set(endpointId, { delivery, partition, dueAt: nextAttemptAt ?? 0 });
    // The attempt under way at the endpoint was passed over, or its outcome is known.
    const begun = this.#begun.get(endpointId);
    if (begun?.deliveryId !== delivery.id) begun?.cut.abort();
    this.#expect(endpointId);
  }

  /** To be called, before `consider`, when a command is folded that says what came of an attempt: also where it changes nothing. */
  know(endpointId: string, { deliveryId, attempt }: Pick<WebhookAttempted, 'deliveryId' | 'attempt'>): void {
    const begun = this.#begun.get(endpointId);
    if (begun?.deliveryId === deliveryId && begun.attempt === attempt) this.#settle(endpointId, begun);
  }

  #settle(endpointId: string, begun: Begun): void {
    begun.isTold = false;
    if (!begun.isRunning) this.#begun.delete(endpointId);
  }

  /** Tells the timer of the endpoint's next attempt, once the one before is over. */
  #expect(endpointId: string): void {
    const head = this.#heads.get(endpointId);
    if (head === undefined || this.#begun.has(endpointId)) return;
    this.#timer.put({ key: endpointId, dueAt: head.dueAt, order: head.delivery.createdAt });
  }

  /** No further attempt is made at the endpoint, and nobody waits for the outcome of the one under way. */
  forget(endpointId: string): void {
    this.#unplan(endpointId);
    const begun = this.#begun.get(endpointId);
    begun?.cut.abort();
    if (begun !== undefined) this.#settle(endpointId, begun);
  }

  #unplan(endpointId: string): void {
    this.#heads.delete(endpointId);
    this.#timer.remove(endpointId);
  }

  /** Another instance has the partition, and makes its attempts, also those that are under way here, under the same ids. */
  lose(lost: number): void {
    for (const [endpointId, { partition }] of this.#heads) if (partition === lost) this.forget(endpointId);
    for (const [endpointId, { partition }] of this.#begun) if (partition === lost) this.forget(endpointId);
  }

  /** Resolves once no attempt is under way. What came of them is on the log; those that take longer are cut off, and made again later. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const cutting = setTimeout(() => {
      for (const cut of this.#running.values()) cut.abort();
    }, STOP_WAIT_MS);
    await this.#timer.stop();
    await Promise.all(this.#running.keys());
    clearTimeout(cutting);
  }

  /** Rejects where the log does not answer: then the same endpoints come again. */
  async #beginAll(endpointIds: readonly string[]): Promise<void> {
    let knownAt = Number.NEGATIVE_INFINITY;
    for (const endpointId of endpointIds) {
      while (this.#running.size >= MAX_AT_ONCE) await pause(FULL_PAUSE_MS);
      if (performance.now() - knownAt > KNOWN_MS) {
        const askedAt = performance.now();
        await this.#parts.states.catchUp();
        knownAt = askedAt;
      }
      this.#begin(endpointId, knownAt + CONNECT_MS);
    }
  }

  #begin(endpointId: string, connectBy: number): void {
    const head = this.#heads.get(endpointId);
    if (head === undefined || this.#stopping.isAborted) return;
    const { delivery, partition } = head;
    if (this.#begun.has(endpointId)) return;
    // Another instance may have the partition by now, and be far ahead: what is behind the log is not sent.
    const known = this.#parts.states.delivery(endpointId, delivery.id);
    if (known !== undefined && isAhead(known, delivery)) {
      this.#unplan(endpointId);
      return;
    }
    const cut = new AbortController();
    const attempt = delivery.attempts + 1;
    const begun: Begun = { deliveryId: delivery.id, attempt, partition, cut, isRunning: true, isTold: false };
    this.#begun.set(endpointId, begun);
    const running = this.#attempt(endpointId, delivery, begun, connectBy);
    this.#running.set(running, cut);
    void running.finally(() => {
      begun.isRunning = false;
      this.#running.delete(running);
      if (!begun.isTold) this.#begun.delete(endpointId);
      this.#expect(endpointId);
    });
  }

  async #attempt(
    endpointId: string,
    delivery: WebhookDeliveryState,
    begun: Begun,
    connectBy: number,
  ): Promise<void> {
    const { endpoints, clock } = this.#parts;
    const { attempt, cut } = begun;
    const endpoint = endpoints.get(endpointId);
    const request = { signal: cut.signal, connectBy };
    const command: WebhookCommand =
      endpoint === undefined
        ? { type: 'remove' }
        : {
            ...{ type: 'attempted', deliveryId: delivery.id, attempt, ...aboutOf(delivery) },
            ...(await this.#send(
              endpoint.url,
              endpoints.secretsOf(endpoint, clock.now()),
              delivery,
              request,
            )),
            at: clock.now(),
          };
    if (cut.signal.aborted) return;
    begun.isTold = true;
    await this.#tell(endpointId, command);
  }

  /** Never rejects. */
  async #tell(endpointId: string, command: WebhookCommand): Promise<void> {
    const { log, logger } = this.#parts;
    const append = async () => void (await log.append([encodeWebhookCommand(endpointId, command)]));
    const appendLater = () =>
      this.#stopping.during((signal) =>
        retryUntil(append, {
          signal,
          onFailure: (error) =>
            logger.warn({ err: error, endpointId }, 'outcome of an attempt not appended; retrying'),
        }),
      );
    // While the service stops, it is tried once.
    await append()
      .catch(appendLater)
      .catch((error: unknown) => {
        // The next owner of the partition makes the attempt again.
        logger.warn(
          { err: error, endpointId },
          'outcome of an attempt not appended; the attempt is made again',
        );
      });
  }

  async #send(
    url: string,
    secrets: readonly string[],
    { id, body }: WebhookDeliveryState,
    request: Pick<PostOptions, 'signal' | 'connectBy'>,
  ) {
    const { rules, clock, metrics } = this.#parts;
    const startedAt = performance.now();
    const result =
      secrets.length === 0
        ? { answer: { status: null, body: '', error: 'secret_unreadable' satisfies WebhookError } }
        : await post({
            ...{ url, body, rules, ...request },
            headers: signedHeaders({ id, at: clock.now(), body }, secrets),
          });
    // Of what was given up nothing is told.
    if (request.signal?.aborted) return result;
    metrics.attempts.inc({ outcome: result.answer.error ?? 'delivered' });
    metrics.seconds.observe((performance.now() - startedAt) / 1000);
    return result;
  }
}

function aboutOf({ owner, subject, correlationId }: WebhookDeliveryState): Pick<WebhookAttempted, 'of'> {
  return correlationId === undefined ? {} : { of: { owner, subject, correlationId } };
}

/** Whether what the log says is newer than what this process is about to do. What was sent again has a higher order. */
function isAhead(known: WebhookDeliveryState, head: WebhookDeliveryState): boolean {
  if (known.order !== head.order) return known.order > head.order;
  return known.status !== 'waiting' || known.attempts > head.attempts;
}
