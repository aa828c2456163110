/** Consumes with retries in a process that a test kills: at a step of an append, or by a record that ends its process. */
import { writeSync } from 'node:fs';
import { pause } from '@tidings/failures/retry.ts';
import type { EventLog, NewRecord } from '../../event-log.ts';
import { consumeWithRetry } from '../../retry/consume-with-retry.ts';
import { deadLetterTopic } from '../../retry/topic-names.ts';
import type { ChildOrders } from '../children/child-orders.ts';
import { stepping } from '../children/stepping-log.ts';

/** Printed once every record has an outcome. */
export const COMPLETE = -1;
const completePollMs = 20;

/** What a record does to its handler; the record's value is its number, and a header says what it does. */
export type RecordKind = 'fine' | 'failing' | 'ending';

/** The steps at which the process may be told to end: before and after the append of each kind. */
export const retrySteps = ['attempts', 'retry', 'dead-letter', 'output'].flatMap((kind) => [
  `before-${kind}`,
  `after-${kind}`,
]);

/** Prints the number of each record that it is handed. Never resolves. */
export async function consumeRetrying(
  log: EventLog,
  orders: ChildOrders,
  onStep: (step: string) => void,
): Promise<never> {
  const { input, output, group, first: count } = orders;
  await consumeWithRetry({
    log: stepping(log, (record) => kindOf(record, orders), onStep),
    group,
    topics: [input],
    delaysMs: [10, 20],
    maxBatchRecords: 5,
    isOutage: () => false,
    describe: () => ({ code: 'broken', message: 'It is broken.' }),
    handle: async ({ key, value, headers }) => {
      const number = Number(new TextDecoder().decode(value ?? undefined));
      // A synchronous write, so that the parent knows of it although the process ends.
      writeSync(1, `${number}\n`);
      if (headers.kind === 'ending') process.kill(process.pid, 'SIGKILL');
      if (headers.kind === 'failing') throw new Error('It is broken.');
      return [{ topic: output, key, value }];
    },
  });
  const others = [output, deadLetterTopic(input, group)];
  while ((await valuesIn(log, others)).size < count) await pause(completePollMs);
  writeSync(1, `${COMPLETE}\n`);
  // Nothing else would keep the process from ending by itself.
  for (;;) await pause(completePollMs);
}

/** The distinct values of the topics. */
async function valuesIn(log: EventLog, topics: readonly string[]): Promise<Set<string>> {
  const values = new Set<string>();
  for (const topic of topics) {
    for await (const records of log.read({ topic, from: 'earliest', follow: false })) {
      for (const { value } of records) values.add(new TextDecoder().decode(value ?? undefined));
    }
  }
  return values;
}

function kindOf({ topic }: NewRecord, { output }: ChildOrders): string {
  if (topic === output) return 'output';
  if (topic.endsWith('.attempts')) return 'attempts';
  return topic.endsWith('.dlq') ? 'dead-letter' : 'retry';
}
