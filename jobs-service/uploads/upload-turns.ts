/**
 * Long uploads give way to short ones of the same process: splitting a long file keeps its thread busy for seconds, and each step of a short
 * import would wait for it. A long upload goes on all the same, a chunk after each pause, which is faster than importers are.
 */

/** Milliseconds for which a chunk of a long upload waits for short imports, at most. */
export const GIVES_WAY_MS = 25;

export class UploadTurns {
  #shortOnes = 0;
  readonly #waiting = new Set<() => void>();

  /** A short import begins. Call what it returns, once, when it has ended. */
  beginShort(): () => void {
    this.#shortOnes += 1;
    return () => {
      this.#shortOnes -= 1;
      if (this.#shortOnes === 0) for (const goOn of [...this.#waiting]) goOn();
    };
  }

  /** Resolves at once where no short import is in hand, else when none is, or after `GIVES_WAY_MS`. */
  async giveWay(): Promise<void> {
    if (this.#shortOnes === 0) return;
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
