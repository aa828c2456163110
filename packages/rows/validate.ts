/** Turns the cells of a chunk into rows that can be stored and rows that are rejected, with the reasons. */
import { setImmediate } from 'node:timers/promises';
import type { RejectedRow, ValidRow } from '@tidings/contact-store/chunk-to-apply.ts';
import type { RecordCode, RowCode } from '@tidings/contracts/codes.ts';
import { parametersOf } from '@tidings/contracts/files/row-faults.ts';
import type { ChunkWork } from '@tidings/contracts/imports/work.ts';
import type { ParsedChunk, ParsedRow, UnreadableCode } from '@tidings/csv/cutting/records.ts';
import { restoreLineBreaks } from '@tidings/csv/line-breaks.ts';
import { RejectedExportReader } from '@tidings/csv/writing/rejected-export-reader.ts';
import type { CountryLookup } from './country-directory.ts';
import { type CheckedRow, type RowFaults, RowValidator } from './row-validator.ts';

export interface ValidatedChunk {
  /** The header of the file in which the rows first stood. */
  readonly header: readonly string[];
  /** What each of its columns is for. */
  readonly columns: readonly string[];
  /** By row, ascending. */
  readonly valid: ValidRow[];
  /** The valid rows that are imported without a value, by row, ascending. */
  readonly warned: RejectedRow[];
  /** By row, ascending. */
  readonly rejected: RejectedRow[];
  /** Makes the rejected row of a valid one that the store refuses. */
  toRejected(row: number, code: RowCode): RejectedRow;
}

/** The parts of a chunk's description that decide about its rows. */
export type RowRules = Pick<
  ChunkWork,
  | ('header' | 'columns' | 'defaultCountry' | 'restoreCells')
  | ('invalidFields' | 'cutsBlankCells' | 'countsSurplusCells' | 'hasLineBreaks')
>;

/** A row whose record is damaged, or whose cells are not text. */
type FaultyRow = ParsedRow & { readonly codes: readonly RecordCode[] };

/** Faults within cells. Each cell still stands in its column, so the values of the row are checked as well. */
const cellFaults: ReadonlySet<RowCode> = new Set<UnreadableCode>([
  'invalid_encoding',
  'replacement_character',
  'nul_byte',
]);

/** Rows that are checked in one turn of the event loop, which takes a millisecond or two, so that the report of another chunk need not wait. */
const ROWS_A_TURN = 400;

/** Rows as they stood in the file that had them first, and those of them that cannot be read. */
export interface ReadRows extends Pick<ValidatedChunk, 'header' | 'columns'> {
  readonly rows: readonly ParsedRow[];
  readonly faulty: readonly FaultyRow[];
}

/** The same chunk and the same reference tables give the same rows. */
export function validateChunk(
  parsed: ParsedChunk,
  rules: RowRules,
  countries: CountryLookup,
): Promise<ValidatedChunk> {
  return validateRows(readRows(parsed, rules), rules, countries);
}

/** @param parsed whose cells may change */
export function readRows(
  parsed: ParsedChunk,
  rules: Pick<RowRules, 'header' | 'columns' | 'restoreCells' | 'hasLineBreaks'>,
): ReadRows {
  if (rules.hasLineBreaks)
    for (const row of [...parsed.rows, ...parsed.rejected]) row.cells = restoreLineBreaks(row.cells);
  if (rules.restoreCells) return restoreRows(parsed, rules);
  const { header, columns } = rules;
  return { header, columns, rows: parsed.rows, faulty: parsed.rejected };
}

export async function validateRows(
  { header, columns, rows, faulty }: ReadRows,
  rules: Pick<RowRules, 'defaultCountry' | 'invalidFields' | 'cutsBlankCells' | 'countsSurplusCells'>,
  countries: CountryLookup,
): Promise<ValidatedChunk> {
  const validator = new RowValidator({ ...rules, header, columns, countries });
  const valid: ValidRow[] = [];
  const warned: RejectedRow[] = [];
  const rejected = faulty.map((row) => reject(row, allFaults(row, validator), columns));
  for (const [index, row] of rows.entries()) {
    if (index % ROWS_A_TURN === 0) await setImmediate();
    const outcome = validator.validate(row);
    if ('valid' in outcome) {
      valid.push(outcome.valid);
      if (outcome.warnings.length > 0) warned.push(reject(row, { codes: outcome.warnings }, columns));
    } else rejected.push(reject(row, outcome, columns));
  }
  rejected.sort((a, b) => a.row - b.row);
  return { header, columns, valid, warned, rejected, toRejected: rejecter(rows, columns) };
}

/** Finds a row by its number. It is rarely called, so the index is built at the first call. */
function rejecter(rows: readonly ParsedRow[], columns: readonly string[]): ValidatedChunk['toRejected'] {
  let byNumber: Map<number, ParsedRow> | null = null;
  return (number, code) => {
    byNumber ??= new Map(rows.map((row) => [row.row, row]));
    const row = byNumber.get(number);
    if (row === undefined) throw new RangeError(`The chunk has no valid row ${number}.`);
    return reject(row, { codes: [code] }, columns);
  };
}

/** The rows of an export of ours, as they stood in the file in which they were rejected. */
function restoreRows(parsed: ParsedChunk, rules: Pick<RowRules, 'header' | 'columns'>): ReadRows {
  const reader = new RejectedExportReader(rules.header);
  const rows: ParsedRow[] = [];
  const faulty = parsed.rejected.map((unreadable): FaultyRow => {
    const { cells, codes } = reader.read(unreadable.cells);
    const isDamaged = unreadable.codes.some((code) => !cellFaults.has(code));
    // In a damaged record it is not known which cells are those of our columns.
    const all = isDamaged ? unreadable.codes : [...new Set([...unreadable.codes, ...codes])];
    return { ...unreadable, cells, codes: all };
  });
  for (const { row, line, cells: written } of parsed.rows) {
    const { cells, codes } = reader.read(written);
    if (codes.length === 0) rows.push({ row, line, cells });
    else faulty.push({ row, line, cells, codes });
  }
  const columns = reader.kept.map((index) => rules.columns[index] ?? '');
  return { rows, faulty, header: reader.header, columns };
}

/** Keeps the cells as they stand in the person's file, so that the row can be mended and dropped again. */
function reject(
  { row, line, cells }: ParsedRow,
  { codes, found = {} }: RowFaults,
  columns: readonly string[],
): RejectedRow {
  const known = parametersOf(codes, cells.length, columns);
  const told = codes.flatMap((code) => {
    const parameters = { ...known[code], ...found[code] };
    return Object.keys(parameters).length === 0 ? [] : [[code, parameters] as const];
  });
  return { row, line, codes, parameters: Object.fromEntries(told), cells };
}

/** The faults of the record, and of its values where each cell is known to stand in its column. */
function allFaults(row: FaultyRow, validator: RowValidator): RowFaults {
  if (!row.codes.every((code) => cellFaults.has(code))) return row;
  const outcome: CheckedRow = validator.validate(row);
  return 'codes' in outcome ? { ...outcome, codes: [...row.codes, ...outcome.codes] } : row;
}
