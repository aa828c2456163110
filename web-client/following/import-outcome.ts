/** What the end of an import means to the person who started it, beyond the status. */
import type { ImportState, UploadError } from '@tidings/contracts/import.ts';
import { hasEnded, rowsReported } from '@tidings/contracts/import.ts';

/** Whether the import has ended with rows that are all rejected or failed. */
export function nothingImported(state: ImportState): boolean {
  const { rejected, failed } = state.rows;
  const bad = rejected + failed;
  return hasEnded(state) && state.upload !== 'aborted' && bad > 0 && bad === rowsReported(state);
}

/** Upload errors that the same file would meet again. */
const lastingUploadErrors: ReadonlySet<string> = new Set<UploadError>([
  'file_too_large',
  'too_many_rows',
  'invalid_file',
]);

/** Whether the upload broke off for a reason that may be gone the next time. */
export function isWorthSendingAgain(state: ImportState): boolean {
  return state.upload === 'aborted' && !lastingUploadErrors.has(state.uploadError ?? '');
}
