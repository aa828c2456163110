/** What becomes of an upload that fails: the sender gets a problem, the import's state tells an error. */
import type { UploadError } from '@tidings/contracts/imports/import.ts';
import { CsvError } from '@tidings/csv/errors.ts';
import { EventLogError } from '@tidings/event-log/event-log.ts';
import { codeOf, isRetriable } from '@tidings/failures/failure.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

/** What the sender of an upload that has failed is told. */
export function toUploadProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof CsvError) return toCsvProblem(error);
  const cause = { cause: error };
  if (error instanceof EventLogError && error.code === 'record_too_large') {
    const message = 'The header is too long to go with every part of the file. Shorten its columns’ names.';
    return new Problem('header_too_long', message, { line: 1, field: 'file' }, cause);
  }
  if (error instanceof EventLogError || isRetriable(error)) {
    const place = { retryAfterSeconds: 5 };
    return new Problem('unavailable', 'The upload cannot be taken in at the moment.', place, cause);
  }
  if (codeOf(error) === 'ENOSPC') return noRoom(error);
  const message = 'The connection broke off before the last byte. Send the file again.';
  return new Problem('upload_broken_off', message, {}, cause);
}

/** What the sender of a workbook is told where the disk is full, or not there. */
export function noRoom(cause: unknown): Problem {
  const message = `The server has no room for the workbook at the moment (${codeOf(cause) ?? 'unknown'}). Send it again later, or as CSV.`;
  return new Problem('unavailable', message, { retryAfterSeconds: 60 }, { cause });
}

/** What the sender of an upload is told whose import is being cancelled, or was. */
export function importCancelled(): Problem {
  return new Problem('import_cancelled', 'The import was cancelled: nothing more of its file is taken.');
}

/** Why an upload ended, as the import's state tells it. */
export function toUploadError(problem: Problem): UploadError {
  switch (problem.code) {
    case 'file_too_large':
      return 'file_too_large';
    case 'too_many_rows':
      return 'too_many_rows';
    case 'unavailable':
      return 'log_unavailable';
    case 'upload_broken_off':
    // Where its sender's tokens were taken back, the service itself breaks the upload off.
    case 'token_invalid':
      return 'connection_broken';
    case 'import_cancelled':
      return 'cancelled';
    default:
      return 'invalid_file';
  }
}

export function tooLarge(maxBytes: number): Problem {
  return new Problem(
    'file_too_large',
    `The file is larger than ${maxBytes} bytes. Split it, and send the parts.`,
    { field: 'file' },
  );
}

export function toCsvProblem(error: CsvError): Problem {
  return new Problem(error.code, error.message, { line: error.line, field: 'file' }, { cause: error });
}
