/**
 * What becomes of the deliveries of one endpoint, command by command; the fold reads no clock. The deliveries stand in one line. The first one that waits is
 * the head: it alone is tried, again and again with growing pauses, and those behind it wait. A delivery is given up where an attempt fails three days after
 * the delivery was added, or sent again. All others in the line that are as old are given up with it: the endpoint was tried as long for them.
 */
import {
  MAX_FINISHED_DELIVERIES,
  MAX_WAITING_DELIVERIES,
  type WebhookAttempted,
  type WebhookCommand,
  type WebhookDeliveryState,
  type WebhookEndpointState,
  type WebhookError,
} from '@tidings/contracts/owners/webhooks.ts';
import { pauseAfter } from '@tidings/failures/retry.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Between attempts at one endpoint. */
const pauses = { firstMs: 1_000, longestMs: 6 * HOUR_MS };
/** Milliseconds after which a failure is the last one. */
export const GIVE_UP_AFTER_MS = 72 * HOUR_MS;

/** Why an endpoint is disabled: it has answered 410. */
export const GONE = 'gone' satisfies WebhookError;
const DISABLED = 'endpoint_disabled' satisfies WebhookError;
const FULL = 'queue_full' satisfies WebhookError;

/** The deliveries of one endpoint. */
export interface DeliveryLine {
  readonly state: WebhookEndpointState;
  /** By id. */
  readonly deliveries: ReadonlyMap<string, WebhookDeliveryState>;
}

export interface FoldedLine {
  readonly line: DeliveryLine;
  /** Ids of deliveries that have changed or are new. */
  readonly changed: ReadonlySet<string>;
  /** Ids of deliveries that are forgotten. */
  readonly removed: readonly string[];
}

export interface CommandPlace {
  readonly endpointId: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970, by the log's clock. */
  readonly timestamp: number;
}

export function emptyLine({
  endpointId,
  partition,
}: Pick<CommandPlace, 'endpointId' | 'partition'>): DeliveryLine {
  return {
    state: { endpointId, partition, disabledReason: null, failures: 0, nextAttemptAt: null },
    deliveries: new Map(),
  };
}

/** The delivery that is tried next; undefined where none waits. */
export function headOf({ deliveries }: DeliveryLine): WebhookDeliveryState | undefined {
  let head: WebhookDeliveryState | undefined;
  for (const delivery of deliveries.values())
    if (delivery.status === 'waiting' && delivery.order < (head?.order ?? Number.POSITIVE_INFINITY))
      head = delivery;
  return head;
}

/** The line is handed on, and its map changes. @returns null where the endpoint and all of its deliveries are gone */
export function foldDeliveries(
  line: DeliveryLine,
  command: WebhookCommand,
  place: CommandPlace,
): FoldedLine | null {
  const folding = new Folding(line);
  switch (command.type) {
    case 'add':
      folding.add(command, place);
      break;
    case 'attempted':
      folding.attempted(command);
      break;
    case 'skip':
      folding.skip(command.deliveryId);
      break;
    case 'resend':
      folding.resend(command.deliveryId, place);
      break;
    case 'unblock':
      folding.tryAtOnce();
      break;
    case 'remove':
      return null;
  }
  return folding.finish();
}

type Added = Extract<WebhookCommand, { type: 'add' }>;

class Folding {
  readonly #deliveries: Map<string, WebhookDeliveryState>;
  #state: WebhookEndpointState;
  readonly #changed = new Set<string>();

  constructor({ state, deliveries }: DeliveryLine) {
    this.#state = state;
    // The map is handed on: a line is folded by one processor, which holds no other copy.
    this.#deliveries = deliveries as Map<string, WebhookDeliveryState>;
  }

  add({ delivery, because }: Added, { endpointId, offset, timestamp }: CommandPlace): void {
    if (this.#deliveries.has(delivery.id)) return;
    const { disabledReason } = this.#state;
    const waiting = countWaiting(this.#deliveries);
    const error = disabledReason !== null ? DISABLED : waiting >= MAX_WAITING_DELIVERIES ? FULL : null;
    this.#put({
      ...{ ...delivery, endpointId, order: offset, since: timestamp, createdAt: timestamp },
      ...(because === undefined ? {} : { correlationId: because.correlationId }),
      status: error === null ? 'waiting' : 'dead',
      ...{ attempts: 0, lastAttemptAt: null },
      lastAnswer: error === null ? null : { status: null, body: '', error },
    });
  }

