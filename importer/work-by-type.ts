/** One worker for all records of work: chunks, and pages of undos. */
import { UNDO_PAGE_TYPE } from '@tidings/contracts/schemas/work.ts';
import type { LogRecord } from '@tidings/event-log/event-log.ts';
import type { FailedAttempt } from '@tidings/event-log/retry/record-attempts.ts';
import type { ChunkReport, ChunkWorker } from './chunk-worker.ts';
import type { PageRetry, UndoReport, UndoWorker } from './undo-worker.ts';

export type WorkReport = ChunkReport | UndoReport | PageRetry;

/** What `ChunkWorker` says of its methods holds for all of them. */
export interface WorkHandler {
  work(record: LogRecord, attempt: number): Promise<WorkReport>;
  putOff(failed: FailedAttempt, dueAt: number): WorkReport[];
  giveUp(failed: FailedAttempt): WorkReport[];
}

export function workByType(chunks: ChunkWorker, undos: UndoWorker): WorkHandler {
  const workerOf = ({ headers }: LogRecord): WorkHandler =>
    headers.type === UNDO_PAGE_TYPE ? undos : chunks;
  return {
    work: (record, attempt) => workerOf(record).work(record, attempt),
    putOff: (failed, dueAt) => workerOf(failed.record).putOff(failed, dueAt),
    giveUp: (failed) => workerOf(failed.record).giveUp(failed),
  };
}
