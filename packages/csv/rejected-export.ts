/**
 * The file of rejected rows, written and read back: the file's own columns, then ours. A row that a person leaves as it is
 * is the record that it was, with what was wrong with it; one that was mended is taken as it now stands.
 *
 * What is wrong with a value is seen again in the value. What was wrong with the record (its number of cells, its quotes,
 * its bytes) cannot be seen in a file that is whole: such a row has a `_check`, the number of its cells and a digest of what was
 * written, which tells whether it is still the same.
 */
import { createHash } from 'node:crypto';
import { type RecordCode, type RowCode, recordCodes } from '@tidings/contracts/codes.ts';
import type { Delimiter } from '@tidings/contracts/csv.ts';
import { neutraliseCell, restoreCell } from './neutralise.ts';
import { splitRecord } from './split.ts';
import { REPLACEMENT_CHARACTER } from './utf8.ts';
import { BYTE_ORDER_MARK, writeQuotedRecord, writeRecord } from './write.ts';

/** The columns that we add; they never become attributes. */
export const EXPORT_COLUMNS = ['_line', '_code', '_reason', '_extra', '_check'] as const;
type ExportColumn = (typeof EXPORT_COLUMNS)[number];

/** A rejected row, as it is kept. */
export interface ExportedRow {
  readonly line: number;
  readonly codes: readonly RowCode[];
  readonly reason: string;
  readonly cells: readonly string[];
}

/** Which of the columns a file needs that not every file does. */
export interface OptionalColumns {
  /** Some row has more cells than the header. */
  readonly extra: boolean;
  /** Something is wrong with the record of some row. */
  readonly check: boolean;
}

/** Different texts of `_extra` that are looked for in the row's cells, at most; nobody puts more of them in place by hand. */
const MAX_PLACED_TEXTS = 100;

const CODE_SEPARATOR = ' ';

/** Whether a header is that of one of our files. */
export function isRejectedExport(header: readonly string[]): boolean {
  const names = header.map(nameOf);
  return ['_line', '_code', '_reason'].every((name) => names.includes(name));
}

export function isExportColumn(name: string): boolean {
  return (EXPORT_COLUMNS as readonly string[]).includes(nameOf(name));
}

/** Which of the optional columns the row needs. */
export function columnsNeeded(row: ExportedRow, width: number): OptionalColumns {
  return { extra: row.cells.length > width, check: recordCodesOf(row.codes).length > 0 };
}

/** Writes the file, record by record. */
export class RejectedExportWriter {
  readonly #header: readonly string[];
  readonly #kept: readonly number[];
  readonly #delimiter: Delimiter;
  readonly #columns: OptionalColumns;

  /** @param header of the file that the rows stood in; columns of it that are named as ours are left out. */
  constructor(header: readonly string[], delimiter: Delimiter, columns: OptionalColumns) {
    this.#header = header;
    this.#kept = [...header.keys()].filter((index) => !isExportColumn(header[index] ?? ''));
    this.#delimiter = delimiter;
    this.#columns = columns;
  }

  header(): string {
    const names = this.#kept.map((index) => this.#header[index] ?? '');
    const { extra, check } = this.#columns;
    names.push('_line', '_code', '_reason', ...(extra ? ['_extra'] : []), ...(check ? ['_check'] : []));
    return BYTE_ORDER_MARK + this.#write(names);
  }

