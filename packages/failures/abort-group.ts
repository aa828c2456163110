/**
 * Ends many pieces of work at once, each by a signal of its own. A signal that they shared would compare every new listener with all
 * before it, and Node.js takes the eleventh for a leak.
 */
export class AbortGroup {
  readonly #controllers = new Set<AbortController>();
  #isAborted = false;

  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** Resolves or rejects as the work does. @param work gets a signal that is aborted with the group, also where that has happened before */
  async during<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const controller = new AbortController();
    if (this.#isAborted) controller.abort();
    this.#controllers.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#controllers.delete(controller);
    }
  }

  /** Safe to call twice. */
  abort(): void {
    this.#isAborted = true;
    for (const controller of this.#controllers) controller.abort();
  }
}
