/** Faults that follow each other at random, as the seed says. The faults of one line never overlap; several lines run at once. */
import { pause } from '@tidings/failures/retry.ts';
import { between, type Random, weighted } from '../choices.ts';

/**
 * `SIGKILL`: a process is killed, and started again after a time. `restart`: it is asked to stop, and started again. `SIGSTOP`: it
 * stands still. `cut`: a network refuses. `stall`: a network lets nothing pass. `loss`: the log loses the chunks that wait.
 */
export const faultKinds = ['SIGKILL', 'restart', 'SIGSTOP', 'cut', 'stall', 'loss'] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** What it happens to, in words. */
  readonly target: string;
  /** How often it comes, in relation to the others of its line. */
  readonly weight: number;
  /** Milliseconds that it lasts, at most. */
  readonly longestMs: number;
  begin(): void | Promise<void>;
  /** Undoes it; resolves when its target works again. */
  end(): void | Promise<void>;
}

export interface FaultLine {
  readonly faults: readonly Fault[];
  /** Milliseconds between the end of one fault and the next, from and to. */
  readonly quietMs: readonly [number, number];
}

export interface FaultEvent {
  readonly fault: Fault;
  readonly what: 'begins' | 'ended';
  /** Milliseconds that the fault is to last. */
  readonly lastsMs: number;
}

/** Resolves when the last fault of the line has ended, once it is told to stop. */
export async function runFaults(
  { faults, quietMs }: FaultLine,
  random: Random,
  stopping: AbortSignal,
  onEvent: (event: FaultEvent) => void,
): Promise<void> {
  for (;;) {
    if (!(await wait(between(random, ...quietMs), stopping))) return;
    const fault = weighted(
      random,
      faults.map((each) => [each, each.weight] as const),
    );
    const lastsMs = between(random, 100, fault.longestMs);
    onEvent({ fault, what: 'begins', lastsMs });
    await fault.begin();
    await wait(lastsMs, stopping);
    await fault.end();
    onEvent({ fault, what: 'ended', lastsMs });
  }
}

/** @returns false where it was told to stop */
async function wait(milliseconds: number, stopping: AbortSignal): Promise<boolean> {
  await pause(milliseconds, stopping).catch(() => undefined);
  return !stopping.aborted;
}