  row({ line, codes, reason, cells }: ExportedRow): string {
    const shown = cells.map(withStandIns);
    const own = this.#kept.map((index) => shown[index] ?? '');
    const surplus = shown.slice(this.#header.length);
    const extra = surplus.length === 0 ? '' : writeRecord(surplus).slice(0, -2);
    const code = codes.join(CODE_SEPARATOR);
    const checked = recordCodesOf(codes).length > 0;
    const record = [...own, String(line), code, checked ? `${reason} ${hintFor(codes, own, extra)}` : reason];
    if (this.#columns.extra) record.push(extra);
    if (this.#columns.check) record.push(checked ? checkOf(cells.length, own, code, extra) : '');
    return this.#write(record);
  }

  #write(cells: readonly string[]): string {
    return writeQuotedRecord(cells.map(neutraliseCell), this.#delimiter);
  }
}

/** A row as it was before it was exported, or as it was mended. */
export interface RestoredRow {
  readonly cells: string[];
  /** What is wrong with the record; none where it is whole. */
  readonly codes: RecordCode[];
}

/** Reads the records of one of our files, whoever saved it. */
export class RejectedExportReader {
  /** The header of the file that the rows stood in. */
  readonly header: readonly string[];
  /** Where its columns stand in our file. */
  readonly kept: readonly number[];
  readonly #width: number;
  readonly #places: Readonly<Record<ExportColumn, number>>;

  /** @param header of our file, its cells restored */
  constructor(header: readonly string[]) {
    this.#width = header.length;
    this.kept = [...header.keys()].filter((index) => !isExportColumn(header[index] ?? ''));
    this.header = this.kept.map((index) => header[index] ?? '');
    const names = header.map(nameOf);
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
    if (count >= 0 && cells[_check] === checkOf(count, own, code, extra)) {
      return {
        cells: [...own, ...surplus].slice(0, count).map((cell) => withoutStandIns(cell, codes)),
        codes,
      };
    }
    return readMended(own, surplus, codes);
  }

  /** Spreadsheets leave cells out that are blank in the last columns: ours that may be blank are told from a row that lacks one. */
  #isWhole(cells: readonly string[]): boolean {
    const { _line, _extra, _check } = this.#places;
    if (cells.length === this.#width) return true;
    if (cells.length > this.#width || !/^\s*\d+\s*$/.test(cells[_line] ?? '')) return false;
    for (let index = cells.length; index < this.#width; index++) {
      if (index !== _extra && index !== _check) return false;
    }
    return true;
  }

  /** What stands in which column is not known: all is kept. */
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

/** Nothing of `_extra` is lost: each text in it stands in some cell by now, or the row has too many still. */
function readMended(own: string[], surplus: readonly string[], codes: readonly RecordCode[]): RestoredRow {
  const texts = new Set(surplus.map((cell) => cell.trim()).filter((text) => text !== ''));
  const isLeft = (text: string) => !own.some((cell) => cell.includes(text));
  if (texts.size > MAX_PLACED_TEXTS || [...texts].some(isLeft)) {
    return { cells: [...own, ...surplus], codes: ['too_many_cells'] };
  }
  const cells = own.map((cell) => withoutStandIns(cell, codes));
  // A stand-in that the person left was made what it stands for only where the row was rejected for it.
  return { cells, codes: unreadableIn(cells) };
}

interface StandIn {
  /** Of rows in which it stands for the character; what it says of a row that was mended is the first. */
  readonly codes: readonly [RecordCode, ...RecordCode[]];
  readonly character: string;
  readonly shown: string;
}

/** Characters that a file of ours does not hold, and what stands for them where a row was rejected because of them. */
const standIns: readonly StandIn[] = [
  { codes: ['nul_byte'], character: '\0', shown: '␀' },
  // Rows that are no UTF-8 are kept with other letters by now; those that were kept before hold it.
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

function recordCodesOf(codes: readonly string[]): RecordCode[] {
  return codes.filter((code): code is RecordCode => (recordCodes as readonly string[]).includes(code));
}

/** No spreadsheet takes it for a number or a date. What spreadsheets change by themselves does not count. */
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
/** Digits behind the first that spreadsheets keep of a long number at least: `4.91711E+11`. */
const KEPT_DIGITS = 5;

/**
 * What is sure to be left of a text that a spreadsheet opens and saves: no newline but LF, no blanks at the ends, the first
 * digits of a number, and of what it may take for a date or a time nothing but that.
 */
function asSpreadsheetsKeepIt(text: string): string {
  const trimmed = text.replace(/\r\n?/g, '\n').trim();
  if (trimmed.length > MAX_VALUE_CHARACTERS) return trimmed;
  const number = SHORT_DATE.test(trimmed) ? null : NUMBER.exec(trimmed);
  if (number !== null) return `number ${firstDigitsOf(number[1] ?? '')}`;
  if (DATE_OR_TIME.test(trimmed)) return 'date or time';
  return TRUTH_VALUE.test(trimmed) ? trimmed.toLowerCase() : trimmed;
}

/** Rounded, and whatever the sign, the separators and the zeros at its ends. */
function firstDigitsOf(mantissa: string): string {
  const digits = mantissa.replace(/\D/g, '');
  return Number(`0.${digits.replace(/^0+/, '')}`)
    .toExponential(KEPT_DIGITS)
    .replace(/e.*/, '');
}

function hintFor(codes: readonly RowCode[], own: readonly string[], extra: string): string {
  if (extra !== '') return 'Put what is in _extra where it belongs, or empty it.';
  if (codes.includes('record_too_long')) return 'Its cells were not kept: fill them in.';
  const isShown = ({ codes: fitting, shown }: StandIn) =>
    fitting.some((code) => codes.includes(code)) && own.some((cell) => cell.includes(shown));
  const unreadable = standIns.find(isShown);
  if (unreadable !== undefined) return `Write what belongs where ${unreadable.shown} stands.`;
  return 'If the row is right as it is now, empty its _code.';
}

function nameOf(cell: string): string {
  return cell.trim().toLowerCase();
}
