/** The words that the pages use for statuses, buckets and endings: one place, so that every page says the same. */
import type { ImportState } from '@tidings/contracts/import.ts';
import { type Bucket, hasEnded, type ImportStatus, rowsReported } from '@tidings/contracts/import.ts';

export const statusWords: Record<ImportStatus, string> = {
  accepted: 'Accepted',
  importing: 'Importing',
  completed: 'Completed',
  completed_with_errors: 'Completed with errors',
  failed: 'Broken off',
};

/** How a status looks: tone of its badge. */
export type Tone = 'busy' | 'good' | 'warn' | 'bad' | 'quiet';

export const statusTones: Record<ImportStatus, Tone> = {
  accepted: 'busy',
  importing: 'busy',
  completed: 'good',
  completed_with_errors: 'warn',
  failed: 'bad',
};

export interface Badge {
  readonly text: string;
  readonly tone: Tone;
}

/** @param nothingImported as `nothingImported` tells of its state */
export function statusBadge(status: ImportStatus, nothingImported: boolean): Badge {
  if (nothingImported) return { text: 'Nothing imported', tone: 'bad' };
  return { text: statusWords[status], tone: statusTones[status] };
}

/** Whether the import has ended with rows that are all rejected or failed: its status alone does not tell. */
export function nothingImported(state: ImportState): boolean {
  const { rejected, failed } = state.rows;
  const bad = rejected + failed;
  return hasEnded(state) && state.upload !== 'aborted' && bad > 0 && bad === rowsReported(state);
}

export const bucketWords: Record<Bucket, { readonly name: string; readonly meaning: string }> = {
  created: { name: 'Created', meaning: 'new contacts' },
  updated: { name: 'Updated', meaning: 'known, with something new' },
  unchanged: { name: 'Unchanged', meaning: 'known, nothing new' },
  duplicate: { name: 'Duplicate', meaning: 'a later row has the same e‑mail' },
  rejected: { name: 'Rejected', meaning: 'not valid, yours to fix' },
  failed: { name: 'Failed', meaning: 'could not be worked off' },
  cancelled: { name: 'Cancelled', meaning: 'not worked off, stopped before' },
};

/** Why an upload ended without its last byte, in words for the person who dropped the file. */
const uploadErrorWords: Record<string, string> = {
  connection_broken: 'The connection broke before the whole file had arrived.',
  file_too_large: 'The file is larger than this server takes.',
  too_many_rows: 'The file has more rows than one import may have.',
  invalid_file: 'The file turned out not to be a CSV file that can be read.',
  receiver_restarted: 'The server was restarted while it was receiving the file.',
  log_unavailable: 'The server could not store the file safely, so it stopped receiving it.',
};

/** Ends that the same file would come to again. */
const lastingUploadErrors: ReadonlySet<string> = new Set(['file_too_large', 'too_many_rows', 'invalid_file']);

/** Whether the upload broke off for a reason that may not be there the next time. */
export function isWorthSendingAgain(state: ImportState): boolean {
  return state.upload === 'aborted' && !lastingUploadErrors.has(state.uploadError ?? '');
}

export function explainUploadError(state: ImportState): string {
  return uploadErrorWords[state.uploadError ?? ''] ?? 'The upload ended before the whole file had arrived.';
}
