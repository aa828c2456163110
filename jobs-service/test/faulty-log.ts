/** A real log whose appends can be made to fail, and what stands on it. */

import type { ChunkWork } from '@tidings/contracts/imports/work.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { decodeChunkWork } from '@tidings/contracts/schemas/imports/work.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { type EventLog, EventLogError, type NewRecord } from '@tidings/event-log/event-log.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';

/**
 * `lost`: the records are not there. `unanswered`: they are, and the append fails all the same. `too large`: the log never
 * takes them. `closed`: it takes nothing more. */
export type Fault = 'lost' | 'unanswered' | 'too large' | 'closed' | null;

export interface CommandRecord {
  readonly importId: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface FaultyLog {
  readonly log: EventLog;
  /** What each append comes to from now on; it may take its time. */
  fail(fault: (record: NewRecord) => Fault | Promise<Fault>): void;
  /** The commands on the log, in order. */
  commands(): Promise<CommandRecord[]>;
  /** The chunks on the log, of both priorities, as often as they stand there. */
  chunks(): Promise<ChunkWork[]>;
  /** How each upload stands by its commands, oldest first: `receiving`, or its first end. */
  uploads(): Promise<('receiving' | 'sealed' | 'aborted')[]>;
}

export async function startFaultyLog({ partitions = 1 } = {}): Promise<FaultyLog> {
  const log = await openTestLog({ partitions });
  let faultOf: (record: NewRecord) => Fault | Promise<Fault> = () => null;
  const append: EventLog['append'] = async (records) => {
    const [fault = null] = await Promise.all(records.map((record) => faultOf(record)));
    if (fault === 'too large') throw new EventLogError('record_too_large', 'A record is too large.');
    if (fault === 'closed') throw new EventLogError('log_closed', 'The log is closed.');
    const positions = fault === 'lost' ? [] : await log.append(records);
    if (fault !== null) throw new EventLogError('log_unavailable', 'The log is away.');
    return positions;
  };
  const commands = () => readCommands(log);
  return {
    log: standInFor(log, { append }),
    fail: (fault) => {
      faultOf = fault;
    },
    commands,
    chunks: async () =>
      [...(await readAll(log, topics.expressWork)), ...(await readAll(log, topics.bulkWork))].map(
        ({ headers }) => decodeChunkWork(headers).work,
      ),
    uploads: async () => {
      const uploads = new Map<string, 'receiving' | 'sealed' | 'aborted'>();
      for (const { importId, type } of await commands()) {
        if (type === 'import.accepted') uploads.set(importId, 'receiving');
        if (uploads.get(importId) !== 'receiving') continue;
        if (type === 'upload.sealed') uploads.set(importId, 'sealed');
        if (type === 'upload.aborted') uploads.set(importId, 'aborted');
      }
      return [...uploads.values()];
    },
  };
}

export async function readCommands(log: EventLog): Promise<CommandRecord[]> {
  return (await readAll(log, topics.commands)).map(({ key, value }) => {
    const { type, data } = decodeEvent(value);
    return { importId: key, type, data: data as Record<string, unknown> };
  });
}
