/** One handler for all records of work: chunks, and pages of undos. */
import { UNDO_PAGE_TYPE } from '@tidings/contracts/schemas/imports/work.ts';
import type { LogRecord, NewRecord } from '@tidings/event-log/event-log.ts';
import type { FailedAttempt } from '@tidings/event-log/retry/record-attempts.ts';
import type { ChunkHandler, ChunkReport } from './chunk-handler.ts';
import type { PageRetry, UndoPageHandler, UndoReport } from './undo-page-handler.ts';

export type WorkReport = ChunkReport | UndoReport | PageRetry;

/** What `ChunkHandler` says of its methods holds for all of them. */
export interface WorkHandler {
  /** Says that these records will be worked off, one after another. Call what it returns when they are over. */
  deliver(records: readonly LogRecord[]): () => void;
  work(record: LogRecord, attempt: number): Promise<WorkReport>;
  putOff(failed: FailedAttempt, dueAt: number): WorkReport[];
  giveUp(failed: FailedAttempt): WorkReport[];
  /** As `UndoPageHandler` says it; nothing follows on a chunk. */
  goOnBehind(failed: FailedAttempt): NewRecord[];
}

export function handlerByType(chunks: ChunkHandler, undos: UndoPageHandler): WorkHandler {
  const isUndo = ({ headers }: LogRecord) => headers.type === UNDO_PAGE_TYPE;
  const handlerOf = (record: LogRecord): Omit<WorkHandler, 'deliver' | 'goOnBehind'> =>
    isUndo(record) ? undos : chunks;
  return {
    deliver: (records) => chunks.deliver(records),
    work: (record, attempt) => handlerOf(record).work(record, attempt),
    putOff: (failed, dueAt) => handlerOf(failed.record).putOff(failed, dueAt),
    giveUp: (failed) => handlerOf(failed.record).giveUp(failed),
    goOnBehind: (failed) => (isUndo(failed.record) ? undos.goOnBehind(failed) : []),
  };
}
