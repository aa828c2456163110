/**
 * The fix loop by a file: writes the file of rejected rows, and reads it back. It has the imported file's own columns, then ours. A row that a
 * person left as it was becomes the rejected record again; a row that was changed is taken as it now stands.
 *
 * A value shows again what is wrong with it. What was wrong with the record (its number of cells, its quotes,
 * its bytes) does not show in a well-formed file. Such a row has a `_check`: the number of its cells and a digest of what was
 * written, which tell whether the row is still the same.
 */
import { createHash } from 'node:crypto';
import { type RecordCode, type RowCode, recordCodes, rowCodes } from '@tidings/contracts/codes.ts';
import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import type { ParametersByCode } from '@tidings/contracts/files/row-faults.ts';
import { reasonOf, rowReasons } from '@tidings/contracts/files/row-words/reasons.ts';
import type { RowReasonWords } from '@tidings/contracts/files/row-words/row-words.ts';
import { splitRecord } from '../cutting/split.ts';
import { REPLACEMENT_CHARACTER } from '../utf8.ts';
import { neutraliseCell, restoreCell } from './neutralise.ts';
import { BYTE_ORDER_MARK, writeQuotedRecord, writeRecord } from './write.ts';

/** The columns that we add; they never become attributes. */
export const EXPORT_COLUMNS = ['_line', '_code', '_reason', '_extra', '_check'] as const;
type ExportColumn = (typeof EXPORT_COLUMNS)[number];

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

/** Different texts of `_extra` that are looked for in the row's cells, at most; nobody moves more of them by hand. */
const MAX_PLACED_TEXTS = 100;

const CODE_SEPARATOR = ' ';

/** Whether the header is that of an export of ours, of which somebody may have deleted columns of ours: two are left, or one that nobody else has. */
export function isRejectedExport(header: readonly string[]): boolean {
  const names = header.map(nameOf);
  const left = EXPORT_COLUMNS.filter((name) => names.includes(name));
  return left.length > 1 || left.includes('_line') || left.includes('_check');
}

/** Whether the rows of such a file still say why they were rejected. */
export function hasCodes(header: readonly string[]): boolean {
  return header.map(nameOf).includes('_code');
}

export function isExportColumn(name: string): boolean {
  return (EXPORT_COLUMNS as readonly string[]).includes(nameOf(name));
}

