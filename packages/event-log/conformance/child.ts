/**
 * The process that is killed: it appends numbered records to a topic, one call after the other on each of four lanes, says
 * which were acknowledged, and meanwhile copies them to another topic by `process`.
 */
import { writeSync } from 'node:fs';
import type { EventLog, NewRecord } from '../event-log.ts';
import { copier } from './copier.ts';

export interface ChildOrders {
  /** For the engine's own `open`. */
  readonly settings: unknown;
  readonly input: string;
  readonly output: string;
  readonly group: string;
  /** The first number to append. */
  readonly first: number;
  /** Dies at this step, when it has come this often; null: works on until it is killed. */
  readonly dieAt: { readonly step: string; readonly occurrence: number } | null;
}

/** For the program of an engine: `open` opens the log, and calls `onCrashPoint` at each step that it names. */
export async function runChild(
  open: (settings: unknown, onCrashPoint: (step: string) => void) => Promise<EventLog>,
): Promise<void> {
  const orders: ChildOrders = JSON.parse(process.argv[2] ?? '{}');
  const log = await open(orders.settings, dyingAt(orders));
  await log.process({
    group: orders.group,
    topics: [orders.input],
    maxBatchRecords: 20,
    commitIntervalMs: 5,
    createProcessor: () => copier(orders.output, false),
  });
  let next = orders.first;
  const lane = async (): Promise<never> => {
    for (;;) {
      const number = next++;
      await log.append([numberedRecord(orders.input, number)]);
      // Written at once: what the parent has read is what was acknowledged.
      writeSync(1, `${number}\n`);
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}

function dyingAt({ dieAt }: ChildOrders): (step: string) => void {
  let left = dieAt?.occurrence ?? 0;
  return (step) => {
    if (step !== dieAt?.step) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

/** Every third one is large. */
function numberedRecord(topic: string, number: number): NewRecord {
  const value = Buffer.alloc(number % 3 === 0 ? 5_000 : 8, ' ');
  value.write(String(number));
  return { topic, key: `key-${number % 20}`, value };
}
