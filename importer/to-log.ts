/** Reports to the log what became of a chunk. */
import { encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { NewRecord } from '@tidings/event-log/event-log.ts';
import type { ChunkReport } from './chunk-worker.ts';

/** Its key is the import: all reports of one import are folded in one order. */
export function reportRecord(report: ChunkReport): NewRecord {
  return { topic: topics.commands, key: report.subject, value: encodeEvent(report) };
}