/** Why a row of such a file was rejected. @param header of the file */
export function codesIn(header: readonly string[], cells: readonly string[]): string[] {
  return (cells[header.map(nameOf).indexOf('_code')] ?? '').trim().split(CODE_SEPARATOR);
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

/** A row as it was before the export, or as a person has changed it. */
export interface RestoredRow {
  readonly cells: string[];
  /** What is wrong with the record; none where it is whole. */
  readonly codes: RecordCode[];
}

/** Reads the records of one of our files, whoever saved it. */
export class RejectedExportReader {
  /** The header of the file that the rows stood in. */
  readonly header: readonly string[];
  /** Where the imported file's columns stand in our file. */
  readonly kept: readonly number[];
  readonly #width: number;
  /** Columns of the imported file that stand before ours, as the export has them. */
  readonly #exported: number;
  readonly #places: Readonly<Record<ExportColumn, number>>;

  /** @param header of our file, its cells restored */
  constructor(header: readonly string[]) {
    this.#width = header.length;
    this.kept = [...header.keys()].filter((index) => !isExportColumn(header[index] ?? ''));
    this.header = this.kept.map((index) => header[index] ?? '');
    const names = header.map(nameOf);
    const firstOfOurs = names.findIndex((name) => isExportColumn(name));
    this.#exported = this.kept.filter((index) => index < firstOfOurs).length;
    const place = (name: ExportColumn) => names.indexOf(name);
    this.#places = {
      _line: place('_line'),
      _code: place('_code'),
      _reason: place('_reason'),
      _extra: place('_extra'),
      _check: place('_check'),
    };
  }

  read(written: readonly string[]): RestoredRow {
    const cells = written.map(restoreCell);
    if (!this.#isWhole(cells)) return this.#readDamaged(cells);
    const { _code, _extra, _check } = this.#places;
    const own = this.kept.map((index) => cells[index] ?? '');
    const extra = cells[_extra] ?? '';
    const surplus = extra === '' ? [] : splitRecord(extra, ',');
    const code = cells[_code] ?? '';
    const codes = recordCodesOf(code.trim().split(CODE_SEPARATOR));
    const count = Number(/^c(\d+)-/.exec(cells[_check] ?? '')?.[1] ?? -1);
    const isUnchanged = (exported: readonly string[]) =>
      count >= 0 && cells[_check] === checkOf(count, exported, code, extra);
    const asBefore = (exported: readonly string[]) =>
      [...exported, ...surplus].slice(0, count).map((cell) => withoutStandIns(cell, codes));
    if (isUnchanged(own)) return { cells: asBefore(own), codes };
    // Columns that somebody has added behind ours change nothing of the others.
    const exported = own.slice(0, this.#exported);
    const added = own.slice(this.#exported);
    const fits = count === exported.length;
    if (added.length > 0 && (fits || added.every((cell) => cell.trim() === '')) && isUnchanged(exported))
      return { cells: [...asBefore(exported), ...(fits ? added : [])], codes };
    return readMended(own, surplus, codes);
  }

  /**
   * Whether each cell stands in its column. Spreadsheets leave out blank cells of the last columns, and people add rows that have none of our cells.
   * A row that lacks a cell elsewhere has another one where its line or its codes must stand.
   */
  #isWhole(cells: readonly string[]): boolean {
    if (cells.slice(this.#width).some((cell) => cell.trim() !== '')) return false;
    if (cells.length >= this.#width) return true;
    const { _line, _code, _reason } = this.#places;
    const isReached = cells.length > Math.max(_line, _code, _reason);
    if (_line >= 0 && isReached && /^\s*\d+\s*$/.test(cells[_line] ?? '')) return true;
    if (this.kept.some((index) => index >= cells.length)) return false;
    const ours = Object.values(this.#places).flatMap((place) => cells[place] ?? []);
    return ours.every((cell) => cell.trim() === '') || (_line < 0 && areCodes(cells[_code] ?? ''));
  }

  /** Keeps every cell: which cell belongs to which column is not known. */
  #readDamaged(cells: readonly string[]): RestoredRow {
    const kept = new Set(this.kept);
    const own = cells.filter((_, index) => kept.has(index));
    const rest = cells.filter((_, index) => !kept.has(index));
    return {
      cells: [...own, ...rest],
      codes: [cells.length < this.#width ? 'too_few_cells' : 'too_many_cells'],
    };
  }
}

/** No text of `_extra` is lost: each stands in some cell by now, or the row still has too many cells. */
function readMended(own: string[], surplus: readonly string[], codes: readonly RecordCode[]): RestoredRow {
  const texts = new Set(surplus.map((cell) => cell.trim()).filter((text) => text !== ''));
  const isLeft = (text: string) => !own.some((cell) => cell.includes(text));
  if (texts.size > MAX_PLACED_TEXTS || [...texts].some(isLeft)) {
    return { cells: [...own, ...surplus], codes: ['too_many_cells'] };
  }
  const cells = own.map((cell) => withoutStandIns(cell, codes));
  // A stand-in becomes its character again only where the row was rejected for that character.
  return { cells, codes: unreadableIn(cells) };
}

interface StandIn {
  /** In rows with one of these codes `shown` stands for the character. A mended row that still holds `shown` gets the first code. */
  readonly codes: readonly [RecordCode, ...RecordCode[]];
  readonly character: string;
  readonly shown: string;
}

/** Characters that an export does not hold, each with the stand-in that it gets in a row that was rejected for it. */
const standIns: readonly StandIn[] = [
  { codes: ['nul_byte'], character: '\0', shown: '␀' },
  // Rows that earlier releases kept hold U+FFFD; this release keeps rows that are not UTF-8 with other letters.
  { codes: ['replacement_character', 'invalid_encoding'], character: REPLACEMENT_CHARACTER, shown: '␚' },
];

function withStandIns(cell: string): string {
  return standIns.reduce((text, { character, shown }) => text.replaceAll(character, shown), cell);
}

function withoutStandIns(cell: string, codes: readonly RecordCode[]): string {
  const fitting = standIns.filter(({ codes: own }) => own.some((code) => codes.includes(code)));
  return fitting.reduce((text, { character, shown }) => text.replaceAll(shown, character), cell);
}

/** What cells hold that is no text. */
function unreadableIn(cells: readonly string[]): RecordCode[] {
  const found = standIns.filter(({ character }) => cells.some((cell) => cell.includes(character)));
  return found.map(({ codes }) => codes[0]);
}

function areCodes(cell: string): boolean {
  return cell
    .trim()
    .split(CODE_SEPARATOR)
    .every((code) => (rowCodes as readonly string[]).includes(code));
}

function recordCodesOf(codes: readonly string[]): RecordCode[] {
  return codes.filter((code): code is RecordCode => (recordCodes as readonly string[]).includes(code));
}

/** A digest that no spreadsheet takes for a number or a date. Leaves out what spreadsheets change by themselves. */
function checkOf(count: number, own: readonly string[], code: string, extra: string): string {
  const texts = [...own, code, extra].map(asSpreadsheetsKeepIt);
  const digest = createHash('sha256')
    .update(JSON.stringify([count, texts]))
    .digest('hex');
  return `c${count}-${digest.slice(0, 16)}`;
}

const NUMBER = /^[+-]?[\p{Sc}\s]*(\d[\d.,'’\s]*)(?:e[+-]?\d+)?[%\p{Sc}\s]*$/iu;
const SHORT_DATE = /^\d{1,4}\.\d{1,2}\.(?:\d{4}|\d{1,2})?$/;
const DATE_OR_TIME = /^\d[\d\s.,:/tz-]*(?:[ap]m)?$/i;
const TRUTH_VALUE = /^(?:true|false)$/i;
/** Characters of a number, a date or a time; a longer text is none, and is not searched. */
const MAX_VALUE_CHARACTERS = 40;
/** Digits after the first that spreadsheets keep of a long number, at least: `4.91711E+11`. */
const KEPT_DIGITS = 5;

/**
 * What is sure to stay of a text when a spreadsheet opens and saves it: newlines as LF, no blanks at the ends, the first
 * digits of a number, and of a date or a time only the fact that it is one.
 */
function asSpreadsheetsKeepIt(text: string): string {
  const trimmed = text.replace(/\r\n?/g, '\n').trim();
  if (trimmed.length > MAX_VALUE_CHARACTERS) return trimmed;
  const number = SHORT_DATE.test(trimmed) ? null : NUMBER.exec(trimmed);
  if (number !== null) return `number ${firstDigitsOf(number[1] ?? '')}`;
  if (DATE_OR_TIME.test(trimmed)) return 'date or time';
  return TRUTH_VALUE.test(trimmed) ? trimmed.toLowerCase() : trimmed;
}

/** The number rounded, without sign, separators, and zeros at its ends. */
function firstDigitsOf(mantissa: string): string {
  const digits = mantissa.replace(/\D/g, '');
  return Number(`0.${digits.replace(/^0+/, '')}`)
    .toExponential(KEPT_DIGITS)
    .replace(/e.*/, '');
}

function hintFor(
  codes: readonly RowCode[],
  own: readonly string[],
  extra: string,
  { hints }: RowReasonWords,
): string {
  if (extra !== '') return hints.surplus;
  if (codes.includes('record_too_long')) return hints.notKept;
  const isShown = ({ codes: fitting, shown }: StandIn) =>
    fitting.some((code) => codes.includes(code)) && own.some((cell) => cell.includes(shown));
  const unreadable = standIns.find(isShown);
  if (unreadable !== undefined) return hints.standIn(unreadable.shown);
  return hints.rightAsItIs;
}

function nameOf(cell: string): string {
  return cell.trim().toLowerCase();
}
