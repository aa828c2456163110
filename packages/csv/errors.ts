import { Failure } from '@tidings/failures/failure.ts';

/** Why a file is refused as a whole. The same codes travel in problem documents. */
export type CsvErrorCode =
  | 'file_empty'
  | 'not_csv'
  | 'workbook_unreadable'
  | 'file_too_large'
  | 'nul_bytes'
  | 'encoding_unsupported'
  | 'encoding_uncertain'
  | 'replacement_character'
  | 'header_too_long'
  | 'no_email_column'
  | 'invalid_request';

/**
 * A file that cannot be imported at all. The message names what was seen and what to do, in words for the person who
 * dropped the file; it quotes no cell but the header's. Sending the same bytes again ends the same way, so it is never retriable.
 */
export class CsvError extends Failure<CsvErrorCode> {
  override name = 'CsvError';
  /** The line of the file that the error is about, from 1. */
  readonly line: number | undefined;

  constructor(code: CsvErrorCode, message: string, line?: number) {
    super(code, message);
    this.line = line;
  }
}

/** Takes a fault that a choice of the person mends; what is read then is the best guess. */
export type TakeFault = (fault: CsvError) => void;

/** For whom no fault can be mended. @throws CsvError the fault */
export function throwFault(fault: CsvError): never {
  throw fault;
}

/** A chunk whose bytes and shape contradict each other: a defect of whoever cut or carried it, never of the file. */
export class ChunkShapeError extends Failure<'chunk_shape_mismatch'> {
  override name = 'ChunkShapeError';

  constructor(message: string) {
    super('chunk_shape_mismatch', message);
  }
}

/** The header that starts on this line is longer than so many bytes. */
export function headerTooLong(line: number, maxHeaderBytes: number): CsvError {
  return new CsvError(
    'header_too_long',
    `The header on line ${line} is longer than ${maxHeaderBytes} bytes, which is the limit. ` +
      'Check that the first line holds the names of the columns and ends with a newline.',
    line,
  );
}
