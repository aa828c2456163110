/** Reads how a file begins: how it is written, and its header. An upload and a preview of it read the same. */
import { SAMPLE_ROWS } from '@tidings/csv/columns/cell-looks.ts';
import { Cutter, type CutterOptions, type HeaderRecord } from '@tidings/csv/cutting/cut.ts';
import { splitRecord } from '@tidings/csv/cutting/split.ts';
import { CsvError } from '@tidings/csv/errors.ts';
import { restoreLineBreaks } from '@tidings/csv/line-breaks.ts';
import { firstRows } from '@tidings/csv/preview.ts';
import { type Sniffed, type SniffOptions, sniff } from '@tidings/csv/sniff.ts';
import { SourceReader } from '@tidings/csv/source.ts';
import { isContactsExport } from '@tidings/csv/writing/contacts-export.ts';
import { restoreCell } from '@tidings/csv/writing/neutralise.ts';
import { isRejectedExport } from '@tidings/csv/writing/rejected-export.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

export interface FileBeginning {
  readonly sniffed: Sniffed;
  /** Has read the first bytes. */
  readonly source: SourceReader;
  /** Has been given nothing yet. */
  readonly cutter: Cutter;
  /** The cells of the first rows. */
  readonly sample: readonly (readonly string[])[];
  /** What `source` has made of the first bytes: it goes to `cutter`. */
  readonly text: Uint8Array;
}

export interface FileHeader {
  readonly cells: string[];
  readonly line: number;
  /** Whether the file is one of ours, whose cells are restored: rejected rows, or contacts. */
  readonly isExport: boolean;
  /** As `ChunkWork` has it. */
  readonly cutsBlankCells: boolean;
  /** The cells of the first rows, as they stood in the file that had them first. */
  readonly sample: readonly (readonly string[])[];
}

/** @throws CsvError as `sniff` */
export function beginFile(
  first: Uint8Array,
  options: SniffOptions,
  cutting: Pick<CutterOptions, 'maxChunkBytes' | 'maxOpenQuoteBytes'> = {},
): FileBeginning {
  const sniffed = sniff(first, options);
  const { delimiter } = sniffed.dialect;
  const hasHeader = sniffed.header === null;
  const source = new SourceReader(sniffed);
  const text = source.push(first);
  const { complete } = options;
  const sample = firstRows(text, delimiter, { complete, limit: SAMPLE_ROWS, hasHeader });
  return { sniffed, source, cutter: new Cutter({ delimiter, hasHeader, ...cutting }), sample, text };
}

/**
 * @param record null for a file without a header
 * @throws CsvError nul_bytes; Problem encoding_unsupported
 */
export function readHeader(
  { sniffed, sample: rows }: Pick<FileBeginning, 'sniffed' | 'sample'>,
  record: HeaderRecord | null,
): FileHeader {
  const { dialect, header: named, headerLine, isSheet } = sniffed;
  const written = record === null ? (named ?? []) : splitRecord(decodeHeader(record), dialect.delimiter);
  const cells = isSheet ? restoreLineBreaks(written) : written;
  const sample = isSheet ? rows.map(restoreLineBreaks) : rows;
  const line = record?.line ?? headerLine;
  if (!isRejectedExport(cells) && !isContactsExport(cells))
    return { cells, line, isExport: false, cutsBlankCells: sniffed.cutsBlankCells, sample };
  const restored = sample.map((row) => row.map(restoreCell));
  return { cells: cells.map(restoreCell), line, isExport: true, cutsBlankCells: false, sample: restored };
}

function decodeHeader({ bytes, line }: HeaderRecord): string {
  // `sniff` finds NUL bytes only in a header that is within the first bytes.
  if (bytes.includes(0))
    throw new CsvError('nul_bytes', 'The header holds NUL bytes. Save the file anew.', line);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const message = 'The header is not valid UTF-8. Save the file as “CSV UTF-8” and send it again.';
    throw new Problem('encoding_unsupported', message, { line, field: 'file' }, { cause: error });
  }
}
