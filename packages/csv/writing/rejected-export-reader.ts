/** Reads the file of rejected rows back, whoever has saved it meanwhile: `rejected-export.ts` says what it holds. */
import { type RecordCode, rowCodes } from '@tidings/contracts/codes.ts';
import { splitRecord } from '../cutting/split.ts';
import { restoreCell } from './neutralise.ts';
import {
  CODE_SEPARATOR,
  comparedName,
  type ExportColumn,
  isExportColumn,
  recordCodesOf,
} from './rejected-export.ts';
import { checkOf } from './row-check.ts';
import { unreadableIn, withoutStandIns } from './stand-ins.ts';

/** Different texts of `_extra` that are looked for in the row's cells, at most; nobody moves more of them by hand. */
const MAX_PLACED_TEXTS = 100;

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
    const names = header.map(comparedName);
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

function areCodes(cell: string): boolean {
  return cell
    .trim()
    .split(CODE_SEPARATOR)
    .every((code) => (rowCodes as readonly string[]).includes(code));
}
