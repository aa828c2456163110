/** `Once` in the memory of one process. A restart forgets every key. */
import { type Begun, type Once, RUNNING_MS } from './once.ts';

/** Keys, at most; 0.3 KB each. */
const MAX_KEYS = 100_000;
/** The share of the keys that is kept when there are too many. Many go at once, because finding the expired keys takes time. */
const KEPT_SHARE = 0.9;

interface Known {
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly runningUntil: number;
  readonly isDone: boolean;
}

export interface MemoryOnceOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Default 100,000. */
  readonly maxKeys?: number;
}

export class MemoryOnce implements Once {
  readonly #now: () => number;
  readonly #maxKeys: number;
  /** The key that was begun longest ago comes first. */
  readonly #known = new Map<string, Known>();

  constructor({ now = Date.now, maxKeys = MAX_KEYS }: MemoryOnceOptions = {}) {
    this.#now = now;
    this.#maxKeys = maxKeys;
  }

  async begin(key: string, digest: string, ttlMs: number): Promise<Begun> {
    const now = this.#now();
    const known = this.#find(key);
    if (known !== undefined) {
      if (known.digest !== digest) return 'other';
      if (known.isDone) return 'done';
      if (known.runningUntil > now) return 'running';
    }
    const expiresAt = known?.expiresAt ?? now + ttlMs;
    this.#known.set(key, { digest, expiresAt, runningUntil: now + RUNNING_MS, isDone: false });
    this.#keepWithinBounds();
    return 'new';
  }

  async finish(key: string): Promise<void> {
    const known = this.#find(key);
    if (known !== undefined) this.#known.set(key, { ...known, isDone: true });
  }

  async forget(key: string): Promise<void> {
    this.#known.delete(key);
  }

  #find(key: string): Known | undefined {
    const known = this.#known.get(key);
    if (known === undefined || known.expiresAt > this.#now()) return known;
    this.#known.delete(key);
    return undefined;
  }

  /** Forgets expired keys first, and then the keys that were begun longest ago. */
  #keepWithinBounds(): void {
    if (this.#known.size <= this.#maxKeys) return;
    const now = this.#now();
    for (const [key, { expiresAt }] of this.#known) if (expiresAt <= now) this.#known.delete(key);
    for (const key of this.#known.keys()) {
      if (this.#known.size <= this.#maxKeys * KEPT_SHARE) break;
      this.#known.delete(key);
    }
  }
}
