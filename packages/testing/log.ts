/** Makes the log of a test: the embedded engine in a temporary folder, closed and removed after the test. */
import { planTopics } from '@tidings/contracts/topics.ts';
import { type EmbeddedLogOptions, openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

export interface TestLogOptions extends Partial<EmbeddedLogOptions> {
  /** Partitions of every topic; default 2. */
  readonly partitions?: number;
}

/** Opens a log with every topic of Tidings. A `directory` that is given stays, so that a test can open it again. */
export async function openTestLog({ partitions = 2, ...options }: TestLogOptions = {}): Promise<EventLog> {
  const log = await openEmbeddedLog({
    ...options,
    directory: options.directory ?? (await temporaryFolder()),
  });
  onTestFinished(() => log.close());
  await log.ensureTopics(planTopics(partitions));
  return log;
}

/** All records that a topic holds now. */
export async function readAll(log: EventLog, topic: string): Promise<LogRecord[]> {
  const all: LogRecord[] = [];
  for await (const records of log.read({ topic, from: 'earliest', follow: false })) all.push(...records);
  return all;
}
