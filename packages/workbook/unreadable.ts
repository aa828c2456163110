/** What a workbook is refused with that cannot be read, or is too large. */
import { CsvError } from '@tidings/csv/errors.ts';

const AGAIN = 'Open it in Excel, save it again, and drop that file; or save it as CSV.';
const AS_CSV = 'In Excel: File → Save as → “CSV UTF-8”. Drop that file.';

/** @param what is wrong, as the end of a sentence */
export function unreadable(what: string, cause?: unknown): CsvError {
  const error = new CsvError('workbook_unreadable', `The workbook cannot be read: ${what}. ${AGAIN}`);
  if (cause !== undefined) error.cause = cause;
  return error;
}

/** @param what is too much, as a sentence */
export function oversized(what: string): CsvError {
  return new CsvError('file_too_large', `${what} ${AS_CSV}`);
}

/** A workbook with a password, or of another format. @param why as sentences that say what to do */
export function notTaken(why: string): CsvError {
  return new CsvError('workbook_unreadable', why);
}
