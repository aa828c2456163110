/**
 * Gathers what is to be done by one kind of script, so that one call of Redis does it for many channels: what is added in one turn, or
 * while a script is under way, goes in the next one.
 *
 * One script is under way at a time, and with a script fails all that was added behind it. Of two under way the first alone could
 * fail: its records, delivered again, would then stand below the highest offset appended, and be lost.
 */
interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export class ScriptQueue<Item, Outcome> {
  readonly #largest: number;
  readonly #run: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  #waiting: Waiting<Item, Outcome>[] = [];
  #isRunning = false;

  /**
   * @param largest items of one script
   * @param run resolves with the outcome of each item, in their order
   */
  constructor(largest: number, run: (items: readonly Item[]) => Promise<readonly Outcome[]>) {
    this.#largest = largest;
    this.#run = run;
  }

  add(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      queueMicrotask(() => void this.#runAll());
    });
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#largest);
      try {
        const outcomes = await this.#run(batch.map(({ item }) => item));
        // Each item has its outcome.
        for (const [index, outcome] of outcomes.entries()) batch[index]?.resolve(outcome);
      } catch (error) {
        for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(error);
      }
    }
    this.#isRunning = false;
  }
}
