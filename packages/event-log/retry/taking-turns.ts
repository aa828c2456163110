interface Waiting {
  readonly alone: boolean;
  enter(leave: () => void): void;
}

/** Lets many in together, and one alone where it asks for that, in the order in which they ask. */
export class TakingTurns {
  readonly #waiting: Waiting[] = [];
  #inside = 0;
  #isOneAlone = false;

  /** Resolves with what leaves. */
  enter(alone: boolean): Promise<() => void> {
    return new Promise((enter) => {
      this.#waiting.push({ alone, enter });
      this.#letIn();
    });
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#isOneAlone || (next.alone && this.#inside > 0)) return;
      this.#waiting.shift();
      this.#inside += 1;
      this.#isOneAlone = next.alone;
      next.enter(() => this.#leave());
    }
  }

  #leave(): void {
    this.#inside -= 1;
    this.#isOneAlone = false;
    this.#letIn();
  }
}
