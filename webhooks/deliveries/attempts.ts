/**
 * Makes the attempts: at each endpoint one at a time, at the head of its line, when it is due. An endpoint that is slow or away holds up none of the others:
 * an attempt takes ten seconds at most, and 1,000 may be under way in a process. What came of it is a command; until that is folded, there is no next
 * attempt at the endpoint. A process that dies in between makes the same attempt again, under the same id.
 */
import type { WebhookCommand, WebhookDeliveryState } from '@tidings/contracts/webhooks.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Clock } from '@tidings/event-log/schedule/clock.ts';
import { DueTimer } from '@tidings/event-log/schedule/due-timer.ts';
import { pause, retryUntil } from '@tidings/failures/retry.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Endpoints } from '../endpoints/endpoints.ts';
import type { WebhookMetrics } from '../metrics.ts';
import type { AddressRules } from '../sending/addresses.ts';
import { post } from '../sending/post.ts';
import { signedHeaders } from '../sending/sign.ts';
import { encodeWebhookCommand } from './delivery-records.ts';
import type { DeliveryStates } from './delivery-states.ts';
import { type DeliveryLine, headOf } from './fold-deliveries.ts';

/** Attempts of a process that may be under way. */
const MAX_AT_ONCE = 1_000;
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

/** An attempt that was begun, and whose command was not folded yet. */
interface Begun {
  readonly deliveryId: string;
  readonly attempt: number;
}

export class Attempts {
  readonly #parts: AttemptsParts;
  /** By endpoint: what is to be tried. */
  readonly #heads = new Map<string, WebhookDeliveryState>();
  readonly #begun = new Map<string, Begun>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  /** Aborted when attempts under way are not waited for any longer. */
  readonly #cut = new AbortController();
  readonly #timer: DueTimer;

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
    this.#timer = new DueTimer({
      clock: parts.clock,
      tell: async (due) => {
        for (const { key } of due) await this.#begin(key);
      },
      onError: (error) => parts.logger.error({ err: error }, 'attempts at webhooks failed to begin'),
    });
  }

  /** To be called whenever a line may have changed. */
  consider(line: DeliveryLine): void {
    const { endpointId, disabledReason, nextAttemptAt } = line.state;
    const head = disabledReason === null ? headOf(line) : undefined;
    if (head === undefined) {
      this.forget(endpointId);
      return;
    }
    this.#heads.set(endpointId, head);
    const begun = this.#begun.get(endpointId);
    if (begun?.deliveryId === head.id && head.attempts < begun.attempt) return;
    this.#begun.delete(endpointId);
    this.#timer.put({ key: endpointId, dueAt: nextAttemptAt ?? 0, order: head.createdAt });
  }

  forget(endpointId: string): void {
    this.#heads.delete(endpointId);
    this.#timer.remove(endpointId);
  }

  /** Resolves once no attempt is under way. What came of them is on the log; those that take longer are cut off, and made again later. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const cutting = setTimeout(() => this.#cut.abort(), STOP_WAIT_MS);
    await this.#timer.stop();
    await Promise.all(this.#running);
    clearTimeout(cutting);
  }

  async #begin(endpointId: string): Promise<void> {
    const head = this.#heads.get(endpointId);
    if (head === undefined || this.#stopping.signal.aborted) return;
    while (this.#running.size >= MAX_AT_ONCE) await pause(FULL_PAUSE_MS);
    // Another instance may have the partition by now, and be far ahead: what is behind the log is not sent.
    const known = this.#parts.states.delivery(endpointId, head.id);
    if (known !== undefined && isAhead(known, head)) {
      this.forget(endpointId);
      return;
    }
    const attempt = head.attempts + 1;
    this.#begun.set(endpointId, { deliveryId: head.id, attempt });
    const running = this.#attempt(endpointId, head, attempt);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  async #attempt(endpointId: string, head: WebhookDeliveryState, attempt: number): Promise<void> {
    const { log, logger, endpoints, clock } = this.#parts;
    const endpoint = endpoints.get(endpointId);
    const command: WebhookCommand =
      endpoint === undefined
        ? { type: 'remove' }
        : {
            ...{ type: 'attempted', deliveryId: head.id, attempt },
            ...(await this.#send(endpoint.url, endpoints.secretsOf(endpoint, clock.now()), head)),
            at: clock.now(),
          };
    if (this.#cut.signal.aborted) return;
    const append = async () => void (await log.append([encodeWebhookCommand(endpointId, command)]));
    const appendLater = () =>
      retryUntil(append, {
        signal: this.#stopping.signal,
        onFailure: (error) =>
          logger.warn({ err: error, endpointId }, 'what came of an attempt waits for the log'),
      });
    // While the service stops, it is tried once.
    await append()
      .catch(appendLater)
      .catch((error: unknown) => {
        // The next owner of the partition makes the attempt again.
        logger.warn({ err: error, endpointId }, 'what came of an attempt is not on the log');
      });
  }

  async #send(url: string, secrets: readonly string[], { id, body }: WebhookDeliveryState) {
    const { rules, clock, metrics } = this.#parts;
    const startedAt = performance.now();
    const result =
      secrets.length === 0
        ? { answer: { status: null, body: '', error: 'secret_unreadable' } }
        : await post({
            url,
            body,
            rules,
            signal: this.#cut.signal,
            headers: signedHeaders({ id, at: clock.now(), body }, secrets),
          });
    metrics.attempts.inc({ outcome: result.answer.error ?? 'delivered' });
    metrics.seconds.observe((performance.now() - startedAt) / 1000);
    return result;
  }
}

/** Whether what the log says is newer than what this process is about to do. What was sent again has a higher order. */
function isAhead(known: WebhookDeliveryState, head: WebhookDeliveryState): boolean {
  if (known.order !== head.order) return known.order > head.order;
  return known.status !== 'waiting' || known.attempts > head.attempts;
}
