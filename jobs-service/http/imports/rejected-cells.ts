/** Rejected rows as the API shows and takes them: the cells by the names of their columns, as `rejected.csv` has them. */
import type { ImportLayout } from '@tidings/contact-store/contact-store.ts';
import type { KeptCells, KeptRejectedRow, MendedRow } from '@tidings/contact-store/kept-rejected-row.ts';
import type { MendedCells, RejectedRowItem } from '@tidings/contracts/http.ts';
import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import { sentenceOf } from '@tidings/contracts/row-faults.ts';
import { RejectedExportWriter } from '@tidings/csv/rejected-export.ts';
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

export function exportWriter({ header, delimiter, rejected }: ImportLayout): RejectedExportWriter {
  const { surplusCells: extra, recordFaults: check } = rejected;
  return new RejectedExportWriter(header, delimiter, { extra, check });
}

/** The rejected rows of one import, with the names of its columns. */
export class RejectedCells {
  readonly #writer: RejectedExportWriter;
  /** By place among the columns of `rejected.csv`. */
  readonly #names: readonly string[];
  /** By place in the header. */
  readonly #nameByColumn: ReadonlyMap<number, string>;

  constructor(layout: ImportLayout) {
    this.#writer = exportWriter(layout);
    const { kept } = this.#writer;
    this.#names = distinct(kept.map((column) => layout.header[column]?.trim() || `column ${column + 1}`));
    this.#nameByColumn = new Map(kept.map((column, index) => [column, this.#names[index] ?? '']));
  }

  toItem(row: KeptRejectedRow): RejectedRowItem {
    const { own, extra } = this.#shown(row);
    const cells = Object.fromEntries(this.#names.map((name, index) => [name, own[index] ?? '']));
    if (extra !== '') cells[EXTRA] = extra;
    const faults = row.codes.map((code) => {
      const { column } = row.parameters[code] ?? {};
      const name = column === undefined ? null : (this.#nameByColumn.get(column) ?? null);
      return { code, reason: sentenceOf(code, row.parameters[code]), column: name };
    });
    return {
      ...{ row: row.row + 1, line: row.line, codes: [...row.codes], faults, cells },
      ...{ mended: row.mended !== undefined, mendedBy: row.takenBy ?? null },
    };
  }

  /** @throws Problem invalid_request for a column that the file has not, or a row that is too long */
  mend(row: KeptRejectedRow, cells: MendedCells): MendedRow {
    const { own, extra } = this.#shown(row);
    const names = new Set([...this.#names, EXTRA]);
    const unknown = Object.keys(cells).find((name) => !names.has(name));
    if (unknown !== undefined) {
      const message = `The file has no column “${unknown.slice(0, 100)}”: name columns as the rejected rows do.`;
      throw new Problem('invalid_request', message, { field: 'cells' });
    }
    const given = new Map(Object.entries(cells));
    const mended: KeptCells = {
      own: this.#names.map((name, index) => given.get(name) ?? own[index] ?? ''),
      extra: given.get(EXTRA) ?? extra,
    };
    const bytes = [...mended.own, mended.extra].reduce((sum, text) => sum + Buffer.byteLength(text) + 3, 0);
    if (bytes <= MAX_RECORD_BYTES) return { row: row.row, cells: mended };
    const message = `Row ${row.row + 1} would be longer than ${MAX_RECORD_BYTES / 1024} KiB.`;
    throw new Problem('invalid_request', message, { field: 'cells' });
  }

  #shown(row: KeptRejectedRow): KeptCells {
    return row.mended ?? this.#writer.show(row.cells);
  }
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
