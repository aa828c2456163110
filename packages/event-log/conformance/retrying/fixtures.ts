/** Topics whose records are tried again, and what comes of them. */
import { readAll } from '@tidings/testing/log.ts';
import type { EventLog, LogRecord } from '../../event-log.ts';
import type { ConsumeWithRetryOptions } from '../../retry/consume-with-retry.ts';
import { type DeadLetter, decodeDeadLetter } from '../../retry/retry-headers.ts';
import { attemptsTopic, deadLetterTopic, retryTopic } from '../../retry/topic-names.ts';
import { text, topicFor, unique, valuesOf } from '../fixtures.ts';

export const retry = { initialDelayMs: 5, maxDelayMs: 20 };
export const hour = 3_600_000;

/** A topic that one group consumes with retries, and the topics beside it. */
export interface Retried {
  readonly topic: string;
  readonly group: string;
  /** Where outputs go. */
  readonly output: string;
  readonly deadLetters: string;
}

export async function retriedTopic(log: EventLog, partitions = 2): Promise<Retried> {
  const [topic, output] = [await topicFor(log, { partitions }), await topicFor(log, { partitions: 1 })];
  const group = unique('group');
  const deadLetters = deadLetterTopic(topic, group);
  await log.ensureTopics([
    { name: attemptsTopic(group), partitions: 1, cleanup: 'compact' },
    { name: deadLetters, partitions: 1, cleanup: 'compact' },
    ...[1, 2].map((delay) => ({
      name: retryTopic(topic, group, delay),
      partitions,
      cleanup: 'delete' as const,
    })),
  ]);
  return { topic, group, output, deadLetters };
}

/** Puts out every record, unless `handle` throws. */
export function optionsFor(
  log: EventLog,
  { topic, group, output }: Retried,
  handle: (value: string, attempt: number, record: LogRecord) => void | Promise<void>,
): ConsumeWithRetryOptions {
  return {
    log,
    group,
    topics: [topic],
    delaysMs: [20, 40],
    retry,
    isOutage: (error) => error instanceof Error && error.message === 'outage',
    describe: () => ({ code: 'broken', message: 'It is broken.' }),
    handle: async (one, attempt) => {
      await handle(text(one.value), attempt, one);
      return [{ topic: output, key: one.key, value: one.value, headers: { attempt: String(attempt) } }];
    },
  };
}

export async function deadLettersOf(log: EventLog, { deadLetters }: Retried): Promise<DeadLetter[]> {
  return (await readAll(log, deadLetters)).map(decodeDeadLetter);
}

/** The distinct values that were put out. */
export async function outputsOf(log: EventLog, { output }: Retried): Promise<string[]> {
  return [...new Set(valuesOf(await readAll(log, output)))].sort();
}
