/**
 * The fix loop by a file: writes the file of rejected rows. It has the imported file's own columns, then ours. `rejected-export-reader.ts` reads it
 * back: a row that a person left as it was becomes the rejected record again; a row that was changed is taken as it now stands.
 *
 * A value shows again what is wrong with it. What was wrong with the record (its number of cells, its quotes,
 * its bytes) does not show in a well-formed file. Such a row has a `_check` (`row-check.ts`), which tells whether the row is still the same.
 */
import { type RecordCode, type RowCode, recordCodes } from '@tidings/contracts/codes.ts';
import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import type { ParametersByCode } from '@tidings/contracts/files/row-faults.ts';
import { reasonOf, rowReasons } from '@tidings/contracts/files/row-words/reasons.ts';
import type { RowReasonWords } from '@tidings/contracts/files/row-words/row-words.ts';
import { neutraliseCell } from './neutralise.ts';
import { checkOf } from './row-check.ts';
import { shownStandIn, withStandIns } from './stand-ins.ts';
import { BYTE_ORDER_MARK, writeQuotedRecord, writeRecord } from './write.ts';

/** The columns that we add; they never become attributes. */
export const EXPORT_COLUMNS = ['_line', '_code', '_reason', '_extra', '_check'] as const;
export type ExportColumn = (typeof EXPORT_COLUMNS)[number];

/** A rejected row, as it is kept. */
export interface ExportedRow {
  readonly line: number;
  readonly codes: readonly RowCode[];
  readonly parameters: ParametersByCode;
  readonly cells: readonly string[];
}

/** Cells as a person sees them. */
export interface ShownCells {
  /** Of the file's own columns. */
  readonly own: readonly string[];
  /** Cells beyond the header, as a CSV record; '' for none. */
  readonly extra: string;
}

/** Which of the optional columns a file needs. */
export interface OptionalColumns {
  /** Some row has more cells than the header. */
  readonly extra: boolean;
  /** Something is wrong with the record of some row. */
  readonly check: boolean;
}

/** Between the codes of a row in `_code`. */
export const CODE_SEPARATOR = ' ';

/** Whether the header is that of an export of ours, of which somebody may have deleted columns of ours: two are left, or one that nobody else has. */
export function isRejectedExport(header: readonly string[]): boolean {
  const names = header.map(comparedName);
  const left = EXPORT_COLUMNS.filter((name) => names.includes(name));
  return left.length > 1 || left.includes('_line') || left.includes('_check');
}

/** Whether the rows of such a file still say why they were rejected. */
export function hasCodes(header: readonly string[]): boolean {
  return header.map(comparedName).includes('_code');
}

export function isExportColumn(name: string): boolean {
  return (EXPORT_COLUMNS as readonly string[]).includes(comparedName(name));
}

/** Why a row of such a file was rejected. @param header of the file */
export function codesIn(header: readonly string[], cells: readonly string[]): string[] {
  return (cells[header.map(comparedName).indexOf('_code')] ?? '').trim().split(CODE_SEPARATOR);
}

/** Writes the file, record by record. */
export class RejectedExportWriter {
  /** Where the columns of the file stand in its header. */
  readonly kept: readonly number[];
  readonly #header: readonly string[];
  readonly #delimiter: Delimiter;
  readonly #columns: OptionalColumns;
  readonly #words: RowReasonWords;

  /**
   * @param header of the file that the rows stood in; columns of it that are named as ours are left out.
   * @param words of `_reason`, which nobody reads back
   */
  constructor(
    header: readonly string[],
    delimiter: Delimiter,
    columns: OptionalColumns,
    words: RowReasonWords = rowReasons.en,
  ) {
    this.#header = header;
    this.kept = [...header.keys()].filter((index) => !isExportColumn(header[index] ?? ''));
    this.#delimiter = delimiter;
    this.#columns = columns;
    this.#words = words;
  }

  /** Of the file's columns. */
  names(): string[] {
    const { extra, check } = this.#columns;
    return [
      ...this.kept.map((index) => this.#header[index] ?? ''),
      ...['_line', '_code', '_reason', ...(extra ? ['_extra'] : []), ...(check ? ['_check'] : [])],
    ];
  }

  /** The row's cells as a person sees them, below `names`. */
  cells({ line, codes, parameters, cells }: ExportedRow): string[] {
    const { own, extra } = this.show(cells);
    const code = codes.join(CODE_SEPARATOR);
    const checked = recordCodesOf(codes).length > 0;
    const hints = checked ? [hintFor(codes, own, extra, this.#words)] : [];
    const record = [...own, String(line), code, reasonOf(codes, parameters, this.#words, hints)];
    if (this.#columns.extra) record.push(extra);
    if (this.#columns.check) record.push(checked ? checkOf(cells.length, own, code, extra) : '');
    return record;
  }

  header(): string {
    return BYTE_ORDER_MARK + this.#write(this.names());
  }

  row(row: ExportedRow): string {
    return this.#write(this.cells(row));
  }

  /** The row as somebody has mended it: it is read as it stands. */
  mendedRow({ line, codes }: Pick<ExportedRow, 'line' | 'codes'>, { own, extra }: ShownCells): string {
    const record = [...own, String(line), codes.join(CODE_SEPARATOR), ''];
    if (this.#columns.extra) record.push(extra);
    if (this.#columns.check) record.push('');
    return this.#write(record);
  }

  /** A row's cells as the file shows them. */
  show(cells: readonly string[]): ShownCells {
    const shown = cells.map(withStandIns);
    const own = this.kept.map((index) => shown[index] ?? '');
    const surplus = shown.slice(this.#header.length);
    return { own, extra: surplus.length === 0 ? '' : writeRecord(surplus).slice(0, -2) };
  }

  #write(cells: readonly string[]): string {
    return writeQuotedRecord(cells.map(neutraliseCell), this.#delimiter);
  }
}

/** Those of the codes that are about the record, and not about a value. */
export function recordCodesOf(codes: readonly string[]): RecordCode[] {
  return codes.filter((code): code is RecordCode => (recordCodes as readonly string[]).includes(code));
}

function hintFor(
  codes: readonly RowCode[],
  own: readonly string[],
  extra: string,
  { hints }: RowReasonWords,
): string {
  if (extra !== '') return hints.surplus;
  if (codes.includes('record_too_long')) return hints.notKept;
  const standIn = shownStandIn(own, codes);
  return standIn === undefined ? hints.rightAsItIs : hints.standIn(standIn);
}

/** The form in which names of columns are compared with ours. */
export function comparedName(cell: string): string {
  return cell.trim().toLowerCase();
}
