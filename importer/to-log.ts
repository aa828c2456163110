/** Reports to the log what became of a chunk, or of a page of an undo. */
import { encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { NewRecord } from '@tidings/event-log/event-log.ts';
import type { WorkReport } from './handlers/handler-by-type.ts';

/** The key is the import: all reports of one import are folded in one order. */
export function reportRecord(report: WorkReport): NewRecord {
  return { topic: topics.commands, key: report.subject, value: encodeEvent(report) };
}