  attempted({ deliveryId, attempt, at, answer, retryAfterMs = 0 }: WebhookAttempted): void {
    const head = headOf({ state: this.#state, deliveries: this.#deliveries });
    // What another instance has tried as well counts once.
    if (head?.id !== deliveryId || head.attempts !== attempt - 1) return;
    const tried = { ...head, attempts: attempt, lastAttemptAt: at, lastAnswer: answer };
    if (answer.error === null) {
      this.#put({ ...tried, status: 'delivered' });
      this.tryAtOnce();
      return;
    }
    if (answer.status === 410) {
      this.#put({ ...tried, status: 'dead' });
      this.#disable();
      return;
    }
    this.#put(tried);
    this.#giveUp(at - GIVE_UP_AFTER_MS, answer.error);
    const failures = this.#state.failures + 1;
    const pauseMs = Math.max(pauseAfter(failures, pauses), Math.min(retryAfterMs, pauses.longestMs));
    this.#state = { ...this.#state, failures, nextAttemptAt: at + pauseMs };
  }

  skip(deliveryId: string): void {
    const delivery = this.#deliveries.get(deliveryId);
    if (delivery?.status !== 'waiting') return;
    const isHead = headOf({ state: this.#state, deliveries: this.#deliveries })?.id === deliveryId;
    this.#put({ ...delivery, status: 'skipped' });
    // The next one may be what the endpoint takes.
    if (isHead) this.#state = { ...this.#state, failures: 0, nextAttemptAt: null };
  }

  resend(deliveryId: string, { offset, timestamp }: CommandPlace): void {
    const delivery = this.#deliveries.get(deliveryId);
    if (delivery === undefined || delivery.status === 'waiting' || this.#state.disabledReason !== null)
      return;
    this.#put({ ...delivery, status: 'waiting', order: offset, since: timestamp });
  }

  tryAtOnce(): void {
    this.#state = { ...this.#state, disabledReason: null, failures: 0, nextAttemptAt: null };
  }

  finish(): FoldedLine {
    const removed = this.#forgetOldest();
    for (const id of removed) this.#changed.delete(id);
    return { line: { state: this.#state, deliveries: this.#deliveries }, changed: this.#changed, removed };
  }

  #disable(): void {
    const answer = { status: null, body: '', error: DISABLED };
    for (const delivery of this.#deliveries.values())
      if (delivery.status === 'waiting') this.#put({ ...delivery, status: 'dead', lastAnswer: answer });
    this.#state = { ...this.#state, disabledReason: GONE, failures: 0, nextAttemptAt: null };
  }

  /** @param before milliseconds since 1970 */
  #giveUp(before: number, error: string): void {
    for (const delivery of this.#deliveries.values()) {
      if (delivery.status !== 'waiting' || delivery.since > before) continue;
      const lastAnswer = delivery.lastAnswer ?? { status: null, body: '', error };
      this.#put({ ...delivery, status: 'dead', lastAnswer });
    }
  }

  #forgetOldest(): string[] {
    const surplus = this.#deliveries.size - countWaiting(this.#deliveries) - MAX_FINISHED_DELIVERIES;
    if (surplus <= 0) return [];
    const finished = [...this.#deliveries.values()].filter(({ status }) => status !== 'waiting');
    finished.sort((one, other) => one.order - other.order);
    const removed = finished.slice(0, surplus).map(({ id }) => id);
    for (const id of removed) this.#deliveries.delete(id);
    return removed;
  }

  #put(delivery: WebhookDeliveryState): void {
    this.#deliveries.set(delivery.id, delivery);
    this.#changed.add(delivery.id);
  }
}

function countWaiting(deliveries: ReadonlyMap<string, WebhookDeliveryState>): number {
  let waiting = 0;
  for (const { status } of deliveries.values()) if (status === 'waiting') waiting += 1;
  return waiting;
}
