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
 * The status that a command leads to; null where the command is ignored. The import's end takes the place of `accepted` and
 * `importing` once the upload has ended and every expected chunk has reported.
 */
type NextStatus = FoldStatus | null;

export const nextStatus = {
  unknown: {
    'import.accepted': 'accepted',
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'chunk.completed': null,
    'chunk.failed': null,
    'import.compared': null,
    'import.projected': null,
  },
  accepted: {
    'import.accepted': null,
    'upload.heartbeat': 'accepted',
    'upload.sealed': 'accepted',
    'upload.aborted': 'accepted',
    'chunk.completed': 'importing',
    'chunk.failed': 'importing',
    'import.compared': null,
    'import.projected': null,
  },
  importing: {
    'import.accepted': null,
    'upload.heartbeat': 'importing',
    'upload.sealed': 'importing',
    'upload.aborted': 'importing',
    'chunk.completed': 'importing',
    'chunk.failed': 'importing',
    'import.compared': null,
    'import.projected': null,
  },
  completed: {
    'import.accepted': null,
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'chunk.completed': null,
    'chunk.failed': null,
    'import.compared': 'completed',
    'import.projected': 'unknown',
  },
  completed_with_errors: {
    'import.accepted': null,
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'chunk.completed': null,
    'chunk.failed': null,
    'import.compared': 'completed_with_errors',
    'import.projected': 'unknown',
  },
  failed: {
    'import.accepted': null,
    'upload.heartbeat': null,
    'upload.sealed': null,
    'upload.aborted': null,
    'chunk.completed': null,
    'chunk.failed': null,
    'import.compared': 'failed',
    'import.projected': 'unknown',
  },
} as const satisfies Record<FoldStatus, Record<ImportCommandType, NextStatus>>;

export type UploadCommandType = Extract<ImportCommandType, `upload.${string}`>;

/** null where the command is ignored. The first of sealed and aborted in the order of the log ends the upload. */
export const nextUpload = {
  receiving: { 'upload.heartbeat': 'receiving', 'upload.sealed': 'sealed', 'upload.aborted': 'aborted' },
  sealed: { 'upload.heartbeat': null, 'upload.sealed': null, 'upload.aborted': null },
  aborted: { 'upload.heartbeat': null, 'upload.sealed': null, 'upload.aborted': null },
} as const satisfies Record<UploadStatus, Record<UploadCommandType, UploadStatus | null>>;

/** The import's end, by its upload's end and by whether any row was rejected or failed. */
export const endStatus = {
  sealed: { clean: 'completed', withErrors: 'completed_with_errors' },
  aborted: { clean: 'failed', withErrors: 'failed' },
} as const satisfies Record<Exclude<UploadStatus, 'receiving'>, Record<'clean' | 'withErrors', ImportStatus>>;
