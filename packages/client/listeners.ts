/** Removes the listener for which it was returned. */
export type Unsubscribe = () => void;

/** Listeners of one kind, called in the order in which they were added. */
export class Listeners<Arguments extends readonly unknown[]> {
  readonly #listeners = new Set<(...values: Arguments) => void>();

  add(listener: (...values: Arguments) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  call(...values: Arguments): void {
    for (const listener of this.#listeners) listener(...values);
  }
}
