/** The first rows of a file as they would be read, for a page that shows them before anything is sent. */
import type { Delimiter, Dialect } from '@tidings/contracts/csv.ts';
import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import { concat } from './bytes.ts';
import { Cutter } from './cut.ts';
import { RecordScanner } from './scanner.ts';
import { type SniffOptions, sniff } from './sniff.ts';
import { SourceReader } from './source.ts';
import { splitRecord } from './split.ts';

export { SNIFF_BYTES } from './sniff.ts';

export interface Preview {
  dialect: Dialect;
  /** Names of the columns, as they stand in the file. */
  header: string[];
  /** The cells of the first rows; a damaged record is shown as far as it can be split. */
  rows: string[][];
}

/** Cells of a row that a preview shows, at most. */
const MAX_PREVIEW_CELLS = 1000;

/**
 * At most `limit` rows out of `firstBytes`. Unless they are the whole file (`complete`, default false), a last record
 * without its newline may be cut off and is left out; a header is shown even so.
 *
 * A header without an e-mail column is returned like any other, so that the page can show what it refuses.
 *
 * @throws CsvError as `sniff` does, and as the cutter does for a header that it will not take.
 */
export function previewRecords(
  firstBytes: Uint8Array,
  limit: number,
  options: Partial<SniffOptions> = {},
): Preview {
  const complete = options.complete ?? false;
  const sniffed = sniff(firstBytes, { ...options, complete });
  const source = new SourceReader(sniffed);
  const bytes = concat([source.push(firstBytes), complete ? source.end() : new Uint8Array(0)]);
  const { dialect } = sniffed;
  const cutter = new Cutter({ delimiter: dialect.delimiter, hasHeader: sniffed.header === null });
  cutter.push(bytes);
  if (complete) cutter.end();
  const records = [...firstRecords(bytes, dialect.delimiter, complete, limit + 1)];
  if (sniffed.header !== null) return { dialect, header: sniffed.header, rows: records.slice(0, limit) };
  const [header = firstRecords(bytes, dialect.delimiter, true, 1).next().value ?? [], ...rows] = records;
  return { dialect, header, rows };
}

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
