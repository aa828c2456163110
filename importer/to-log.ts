/** Reports to the log what became of a chunk. */
import { encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { ChunkReport } from './chunk-worker.ts';

/** Resolves when the report is durable. Its key is the import: all reports of one import are folded in one order. */
export async function appendReport(log: Pick<EventLog, 'append'>, report: ChunkReport): Promise<void> {
  await log.append([{ topic: topics.commands, key: report.subject, value: encodeEvent(report) }]);
}
