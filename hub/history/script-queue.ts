/**
 * Gathers what is to be done by one kind of script, so that one call of Redis does it for many channels. What is added in one turn of the event
 * loop, or while scripts are under way, goes into the next call.
 *
 * Where a script fails, all that was added behind it fails too. Where the order counts, one script is under way at a time. Of two the first alone
 * could fail: its records would then come again below the highest offset appended, and be lost.
 */
interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export interface ScriptQueueOptions<Item, Outcome> {
  /** Items of one script, at most. */
  readonly largest: number;
  /** Scripts under way, at most. */
  readonly atOnce: number;
  /** Gathers what is added in the whole turn of the loop, of all connections; default: until the next microtask. */
  readonly wholeTurn?: boolean;
  /** Resolves with the outcome of each item, in their order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Outcome[]>;
}

export class ScriptQueue<Item, Outcome> {
  readonly #options: ScriptQueueOptions<Item, Outcome>;
  #waiting: Waiting<Item, Outcome>[] = [];
  #running = 0;
  #isScheduled = false;

  constructor(options: ScriptQueueOptions<Item, Outcome>) {
    this.#options = options;
  }

  add(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      const schedule = this.#options.wholeTurn ? setImmediate : queueMicrotask;
      schedule(() => {
        this.#isScheduled = false;
        this.#runNext();
      });
    });
  }

  #runNext(): void {
    const { atOnce, largest } = this.#options;
    while (this.#running < atOnce && this.#waiting.length > 0)
      void this.#run(this.#waiting.splice(0, largest));
  }

  async #run(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    this.#running += 1;
    try {
      const outcomes = await this.#options.run(batch.map(({ item }) => item));
      // Each item has its outcome.
      for (const [index, outcome] of outcomes.entries()) batch[index]?.resolve(outcome);
    } catch (error) {
      for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(error);
    }
    this.#running -= 1;
    this.#runNext();
  }
}
