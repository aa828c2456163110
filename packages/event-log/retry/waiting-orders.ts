import { type ControlRecord, decodeControl } from '../control/control-records.ts';
import { type EventLog, isLogOver, type LogRecord } from '../event-log.ts';
import { TopicReading } from '../topic-reading.ts';
import { deadLetterId, decodeRetry, type RecordOrigin } from './retry-headers.ts';

export interface WaitingOrdersOptions {
  readonly controlTopic: string;
  /** The group that consumes the origins. */
  readonly group: string;
  /** Milliseconds between two looks for orders while a record waits; default 500. */
  readonly lookMs?: number;
}

const DEFAULT_LOOK_MS = 500;
/** Orders that are remembered, at most: the newest. About 500 bytes each. */
const MAX_ORDERS = 1_000;

/** What people have ordered about records that wait for a further attempt. */
export class WaitingOrders {
  readonly #lookMs: number;
  readonly #reading: TopicReading;
  /** By `waitKey`, oldest first. */
  readonly #orders = new Map<string, ControlRecord>();
  /** What to abort at the next order, and when it is of no use any more (performance.now). */
  readonly #watches = new Map<AbortController, number>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(log: EventLog, { controlTopic, group, lookMs = DEFAULT_LOOK_MS }: WaitingOrdersOptions) {
    this.#lookMs = lookMs;
    this.#reading = new TopicReading(log, controlTopic, (record) => {
      const order = decodeControl(record);
      if (order?.target.kind === 'waiting_record' && order.target.group === group) this.#takeIn(order);
    });
  }

  /** Resolves when the orders are those of now. */
  refresh(): Promise<void> {
    return this.#reading.refresh();
  }

  /** The newest order about this wait of a record of a retry topic, as of the last `refresh`. */
  about(record: LogRecord): ControlRecord | undefined {
    if (this.#orders.size === 0) return undefined;
    const failed = decodeRetry(record)?.failed;
    return failed && this.#orders.get(waitKey(failed.origin, failed.attempts));
  }

  /** Oldest first. @param after offset of an order */
  since(after: number): ControlRecord[] {
    return [...this.#orders.values()].filter(({ offset }) => offset > after);
  }

  /** A signal that the next order ends. It looks for orders as long as the time lasts. */
  watch(milliseconds: number): AbortSignal {
    const controller = new AbortController();
    this.#watches.set(controller, performance.now() + milliseconds);
    this.#lookLater();
    return controller.signal;
  }

  /** Looks for orders no more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#watches.clear();
  }

  #takeIn(order: ControlRecord): void {
    const { target } = order;
    const key = waitKey(target, target.attempts ?? 0);
    // So that the newest is the last one.
    this.#orders.delete(key);
    this.#orders.set(key, order);
    const [oldest] = this.#orders.keys();
    if (this.#orders.size > MAX_ORDERS && oldest !== undefined) this.#orders.delete(oldest);
    for (const controller of this.#watches.keys()) controller.abort();
    this.#watches.clear();
  }

  #lookLater(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    this.#timer = setTimeout(() => this.#look(), this.#lookMs).unref();
  }

  /** Never rejects: where the log is away, the next look finds the order; where it is closed, nobody waits any more. */
  async #look(): Promise<void> {
    await this.#reading.refresh().catch((error) => isLogOver(error) && this.stop());
    const now = performance.now();
    for (const [controller, end] of this.#watches) if (end <= now) this.#watches.delete(controller);
    this.#timer = undefined;
    if (this.#watches.size > 0) this.#lookLater();
  }
}

function waitKey(origin: RecordOrigin, attempts: number): string {
  return `${deadLetterId(origin)}/${attempts}`;
}
