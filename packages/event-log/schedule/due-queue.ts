/** What is due, and when: the first one in constant time, a change in logarithmic time. An entry takes some 200 bytes. */

export interface DueEntry {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  /** Of entries that are due at the same time, the lower one is first. */
  readonly order: number;
}

/** Entries that were replaced stay in the heap until their turn, or until they are this many more than the others. */
const MAX_REPLACED = 1_000;

export class DueQueue {
  readonly #current = new Map<string, DueEntry>();
  /** A binary heap; some of its entries were replaced. */
  #heap: DueEntry[] = [];

  get size(): number {
    return this.#current.size;
  }

  /** The key's former entry is replaced. */
  put(entry: DueEntry): void {
    this.#current.set(entry.key, entry);
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    if (this.#heap.length > 2 * this.#current.size + MAX_REPLACED) this.#rebuild();
  }

  remove(key: string): void {
    this.#current.delete(key);
  }

  /** Removes the entry unless another one has replaced it. */
  settle(entry: DueEntry): void {
    if (this.#current.get(entry.key) === entry) this.#current.delete(entry.key);
  }

  /** The first entry; undefined where there is none. */
  first(): DueEntry | undefined {
    for (;;) {
      const [first] = this.#heap;
      if (first === undefined || this.#current.get(first.key) === first) return first;
      this.#pop();
    }
  }

  /** Takes the entries out of the order that are due by a time, the first one first. They stay until `settle` or `putBack`. */
  takeDue(now: number, most: number): DueEntry[] {
    const due: DueEntry[] = [];
    for (let entry = this.first(); entry !== undefined && entry.dueAt <= now; entry = this.first()) {
      if (due.length === most) break;
      this.#pop();
      due.push(entry);
    }
    return due;
  }

  /** For entries that were taken, and are still to come. */
  putBack(entries: readonly DueEntry[]): void {
    for (const entry of entries) if (this.#current.get(entry.key) === entry) this.put(entry);
  }

  #rebuild(): void {
    this.#heap = [...this.#current.values()].sort((one, other) => (isBefore(one, other) ? -1 : 1));
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(place: number): void {
    for (let child = place; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfBefore(child, parent)) return;
      child = parent;
    }
  }

  #sink(place: number): void {
    for (let parent = place; ; ) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      const [one, other] = [this.#heap[left], this.#heap[right]];
      if (one === undefined) return;
      const child = other !== undefined && isBefore(other, one) ? right : left;
      if (!this.#swapIfBefore(child, parent)) return;
      parent = child;
    }
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const [lower, upper] = [this.#heap[child], this.#heap[parent]];
    if (lower === undefined || upper === undefined || !isBefore(lower, upper)) return false;
    this.#heap[child] = upper;
    this.#heap[parent] = lower;
    return true;
  }
}

function isBefore(one: DueEntry, other: DueEntry): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order);
}
