/** Reads the beginning of a file as an import of it would, by the same steps, and writes nothing. */
import { readAttributeTarget, shownTarget } from '@tidings/contracts/contacts/column-targets.ts';
import {
  type ColumnSayer,
  FORECAST_ROWS,
  type ImportPreview,
  PREVIEW_SAMPLES,
  PREVIEW_TITLE_LINES,
  type PreviewColumn,
  type PreviewFields,
  type PreviewProblem,
  previewProblemCodes,
} from '@tidings/contracts/files/preview.ts';
import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import type { Chunk } from '@tidings/csv/cutting/cut.ts';
import { parseChunk } from '@tidings/csv/cutting/records.ts';
import { describeEncoding } from '@tidings/csv/describe-encoding.ts';
import { readText } from '@tidings/csv/encoding/transcode.ts';
import type { CsvError } from '@tidings/csv/errors.ts';
import type { Sniffed } from '@tidings/csv/sniff.ts';
import { isExportColumn, isRejectedExport } from '@tidings/csv/writing/rejected-export.ts';
import type { CountryLookup } from '@tidings/rows/country-directory.ts';
import {
  beginFile,
  type FileBeginning,
  type FileHeader,
  readHeader,
} from '../uploads/splitting/file-beginning.ts';
import { type ColumnPlan, planColumns, type ReadColumns } from '../uploads/splitting/plan-columns.ts';
import { forecastRows, type PreviewRules } from './forecast-rows.ts';
import { shorten } from './shorten.ts';

/** Bytes of a chunk where the file goes on behind them: the rows of the last, unfinished one are not looked at. */
const CHUNK_BYTES = 4 * 1024;
/** The largest number of a line that is kept. */
const MAX_LINE = 2 ** 31 - 1;

/** What the file is read with. */
export interface PreviewChoices
  extends Pick<PreviewFields, 'encoding' | 'delimiter' | 'headerLine' | 'invalidFields' | 'mapping'> {
  readonly defaultCountry: string | null;
  /** As of `planColumns`; what is remembered of the header counts only without it. */
  readonly mendedColumns?: ReadColumns;
  /** What the owner has said of the columns of such a header. */
  rememberedFor(header: readonly string[]): Readonly<Record<string, string>> | undefined;
}

export interface FirstBytes {
  readonly bytes: Uint8Array;
  /** Whether these are the whole file. */
  readonly complete: boolean;
  /** Bytes of the whole file; null where that is not known. */
  readonly size: number | null;
  /** Whether it is the text of a sheet. */
  readonly isSheet: boolean;
  /** The line of the last row; null where that is not known. */
  readonly lastLine: number | null;
}

/** @throws CsvError, Problem: as an upload, for what no choice mends */
export async function readPreview(
  first: FirstBytes,
  choices: PreviewChoices,
  countries: CountryLookup,
): Promise<Omit<ImportPreview, 'sheet' | 'sheets' | 'mends'> & { readonly lines: number[] | null }> {
  const problems: PreviewProblem[] = [];
  const takeFault = (fault: CsvError) => void problems.push(toPreviewProblem(fault));
  const { complete, bytes, isSheet } = first;
  const { encoding, delimiter, headerLine, defaultCountry, invalidFields } = choices;
  const options = { complete, encoding, delimiter, headerLine, isSheet, takeFault };
  const beginning = beginFile(bytes, options, complete ? {} : unfinished);
  const chunks = cut(beginning, complete);
  const header = readHeader(beginning, beginning.cutter.header);
  const { cells, sample, line } = header;
  const { mendedColumns: mended } = choices;
  const mapping = choices.mapping ?? (mended === undefined ? choices.rememberedFor(cells) : undefined);
  const plan = planColumns({ header: cells, sample, mapping, mended, line, takeFault });
  const { isExport: restoreCells, cutsBlankCells } = header;
  const rules: PreviewRules = {
    ...{ header: cells, columns: plan.columns, defaultCountry, invalidFields, restoreCells, cutsBlankCells },
    ...{ dialect: beginning.sniffed.dialect, hasLineBreaks: isSheet },
    countsSurplusCells: beginning.sniffed.hasUnnamedColumn && !restoreCells,
  };
  const rowsRead = chunks.reduce((sum, { shape }) => sum + shape.rows, 0);
  return {
    ...describeFile(bytes, beginning.sniffed),
    columns: columnsOf(header, plan, choices.mapping === undefined ? 'remembered' : 'person'),
    rowsRead,
    blankRows: beginning.cutter.blankRows,
    truncated: !complete,
    estimatedRows: complete ? rowsRead : estimateRows(first, beginning, chunks),
    defaultCountry,
    invalidFields: invalidFields ?? 'reject',
    isRejectedExport: isRejectedExport(cells),
    problems,
    lines: linesIn(chunks, rules),
    ...(await forecastRows(chunks, rules, countries)),
  };
}

