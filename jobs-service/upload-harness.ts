/** For tests: a real log whose appends can be made to fail, and what stands on it. Everything is cleaned up by itself. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { decodeEvent } from '../contracts/event.ts';
import { planTopics, topics } from '../contracts/topics.ts';
import { type ChunkWork, decodeChunkWork } from '../contracts/work.ts';
import { openEmbeddedLog } from '../event-log/embedded/embedded-log.ts';
import { type EventLog, EventLogError, type LogRecord, type NewRecord } from '../event-log/event-log.ts';

/** `lost`: the records are not there. `unanswered`: they are, and nobody is told. */
export type Fault = 'lost' | 'unanswered' | null;

export interface FaultyLog {
  readonly log: EventLog;
  /** What each append comes to from now on; it may take its time. */
  fail(fault: (record: NewRecord) => Fault | Promise<Fault>): void;
  /** The commands on the log, in order. */
  commands(): Promise<{ readonly type: string; readonly data: unknown }[]>;
  /** The chunks on the log, of both lanes, as often as they stand there. */
  chunks(): Promise<ChunkWork[]>;
}

export async function startFaultyLog(): Promise<FaultyLog> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-upload-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const log = await openEmbeddedLog({ directory });
  onTestFinished(() => log.close());
  await log.ensureTopics(planTopics(1));
  let faultOf: (record: NewRecord) => Fault | Promise<Fault> = () => null;
  const append: EventLog['append'] = async (records) => {
    const [fault = null] = await Promise.all(records.map((record) => faultOf(record)));
    const positions = fault === 'lost' ? [] : await log.append(records);
    if (fault !== null) throw new EventLogError('log_unavailable', 'The log is away.');
    return positions;
  };
  return {
    log: new Proxy(log, {
      get: (target, name) => (name === 'append' ? append : Reflect.get(target, name).bind(target)),
    }),
    fail: (fault) => {
      faultOf = fault;
    },
    commands: async () =>
      (await recordsOf(log, topics.commands)).map(({ value }) => {
        const { type, data } = decodeEvent(value);
        return { type, data };
      }),
    chunks: async () =>
      [...(await recordsOf(log, topics.expressWork)), ...(await recordsOf(log, topics.bulkWork))].map(
        ({ headers }) => decodeChunkWork(headers).work,
      ),
  };
}

async function recordsOf(log: EventLog, topic: string): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  for await (const records of log.read({ topic, from: 'earliest', follow: false })) found.push(...records);
  return found;
}

/** Waits until the expectations hold; the long timeout is for busy machines only. */
export function eventually<Result>(expectations: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(expectations, { timeout: 20_000, interval: 10 });
}
