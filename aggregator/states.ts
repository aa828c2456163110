/**
 * The states of an import as tables: status and command give the next status, upload and command give the upload's next status.
 * The fold follows them. ARCHITECTURE.md shows them, and a test compares the two. A status or command without its row or
 * column does not compile.
 */
import type { ImportStatus, UploadStatus } from '@tidings/contracts/import.ts';
import type { ImportCommandType } from '@tidings/contracts/import-commands.ts';

/** `unknown`: the log holds no state of the import, either not yet or no longer. */
export type FoldStatus = ImportStatus | 'unknown';

/**
 * The status that a command leads to; null where the command is ignored. `carried`: the command brings the state of an ended import
 * back, and leads from there. The import's end takes the place of a status without an end once its upload has ended, every
 * expected chunk has reported and, for `undoing`, the undo has ended.
 */
export type NextStatus = FoldStatus | 'carried' | null;

export const nextStatus = {
  unknown: {
    'import.accepted': 'accepted',
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'upload.expired': null,
    'import.cancel': null,
    'chunk.retrying': null,
    'chunk.completed': null,
    'chunk.failed': null,
    'work.lost': null,
    'chunk.requeued': 'carried',
    'import.undo': 'carried',
    'undo.page_completed': null,
    'import.compared': null,
    'import.projected': null,
  },
  accepted: {
    'import.accepted': null,
    'upload.heartbeat': 'accepted',
    'upload.sealed': 'accepted',
    'upload.aborted': 'accepted',
    'upload.expired': 'accepted',
    'import.cancel': 'cancelling',
    'chunk.retrying': 'importing',
    'chunk.completed': 'importing',
    'chunk.failed': 'importing',
    'work.lost': 'importing',
    'chunk.requeued': null,
    'import.undo': null,
    'undo.page_completed': null,
    'import.compared': null,
    'import.projected': null,
  },
  importing: {
    'import.accepted': null,
    'upload.heartbeat': 'importing',
    'upload.sealed': 'importing',
    'upload.aborted': 'importing',
    'upload.expired': 'importing',
    'import.cancel': 'cancelling',
    'chunk.retrying': 'importing',
    'chunk.completed': 'importing',
    'chunk.failed': 'importing',
    'work.lost': 'importing',
    'chunk.requeued': 'importing',
    'import.undo': null,
    'undo.page_completed': 'importing',
    'import.compared': null,
    'import.projected': null,
  },
  cancelling: {
    'import.accepted': null,
    'upload.heartbeat': 'cancelling',
    'upload.sealed': 'cancelling',
    'upload.aborted': 'cancelling',
    'upload.expired': 'cancelling',
    'import.cancel': null,
    'chunk.retrying': 'cancelling',
    'chunk.completed': 'cancelling',
    'chunk.failed': 'cancelling',
    'work.lost': 'cancelling',
    'chunk.requeued': 'cancelling',
    'import.undo': null,
    'undo.page_completed': 'cancelling',
    'import.compared': null,
    'import.projected': null,
  },
  completed: {
    'import.accepted': null,
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'upload.expired': null,
    'import.cancel': null,
    'chunk.retrying': null,
    'chunk.completed': null,
    'chunk.failed': null,
    'work.lost': null,
    'chunk.requeued': null,
    'import.undo': 'undoing',
    'undo.page_completed': null,
    'import.compared': 'completed',
    'import.projected': 'unknown',
  },
  completed_with_errors: {
    'import.accepted': null,
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'upload.expired': null,
    'import.cancel': null,
    'chunk.retrying': null,
    'chunk.completed': 'importing',
    'chunk.failed': null,
    'work.lost': null,
    'chunk.requeued': 'importing',
    'import.undo': 'undoing',
    'undo.page_completed': null,
    'import.compared': 'completed_with_errors',
    'import.projected': 'unknown',
  },
  failed: {
    'import.accepted': 'accepted',
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'upload.expired': null,
    'import.cancel': null,
    'chunk.retrying': null,
    'chunk.completed': 'importing',
    'chunk.failed': null,
    'work.lost': 'failed',
    'chunk.requeued': 'importing',
    'import.undo': 'undoing',
    'undo.page_completed': 'failed',
    'import.compared': 'failed',
    'import.projected': 'unknown',
  },
  cancelled: {
    'import.accepted': null,
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'upload.expired': null,
    'import.cancel': null,
    'chunk.retrying': null,
    'chunk.completed': 'cancelling',
    'chunk.failed': null,
    'work.lost': 'cancelled',
    'chunk.requeued': 'cancelling',
    'import.undo': 'undoing',
    'undo.page_completed': 'cancelled',
    'import.compared': 'cancelled',
    'import.projected': 'unknown',
  },
  undoing: {
    'import.accepted': null,
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'upload.expired': null,
    'import.cancel': null,
    'chunk.retrying': 'undoing',
    'chunk.completed': 'undoing',
    'chunk.failed': 'undoing',
    'work.lost': 'undoing',
    'chunk.requeued': 'undoing',
    'import.undo': null,
    'undo.page_completed': 'undoing',
    'import.compared': null,
    'import.projected': null,
  },
  undone: {
    'import.accepted': 'accepted',
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'upload.expired': null,
    'import.cancel': null,
    'chunk.retrying': null,
    'chunk.completed': 'undoing',
    'chunk.failed': null,
    'work.lost': null,
    'chunk.requeued': 'undoing',
    'import.undo': null,
    'undo.page_completed': null,
    'import.compared': 'undone',
    'import.projected': 'unknown',
  },
} as const satisfies Record<FoldStatus, Record<ImportCommandType, NextStatus>>;

export type UploadCommandType = Extract<ImportCommandType, `upload.${string}`>;

/** null where the command is ignored. The first of sealed, aborted and expired in the order of the log ends the upload. */
export const nextUpload = {
  receiving: {
    'upload.heartbeat': 'receiving',
    'upload.sealed': 'sealed',
    'upload.aborted': 'aborted',
    'upload.expired': 'aborted',
  },
  sealed: {
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'upload.expired': null,
  },
  aborted: {
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'upload.expired': null,
  },
} as const satisfies Record<UploadStatus, Record<UploadCommandType, UploadStatus | null>>;

/** The import's end: by its status where that decides, else by its upload's end and by whether any row was rejected or failed. */
export const endStatus = {
  cancelling: { clean: 'cancelled', withErrors: 'cancelled' },
  undoing: { clean: 'undone', withErrors: 'undone' },
  sealed: { clean: 'completed', withErrors: 'completed_with_errors' },
  aborted: { clean: 'failed', withErrors: 'failed' },
} as const satisfies Record<
  'cancelling' | 'undoing' | Exclude<UploadStatus, 'receiving'>,
  Record<'clean' | 'withErrors', ImportStatus>
>;
