/** Work that comes again and again beside the requests. */

export interface Repetition {
  /** Resolves once the work that runs has ended; no other one begins. */
  stop(): Promise<void>;
}

/**
 * Begins the work at each interval, unless it runs still. It keeps no process alive.
 * @param onError hears what the work rejects with; the next one begins at the next interval
 */
export function repeatedly(
  everyMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Repetition {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= work()
      .catch(onError)
      .finally(() => {
        running = null;
      });
  }, everyMs).unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
