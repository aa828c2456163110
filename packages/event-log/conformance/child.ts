/**
 * The process that a test kills. To copy, it appends numbered records to a topic in four sequences of calls, prints the
 * acknowledged numbers, and copies the records to another topic by `process`. To retry, it consumes them with retries (`retrying/child.ts`).
 * To request, it sends requests and serves them (`requesting/child.ts`).
 */
import { writeSync } from 'node:fs';
import type { EventLog, NewRecord } from '../event-log.ts';
import type { ChildOrders } from './children/child-orders.ts';
import { copier } from './copier.ts';
import { requestAndServe } from './requesting/child.ts';
import { consumeRetrying } from './retrying/child.ts';

/** Called by the program of an engine: `open` opens the log, and calls `onCrashPoint` at each crash point. */
export async function runChild(
  open: (settings: unknown, onCrashPoint: (step: string) => void) => Promise<EventLog>,
): Promise<void> {
  const orders: ChildOrders = JSON.parse(process.argv[2] ?? '{}');
  const onStep = dyingAt(orders);
  const log = await open(orders.settings, onStep);
  const work = { copy, retry: consumeRetrying, request: requestAndServe }[orders.work];
  await work(log, orders, onStep);
}

async function copy(log: EventLog, orders: ChildOrders): Promise<void> {
  await log.process({
    group: orders.group,
    topics: [orders.input],
    maxBatchRecords: 20,
    commitIntervalMs: 5,
    createProcessor: () => copier(orders.output, false),
  });
  let next = orders.first;
  const appendInTurn = async (): Promise<never> => {
    for (;;) {
      const number = next++;
      await log.append([numberedRecord(orders.input, number)]);
      // A synchronous write, so that the parent reads every number that was acknowledged.
      writeSync(1, `${number}\n`);
    }
  };
  await Promise.all([appendInTurn(), appendInTurn(), appendInTurn(), appendInTurn()]);
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
