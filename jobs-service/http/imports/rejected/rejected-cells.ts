/** Rejected rows as the API shows and takes them: the cells by the names of their columns, as `rejected.csv` has them. */
import type { ImportLayout } from '@tidings/contact-store/kept-imports.ts';
import type { KeptCells, KeptRejectedRow, MendedRow } from '@tidings/contact-store/kept-rejected-row.ts';
import { sentenceOf } from '@tidings/contracts/files/row-words/reasons.ts';
import type { RowReasonWords } from '@tidings/contracts/files/row-words/row-words.ts';
import type { MendedCells, RejectedRowItem, RowFault } from '@tidings/contracts/imports/rejected-rows.ts';
import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import { toLine } from '@tidings/contracts/text.ts';
import { parseChunk } from '@tidings/csv/cutting/records.ts';
import { RejectedExportWriter } from '@tidings/csv/writing/rejected-export.ts';
import type { CountryLookup } from '@tidings/rows/country-directory.ts';
import { validateChunk } from '@tidings/rows/validate.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

/** The name of the cells beyond the header. */
const EXTRA = '_extra';

/** The layout of an import that has no applied chunk. */
export const noLayout: ImportLayout = {
  header: [],
  delimiter: ',',
  rules: null,
  rejected: { surplusCells: false, recordFaults: false },
};

/** @param words of the reasons; default: English */
export function exportWriter(
  { header, delimiter, rejected }: ImportLayout,
  words?: RowReasonWords,
): RejectedExportWriter {
  const { surplusCells: extra, recordFaults: check } = rejected;
  return new RejectedExportWriter(header, delimiter, { extra, check }, words);
}

/** The rejected rows of one import, with the names of its columns. */
export class RejectedCells {
  readonly #layout: ImportLayout;
  readonly #countries: CountryLookup;
  readonly #words: RowReasonWords;
  readonly #writer: RejectedExportWriter;
  /** By place among the columns of `rejected.csv`. */
  readonly #names: readonly string[];
  /** By place in the header. */
  readonly #nameByColumn: ReadonlyMap<number, string>;

  /** @param words of the reasons */
  constructor(layout: ImportLayout, countries: CountryLookup, words: RowReasonWords) {
    this.#layout = layout;
    this.#countries = countries;
    this.#words = words;
    this.#writer = exportWriter(layout);
    const { kept } = this.#writer;
    this.#names = distinct(kept.map((column) => layout.header[column]?.trim() || `column ${column + 1}`));
    this.#nameByColumn = new Map(kept.map((column, index) => [column, this.#names[index] ?? '']));
  }

  async toItems(rows: readonly KeptRejectedRow[]): Promise<RejectedRowItem[]> {
    const mended = rows.filter((row) => row.mended !== undefined);
    const faults = await this.#checkMended(mended);
    return rows.map((row) => {
      const { own, extra } = this.#shown(row);
      const cells = Object.fromEntries(this.#names.map((name, index) => [name, own[index] ?? '']));
      if (extra !== '') cells[EXTRA] = extra;
      return {
        ...{ row: row.row + 1, line: row.line, codes: [...row.codes] },
        faults: faults.get(row.row) ?? this.#faultsOf(row, (column) => this.#nameByColumn.get(column)),
        ...{ cells, mended: row.mended !== undefined, mendedBy: row.takenBy ?? null },
      };
    });
  }

  /** What is wrong with mended rows as they stand, by row: they are read as the import reads them that they are handed to. */
  async #checkMended(rows: readonly KeptRejectedRow[]): Promise<ReadonlyMap<number, RowFault[]>> {
    const { delimiter, rules } = this.#layout;
    const faults = new Map(rows.map((row): [number, RowFault[]] => [row.row, []]));
    if (rows.length === 0 || rules === null) return faults;
    const text = rows.map((row) => this.#writer.mendedRow(row, this.#shown(row))).join('');
    const shape = { firstRow: 0, firstLine: 1, rows: rows.length, damage: [] };
    const columns = this.#writer.kept.map((index) => rules.columns[index] ?? '');
    const { defaultCountry, invalidFields } = rules;
    const header = this.#writer.names();
    const reading = { header, columns, defaultCountry, invalidFields, restoreCells: true };
    const parsed = parseChunk(Buffer.from(text), shape, { delimiter, encoding: 'utf-8' });
    const { rejected } = await validateChunk(parsed, reading, this.#countries);
    for (const found of rejected) {
      const row = rows[found.row]?.row ?? -1;
      faults.set(
        row,
        this.#faultsOf(found, (column) => this.#names[column]),
      );
    }
    return faults;
  }

  #faultsOf(
    { codes, parameters }: Pick<KeptRejectedRow, 'codes' | 'parameters'>,
    nameOf: (column: number) => string | undefined,
  ): RowFault[] {
    return codes.map((code) => {
      const { column } = parameters[code] ?? {};
      const name = column === undefined ? null : (nameOf(column) ?? null);
      return { code, reason: sentenceOf(code, parameters[code], this.#words), column: name };
    });
  }

  /**
   * @param former what cells held when somebody has read them
   * @throws Problem invalid_request for a column that the file has not, or a row that is too long; precondition_failed where a cell holds
   *   neither what it held then nor what it is to hold
   */
  mend(row: KeptRejectedRow, cells: MendedCells, former: MendedCells = {}): MendedRow {
    const { own, extra } = this.#shown(row);
    const names = new Set([...this.#names, EXTRA]);
    const unknown = [...Object.keys(cells), ...Object.keys(former)].find((name) => !names.has(name));
    if (unknown !== undefined) {
      const message = `The file has no column “${unknown.slice(0, 100)}”: name columns as the rejected rows do.`;
      throw new Problem('invalid_request', message, { field: 'cells' });
    }
    const given = new Map(Object.entries(cells));
    for (const [name, text] of Object.entries(former)) {
      const now = name === EXTRA ? extra : (own[this.#names.indexOf(name)] ?? '');
      if (now !== text && now !== given.get(name)) throw changedMeanwhile(row.row + 1, name);
    }
    const mended: KeptCells = {
      own: this.#names.map((name, index) => given.get(name) ?? own[index] ?? ''),
      extra: given.get(EXTRA) ?? extra,
    };
    const bytes = [...mended.own, mended.extra].reduce((sum, text) => sum + Buffer.byteLength(text) + 3, 0);
    if (bytes <= MAX_RECORD_BYTES) return { row: row.row, cells: mended, before: row.mended ?? null };
    const message = `Row ${row.row + 1} would be longer than ${MAX_RECORD_BYTES / 1024} KiB.`;
    throw new Problem('invalid_request', message, { field: 'cells' });
  }

  #shown(row: KeptRejectedRow): KeptCells {
    return row.mended ?? this.#writer.show(row.cells);
  }
}

function changedMeanwhile(row: number, name: string): Problem {
  const message = `Somebody else has written another text in “${toLine(name, 100)}” of row ${row} meanwhile: read the row again.`;
  return new Problem('precondition_failed', message, { field: 'former' });
}

/** Names that stand more than once get a number behind them. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>([EXTRA]);
  return names.map((name) => {
    let own = name;
    for (let number = 2; seen.has(own) || (own !== name && taken.has(own)); number += 1)
      own = `${name} ${number}`;
    seen.add(own);
    return own;
  });
}