/** Of the rows that one of our files of rejected rows brings back, the first ones; null of any other file. */
function linesIn(chunks: readonly Chunk[], { header, dialect }: PreviewRules): number[] | null {
  if (!isRejectedExport(header)) return null;
  const place = header.findIndex((name) => name.trim().toLowerCase() === '_line');
  if (place < 0) return null;
  const rows = chunks.flatMap(({ bytes, shape }) => parseChunk(bytes, shape, dialect).rows);
  const lines = rows.slice(0, FORECAST_ROWS).map(({ cells }) => Number(cells[place]));
  return lines.filter((line) => Number.isInteger(line) && line > 0 && line <= MAX_LINE);
}

/** A quote that is open for longer than a record may be is damage for an import, too; sooner it need not wait for it. */
const unfinished = { maxChunkBytes: CHUNK_BYTES, maxOpenQuoteBytes: MAX_RECORD_BYTES };

function cut({ source, cutter, sniffed, text }: FileBeginning, complete: boolean): Chunk[] {
  const chunks = cutter.push(complete ? Buffer.concat([text, source.end()]) : text);
  // A header that is cut off is shown as far as it came.
  const hasHeader = sniffed.header !== null || cutter.header !== null;
  return complete || !hasHeader ? [...chunks, ...cutter.end()] : chunks;
}

function toPreviewProblem(fault: CsvError): PreviewProblem {
  const code = previewProblemCodes.find((known) => known === fault.code);
  if (code === undefined) throw fault;
  return { code, detail: fault.message, ...(fault.line === undefined ? {} : { line: fault.line }) };
}

type DescribedFile = Pick<
  ImportPreview,
  | ('encoding' | 'encodingConfidence' | 'encodingSamples' | 'encodingAlternatives')
  | ('delimiter' | 'quote' | 'headerLine' | 'titleLines')
>;

function describeFile(bytes: Uint8Array, sniffed: Sniffed): DescribedFile {
  const { dialect, grammar, header, headerLine } = sniffed;
  const { confidence, samples, alternatives } = describeEncoding(bytes, sniffed);
  return {
    encoding: dialect.encoding,
    encodingConfidence: confidence,
    encodingSamples: samples,
    encodingAlternatives: alternatives,
    delimiter: grammar.delimiter,
    quote: grammar.quote,
    headerLine: header === null ? headerLine : 0,
    titleLines: titleLinesOf(bytes, sniffed),
  };
}

function titleLinesOf(bytes: Uint8Array, { dialect, bomLength, preambleBytes }: Sniffed): string[] {
  const text = readText(bytes.subarray(bomLength), dialect.encoding);
  const above = Buffer.from(text).subarray(0, preambleBytes).toString();
  const lines = above.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  return lines.slice(0, PREVIEW_TITLE_LINES).map(shorten);
}

/** Of an export of ours those of the file that it came of, in which its rows stand again. */
function columnsOf(header: FileHeader, plan: ColumnPlan, mapped: ColumnSayer): PreviewColumn[] {
  const own = [...header.cells.keys()].filter(
    (index) => !header.isExport || !isExportColumn(header.cells[index] ?? ''),
  );
  return own.map((place, index) => {
    const by = plan.by[place] ?? null;
    const target = plan.columns[place] ?? '';
    return {
      index,
      name: header.cells[place] ?? '',
      target: shownTarget(target),
      confidence: plan.confidence[place] ?? 1,
      by: by === 'mapping' ? mapped : by,
      samples: samplesOf(header.sample, place),
      passedOver: plan.passedOver[place] ?? null,
      standsIn: readAttributeTarget(target)?.isFurtherEmail ?? false,
    };
  });
}

function samplesOf(sample: FileHeader['sample'], place: number): string[] {
  const samples = new Set<string>();
  for (const cells of sample) {
    const cell = (cells[place] ?? '').trim();
    if (cell !== '') samples.add(shorten(cell));
    if (samples.size === PREVIEW_SAMPLES) break;
  }
  return [...samples];
}

/** A sheet says its last row, each row being a line; else as many rows to a byte as in the chunks that are whole. */
function estimateRows(
  { bytes, size, lastLine }: FirstBytes,
  { text, cutter }: Pick<FileBeginning, 'text' | 'cutter'>,
  chunks: readonly Chunk[],
): number | null {
  const rows = chunks.reduce((sum, { shape }) => sum + shape.rows, 0);
  const untilLast = (lastLine ?? 0) - (cutter.header?.line ?? 0) - cutter.blankRows;
  // Programs that write while they read do not know it, and say the first row.
  if (untilLast > rows) return untilLast;
  const read = chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  if (size === null || read === 0) return null;
  const all = (size * text.length) / bytes.length - (cutter.header?.bytes.length ?? 0);
  return Math.max(rows, Math.round((rows * all) / read));
}
