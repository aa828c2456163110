/** The words for what becomes of imports and of rows: every page says the same. */
import type { Bucket, ImportStatus, UploadError } from '@tidings/contracts/imports/import.ts';

export const statusWords: Record<ImportStatus, string> = {
  accepted: 'Accepted',
  importing: 'Importing',
  cancelling: 'Cancelling',
  completed: 'Completed',
  completed_with_errors: 'Rows to fix',
  failed: 'Broken off',
  cancelled: 'Cancelled',
  undoing: 'Being taken back',
  undone: 'Taken back',
};

/** Badges of an import for which the server has no status, or not yet. */
export const badgeWords = {
  nothingImported: 'Nothing imported',
  mended: 'Rows mended',
  restIgnored: 'Rows ignored',
  notSaved: 'Rows not saved',
  sumsDiffer: 'Totals differ',
  notAvailable: 'Not available',
  brokenOff: 'Broken off',
  notImported: 'Not imported',
  waiting: 'Waiting',
  uploading: 'Uploading',
  sentAgain: 'Sending again',
  loading: 'Loading',
} as const;

export const bucketWords: Record<Bucket, { readonly name: string; readonly meaning: string }> = {
  created: { name: 'Created', meaning: 'new contacts' },
  updated: { name: 'Updated', meaning: 'already there, changed' },
  unchanged: { name: 'Unchanged', meaning: 'already there, identical' },
  duplicate: { name: 'Duplicate', meaning: 'a later row has the same e‑mail' },
  rejected: { name: 'Rejected', meaning: 'need a fix from you' },
  failed: { name: 'Failed', meaning: 'could not be saved, try again' },
  cancelled: { name: 'Cancelled', meaning: 'not imported, stopped before' },
};

export const connectionWords = {
  connecting: 'Connecting',
  live: 'Live',
  degraded: 'Updates delayed',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
  refused: 'Not connected',
} as const;

/** Why an upload ended without its last byte, in words for the person who chose the file. */
const uploadErrorWords: Record<UploadError, string> = {
  connection_broken: 'The connection broke before the whole file had arrived.',
  file_too_large: 'The file is larger than this server takes.',
  too_many_rows: 'The file has more rows than one import may have.',
  invalid_file: 'The file turned out not to be a CSV file that can be read.',
  receiver_restarted: 'The server was restarted while it was receiving the file.',
  log_unavailable: 'The server could not store the file safely, so it stopped receiving it.',
  expired: 'The server that received the file was not heard of any more.',
  cancelled: 'The import was cancelled while the file was on its way.',
};

/** @param uploadError as in the import's state */
export function explainUploadError(uploadError: string | null): string {
  return isUploadError(uploadError)
    ? uploadErrorWords[uploadError]
    : 'The upload ended before the whole file had arrived.';
}

function isUploadError(text: string | null): text is UploadError {
  return text !== null && text in uploadErrorWords;
}
