import type { BatchSpan, EventLog, LogRecord } from '../event-log.ts';
import type { PartitionAttempts } from './partition-attempts.ts';
import type { WaitingOrders } from './waiting-orders.ts';

/** Obeys orders about records of a retry topic that wait behind others. */
export class OrdersAhead {
  readonly #log: EventLog;
  readonly #orders: WaitingOrders;
  /** By partition: the newest order whose record was looked for. */
  readonly #seen = new Map<string, number>();

  constructor(log: EventLog, orders: WaitingOrders) {
    this.#log = log;
    this.#orders = orders;
  }

  /**
   * Works off every record of the partition about which there is an order that was not looked for yet. It reads what waits there once, a
   * batch at a time, for all of them.
   * @param head the first record of the partition, which waits
   */
  async obey(head: LogRecord, span: BatchSpan, owned: PartitionAttempts): Promise<void> {
    const key = `${head.topic}/${head.partition}`;
    const seen = span.first ? -1 : (this.#seen.get(key) ?? -1);
    const orders = this.#orders.since(seen);
    const newest = orders.at(-1)?.offset;
    if (newest === undefined || (await this.#workThrough(head, span, owned)))
      this.#seen.set(key, newest ?? seen);
  }

  /** Resolves with false where an order has to wait. */
  async #workThrough(head: LogRecord, span: BatchSpan, owned: PartitionAttempts): Promise<boolean> {
    const { topic, partition } = head;
    const offsets: number[] = [];
    offsets[partition] = head.offset + 1;
    const reading = this.#log.read({ topic, partitions: [partition], from: { offsets }, follow: false });
    for await (const records of reading) {
      for (const record of records) {
        if (this.#orders.about(record) === undefined) continue;
        if (!(await owned.handleAhead(record, span))) return false;
      }
    }
    return true;
  }
}
