/** A publisher that counts what it sent: to each channel 1, 2, 3 … until the history keeps no more. */
import { setTimeout as pause } from 'node:timers/promises';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';

/** Below the 256 that the history keeps, so that a snapshot must hold everything. */
const MOST_PER_CHANNEL = 250;
/** A batch in 100 ms: about 100 notifications a second. */
const BATCH = 10;
const BETWEEN_BATCHES_MS = 100;

export class Publisher {
  readonly #log: EventLog;
  readonly #random: () => number;
  readonly #sent: Map<string, number>;
  #total = 0;
  #isStopped = false;
  #running: Promise<void> | null = null;

  /** @param log gets the records; a failed append ends the run */
  constructor(log: EventLog, channelIds: readonly string[], random: () => number) {
    this.#log = log;
    this.#random = random;
    this.#sent = new Map(channelIds.map((channelId) => [channelId, 0]));
  }

  get total(): number {
    return this.#total;
  }

  sentTo(channelId: string): number {
    return this.#sent.get(channelId) ?? 0;
  }

  start(): void {
    this.#running = this.#publish();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  /** Resolves when so many more notifications are sent, or all channels are full. */
  async more(count: number): Promise<void> {
    const wanted = this.#total + count;
    while (this.#total < wanted && this.#open().length > 0) await pause(BETWEEN_BATCHES_MS);
  }

  #open(): string[] {
    return [...this.#sent].flatMap(([channelId, sent]) => (sent < MOST_PER_CHANNEL ? [channelId] : []));
  }

  async #publish(): Promise<void> {
    while (!this.#isStopped) {
      const open = this.#open();
      if (open.length > 0) await this.#sendBatch(open);
      await pause(BETWEEN_BATCHES_MS);
    }
  }

  /** To several channels, and several in a row to one of them. */
  async #sendBatch(open: readonly string[]): Promise<void> {
    const records = Array.from({ length: BATCH }, () => {
      const channelId = open[Math.floor(this.#random() ** 2 * open.length)] ?? '';
      const data = this.sentTo(channelId) + 1;
      this.#sent.set(channelId, data);
      const value = encodeEvent(createEvent({ type: 'count.next', subject: 'count', data }));
      return { topic: topics.notifications, key: channelId, value };
    });
    await this.#log.append(records);
    this.#total += records.length;
  }
}
