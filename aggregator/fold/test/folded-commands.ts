/** Commands of one import, and what the fold makes of them one after another. */
import { noRows } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { decodeImportFold, encodeImportFold, type ImportFold } from '../../state/import-fold.ts';
import { type FoldResult, fold } from '../fold.ts';

export const importId = '0198c0de-0000-7000-8000-000000000002';
export const uploadId = '0198c0de-0000-7000-8000-000000000010';
export const laterUploadId = '0198c0de-0000-7000-8000-000000000011';
export const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

/** The `eventId` of the command at the offset. */
export const eventIdAt = (offset: number) => `0198c0de-0000-7000-9000-${String(offset).padStart(12, '0')}`;

export function step(current: ImportFold | undefined, command: ImportCommand, offset: number): FoldResult {
  const cause = { eventId: eventIdAt(offset), correlationId: importId, traceparent };
  return fold(current, { importId, command, cause, offset, timestamp: 1_000_000 + offset * 1_000 });
}

/** Folds the commands one after another, each result stored and read back; offsets go on from the state's version. */
export function run(commands: readonly ImportCommand[], from?: ImportFold) {
  let live = from;
  const first = from === undefined ? 0 : from.state.version + 1;
  const steps = commands.map((command, index) => {
    const result = step(live, command, first + index);
    live = result.next == null ? undefined : decodeImportFold(encodeImportFold(result.next));
    return result;
  });
  if (live === undefined) throw new Error('no import');
  const { state } = live;
  const told = steps.flatMap(({ notifications }) =>
    notifications.map(({ type, final }) => (final ? `${type} (final)` : type)),
  );
  const pages = steps.flatMap(({ undoPage }) => (undoPage === null ? [] : [undoPage]));
  return { live, state, told, pages, ignored: steps.map((result) => result.ignored) };
}

export const accepted = (autoUndo = true, upload = uploadId): ImportCommand => ({
  type: 'import.accepted',
  data: { uploadId: upload, channelId: 'c', owner: 'o', fileName: 'a.csv', clientReference: null, autoUndo },
});
export const heartbeat = (number: number, chunks?: number): ImportCommand => ({
  type: 'upload.heartbeat',
  data: { uploadId, number, bytes: number * 100, ...(chunks === undefined ? {} : { chunks }) },
});
export const sealed = (chunks: number): ImportCommand => ({
  type: 'upload.sealed',
  data: { uploadId, chunks, rows: chunks * 5, bytes: 1_000 },
});
export const aborted = (count: number): ImportCommand => ({
  type: 'upload.aborted',
  data: { uploadId, error: 'connection_broken', bytes: 500, chunks: { count, rows: count * 5 } },
});
export const expired = (newest: number, pending: number[] = []): ImportCommand => ({
  type: 'upload.expired',
  data: { uploadId, heartbeat: newest, pending },
});
export const completed = (chunk: number): ImportCommand => ({
  type: 'chunk.completed',
  data: { uploadId, chunk, rows: 5, delta: { ...noRows(), created: 5 } },
});
export const passedBy = (chunk: number): ImportCommand => ({
  type: 'chunk.completed',
  data: { uploadId, chunk, rows: 5, delta: { ...noRows(), cancelled: 5 } },
});
export const failed = (chunk: number): ImportCommand => ({
  type: 'chunk.failed',
  data: { uploadId, chunk, rows: 5, code: 'x', message: 'x' },
});
export const retrying = (chunk: number, attempt: number, second: string): ImportCommand => ({
  type: 'chunk.retrying',
  data: { uploadId, chunk, attempt, attempts: 3, dueAt: `2026-11-28T12:04:${second}.000Z`, code: 'x' },
});
export const requeued = (chunk: number, carried: ImportFold | null = null): ImportCommand => ({
  type: 'chunk.requeued',
  data: { uploadId, chunk, rows: 5, folded: carried && packed(carried) },
});
export const undo = (carried: ImportFold | null = null, again: string | null = null): ImportCommand => ({
  type: 'import.undo',
  data: { by: 'owner', folded: carried && packed(carried), again },
});
export const stopped: ImportCommand = { type: 'work.stopped', data: { uploadId } };
export const cancel: ImportCommand = { type: 'import.cancel', data: { by: 'owner' } };
export const pageDone = (undoId: string, page: number, next: string | null): ImportCommand => ({
  type: 'undo.page_completed',
  data: { undoId, page, reversed: 4, kept: 1, failed: 0, next },
});
export const pagePassedOver = (undoId: string, page: number, next: string | null): ImportCommand => ({
  type: 'undo.page_completed',
  data: { undoId, page, reversed: 0, kept: 0, failed: 5, next },
});
export const pageDied = (undoId: string, page: number): ImportCommand => ({
  type: 'undo.page_failed',
  data: { undoId, page },
});
export const letter = { group: 'g', topic: 't', partition: 0, offset: 3, key: 'k' };
export const pageRequeued = (
  undoId: string,
  page: number,
  carried: ImportFold | null = null,
): ImportCommand => ({
  type: 'undo.page_requeued',
  data: { undoId, page, folded: carried && packed(carried), letter },
});

export function packed(folded: ImportFold) {
  return JSON.parse(new TextDecoder().decode(encodeImportFold(folded)));
}
