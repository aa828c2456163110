import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { EventLog, EventLogErrorCode, LogRecord, NewRecord, TopicSpecification } from '../event-log.ts';
import type { ConformanceEngine, ConformanceSite } from './engine.ts';

/** A place for one test, which is removed after the test. */
export async function siteFor(engine: ConformanceEngine): Promise<ConformanceSite> {
  const site = await engine.create();
  onTestFinished(() => site.dispose());
  return site;
}

/** Opens the log, which is closed after the test. */
export async function openFor(site: ConformanceSite): Promise<EventLog> {
  const log = await site.open();
  onTestFinished(() => log.close());
  return log;
}

/** A log for one test. */
export async function logFor(engine: ConformanceEngine): Promise<EventLog> {
  return openFor(await siteFor(engine));
}

export const unique = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

/** A new topic; of 4 partitions unless told otherwise. */
export async function topicFor(
  log: EventLog,
  specification: Partial<TopicSpecification> = {},
): Promise<string> {
  const name = unique('topic');
  await log.ensureTopics([{ name, partitions: 4, cleanup: 'delete', ...specification }]);
  return name;
}

export const text = (value: Uint8Array | null): string => new TextDecoder().decode(value ?? new Uint8Array());

export const record = (topic: string, key: string, value: string | null): NewRecord => ({
  topic,
  key,
  value: value === null ? null : new TextEncoder().encode(value),
});

/** Records 0 to count - 1, whose values are their numbers, spread over the keys. */
export function numbered(topic: string, count: number, keys = 10): NewRecord[] {
  return Array.from({ length: count }, (_, number) => record(topic, `key-${number % keys}`, String(number)));
}

export const valuesOf = (records: readonly LogRecord[]): string[] => records.map(({ value }) => text(value));

export const numbersOf = (records: readonly LogRecord[]): number[] =>
  valuesOf(records)
    .map(Number)
    .sort((a, b) => a - b);

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

/** A barrier at which handlers wait. */
export interface Barrier {
  readonly opened: Promise<void>;
  open(): void;
}

/** Makes a barrier, which opens at the latest after the test, so that no handler waits for ever. */
export function barrier(): Barrier {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  onTestFinished(() => open());
  return { opened, open: () => open() };
}

/** Matches an error of an engine, also one from another thread. */
export const failure = (code: EventLogErrorCode, retriable = false): object => ({ code, retriable });
