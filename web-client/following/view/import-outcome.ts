/** What the end of an import means to the person who started it, beyond the status. */
import type { ImportState, UploadError } from '@tidings/contracts/imports/import.ts';
import { mayBeUndone, rowsReported } from '@tidings/contracts/imports/import.ts';

/** Whether the import has ended with rows that are all rejected or failed. */
export function nothingImported(state: ImportState): boolean {
  const { rejected, failed } = state.rows;
  const bad = rejected + failed;
  return state.status === 'completed_with_errors' && bad > 0 && bad === rowsReported(state);
}

/** Whether the import has ended, or will, because its upload broke off. */
export function brokeOff({ upload, status }: ImportState): boolean {
  return upload === 'aborted' && (status === 'failed' || status === 'importing' || status === 'accepted');
}

/** Contacts that the import has added or changed. */
export function contactsWritten({ rows }: ImportState): number {
  return rows.created + rows.updated;
}

/** Whether rejected rows of it may be mended: they stand for contacts that are wanted. */
export function hasRowsToFix({ rows, dryRun, status }: ImportState): boolean {
  return rows.rejected > 0 && !dryRun && status !== 'undoing' && status !== 'undone';
}

/** Whether nothing but its rejected rows keeps the import from being completed. */
function isOnlyRejected({ status, rows, reconciled }: ImportState): boolean {
  return status === 'completed_with_errors' && rows.rejected > 0 && rows.failed === 0 && reconciled !== false;
}

/** Whether imports that mend it have made contacts of all its rejected rows, and nothing else is wrong with it. */
export function isMended(state: ImportState): boolean {
  return state.leftToMend === 0 && isOnlyRejected(state);
}

/** Whether nobody is to mend what is left of its rejected rows, and nothing else is wrong with it. */
export function isRestIgnored(state: ImportState): boolean {
  return state.restIgnored === true && isOnlyRejected(state);
}

/** What the status does not say of an import that has ended with errors: that none of them is for its owner to fix. */
export type RestOfErrors = 'mended' | 'ignored' | 'not_saved';

/** null: the status says all. */
export function restOfErrors(state: ImportState): RestOfErrors | null {
  if (isMended(state)) return 'mended';
  if (isRestIgnored(state)) return 'ignored';
  const { status, rows, leftToMend, restIgnored } = state;
  const hasNoneToFix = rows.rejected === 0 || leftToMend === 0 || restIgnored === true;
  const isNotSaved = status === 'completed_with_errors' && hasNoneToFix && !nothingImported(state);
  return isNotSaved && state.reconciled !== false ? 'not_saved' : null;
}

export function mayBeCancelled({ status }: ImportState): boolean {
  return status === 'accepted' || status === 'importing';
}

/** Also again, where contacts could not be taken back. */
export function mayBeTakenBack(state: ImportState): boolean {
  return mayBeUndone(state) && contactsWritten(state) > 0;
}

/** Whether chunks that have failed may be worked off again: the contact store takes rows of the import, and none was taken back. */
export function mayBeRetried({ status, rows, undo }: ImportState): boolean {
  const takesRows = status === 'completed_with_errors' || status === 'failed';
  return takesRows && rows.failed > 0 && undo === null;
}

/** Whether an undo of the import runs: one that somebody asked for, or that follows a broken upload by itself. */
export function isTakenBackNow({ undo }: ImportState): boolean {
  return undo !== null && undo.endedAt === null;
}

/** Upload errors that the same file would meet again. */
const lastingUploadErrors: ReadonlySet<string> = new Set<UploadError>([
  'file_too_large',
  'too_many_rows',
  'invalid_file',
  'cancelled',
]);

/** Whether the upload broke off for a reason that may be gone the next time. */
export function isWorthSendingAgain(state: ImportState): boolean {
  return state.upload === 'aborted' && !lastingUploadErrors.has(state.uploadError ?? '');
}
