/**
 * Long uploads give way to short ones of the same process: splitting a long file keeps its thread busy for seconds, and each step of a short
 * import would wait for it. A long upload goes on all the same, a chunk after each pause, which is faster than importers are.
 */

/** Milliseconds for which a chunk of a long upload waits for short imports, at most. */
export const GIVES_WAY_MS = 25;

/** Milliseconds for which a short import counts, at most: one that comes slowly, or waits for the log, keeps no long one back. */
export const SHORT_FOR_MS = 3_000;

export class UploadTurns {
  /** When each counts no more. */
  readonly #shortOnes = new Set<NodeJS.Timeout>();
  readonly #waiting = new Set<() => void>();

  /** A short import begins, and counts for `SHORT_FOR_MS` at most. Call what it returns when it has ended. */
  beginShort(): () => void {
    const end = () => {
      clearTimeout(lapse);
      this.#shortOnes.delete(lapse);
      if (this.#shortOnes.size === 0) for (const goOn of [...this.#waiting]) goOn();
    };
    const lapse = setTimeout(end, SHORT_FOR_MS).unref();
    this.#shortOnes.add(lapse);
    return end;
  }

  /** Resolves at once where no short import is in hand, else when none is, or after `GIVES_WAY_MS`. */
  async giveWay(): Promise<void> {
    if (this.#shortOnes.size === 0) return;
    await new Promise<void>((resolve) => {
      const goOn = () => {
        clearTimeout(timer);
        this.#waiting.delete(goOn);
        resolve();
      };
      const timer = setTimeout(goOn, GIVES_WAY_MS);
      this.#waiting.add(goOn);
    });
  }
}
