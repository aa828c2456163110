/** The signals that stop a service. A supervisor may signal the process and its whole group, so the same order can come twice. */

export const stopSignals = ['SIGTERM', 'SIGINT'] as const;
/** Milliseconds after the first signal in which another one is the same order. */
const SAME_ORDER_MS = 1_000;

export interface StopOrders {
  readonly on: (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void) => unknown;
}

/**
 * @param stop called at the first signal
 * @param hurry called at every signal that comes a second later, or after that: whoever sends it will not wait
 */
export function onStopSignal(
  source: StopOrders,
  {
    stop,
    hurry,
    now = () => performance.now(),
  }: {
    readonly stop: () => void;
    readonly hurry: (signal: NodeJS.Signals) => void;
    /** Milliseconds from any moment on. */
    readonly now?: () => number;
  },
): void {
  let firstAt: number | null = null;
  const receive = (signal: NodeJS.Signals) => {
    if (firstAt === null) {
      firstAt = now();
      stop();
    } else if (now() - firstAt >= SAME_ORDER_MS) hurry(signal);
  };
  for (const signal of stopSignals) source.on(signal, receive);
}
