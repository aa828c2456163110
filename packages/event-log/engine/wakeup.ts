/** Lets one loop wait for something to do. A wake-up between two waits is not lost. */
export class Wakeup {
  private woken = false;
  private resume: (() => void) | null = null;

  readonly wake = (): void => {
    this.woken = true;
    this.resume?.();
  };

  /** Resolves at the next `wake`, or after the time (milliseconds) if one is given. */
  async wait(timeoutMs?: number): Promise<void> {
    if (!this.woken) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.resume = resolve;
        if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
      });
      clearTimeout(timer);
      this.resume = null;
    }
    this.woken = false;
  }

  /** Resolves after the time (milliseconds), whatever else wakes the loop; earlier only when a wake-up finds `isOver` true. */
  async waitUnless(isOver: () => boolean, timeoutMs: number): Promise<void> {
    const end = performance.now() + timeoutMs;
    for (let left = timeoutMs; left > 0 && !isOver(); left = end - performance.now()) await this.wait(left);
  }
}
