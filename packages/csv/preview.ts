/** The cells of a file's first rows, for what looks at them before the file is read as a whole. */
import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import { RecordScanner } from './cutting/scanner.ts';
import { splitRecord } from './cutting/split.ts';

/** Cells of a row that a preview shows, at most. */
const MAX_PREVIEW_CELLS = 1000;

/**
 * The cells of the first rows, without those that are damaged or cut off.
 *
 * @param bytes as a `SourceReader` gives them
 */
export function firstRows(
  bytes: Uint8Array,
  delimiter: Delimiter,
  options: { readonly complete: boolean; readonly limit: number; readonly hasHeader: boolean },
): string[][] {
  const { complete, limit, hasHeader } = options;
  return [...firstRecords(bytes, delimiter, complete, limit + 1)].slice(hasHeader ? 1 : 0);
}

function* firstRecords(
  bytes: Uint8Array,
  delimiter: Delimiter,
  complete: boolean,
  limit: number,
): Generator<string[], undefined> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const scanner = new RecordScanner(delimiter, {
    maxRecordBytes: MAX_RECORD_BYTES,
    maxOpenQuoteBytes: MAX_RECORD_BYTES,
    maxCells: MAX_PREVIEW_CELLS * 2,
  });
  scanner.append(bytes);
  if (complete) scanner.finish();
  for (let count = 0; count < limit && scanner.next(); ) {
    if (scanner.isBlank || scanner.found === 'record_too_long') continue;
    const record = decoder.decode(bytes.subarray(scanner.start, scanner.end));
    yield splitRecord(record, delimiter, MAX_PREVIEW_CELLS);
    count++;
  }
}
