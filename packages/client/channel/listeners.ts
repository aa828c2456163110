/** Removes the listener for which it was returned. */
export type Unsubscribe = () => void;

/** Tells an error of the caller's own code as a rejection that nobody handles, and stops nothing that the library is about to do. */
export function tellUnhandled(error: unknown): void {
  void Promise.reject(error);
}

/** Listeners of one kind, called in the order in which they were added, also behind one that throws. */
export class Listeners<Arguments extends readonly unknown[]> {
  readonly #listeners = new Set<(...values: Arguments) => void>();

  add(listener: (...values: Arguments) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Returns whether all of them have returned. */
  call(...values: Arguments): boolean {
    // Not `callEach` of packages/failures: its chunk would take the package beyond its 6 KB.
    let haveReturned = true;
    for (const listener of this.#listeners)
      try {
        listener(...values);
      } catch (error) {
        haveReturned = false;
        tellUnhandled(error);
      }
    return haveReturned;
  }
}
