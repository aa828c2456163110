/** Reads the rows of a sheet while they are unpacked. Each cell is the text that a person sees in it: `docs/reading.md` has the rules. */
import { StringDecoder } from 'node:string_decoder';
import { type Attributes, decodeCellText, decodeXml } from '../archive/xml.ts';
import { unreadable } from '../unreadable.ts';
import { TextCollector } from './read-strings.ts';
import { type PlainCell, type RowHandlers, RowReader } from './row-reader.ts';
import type { SharedStrings } from './shared-strings.ts';
import type { NumberFormat } from './styles.ts';

export interface SheetRow {
  /** From 1, as the sheet shows it. Rows without cells may be missing. */
  readonly number: number;
  /** From column A on, up to the last cell that the sheet has. */
  readonly cells: string[];
}

/** What the cells of a sheet refer to. */
export interface CellContext {
  readonly strings: Pick<SharedStrings, 'get'>;
  readonly formatOf: (style: number) => NumberFormat;
  /** Told the number of the last row, where the sheet says it before its rows. */
  readonly onLastRow?: (number: number) => void;
}

/** Rows and columns of a sheet, at most: those of Excel. */
const MAX_ROWS = 1_048_576;
const MAX_SHEET_COLUMNS = 16_384;

/** In the order of the sheet, several at once. @throws CsvError workbook_unreadable */
export async function* readSheetRows(
  bytes: AsyncIterable<Buffer>,
  context: CellContext,
): AsyncGenerator<SheetRow[]> {
  const collector = new RowCollector(context);
  const reader = new RowReader(collector);
  const decoder = new StringDecoder('utf8');
  for await (const part of bytes) {
    reader.write(decoder.write(part));
    const rows = collector.take();
    if (rows.length > 0) yield rows;
  }
  reader.write(decoder.end());
  reader.end();
  yield collector.take();
}

export class RowCollector implements RowHandlers {
  readonly #context: CellContext;
  readonly #inline = new TextCollector();
  #rows: SheetRow[] = [];
  #isData = false;
  #isInRow = false;
  #number = 0;
  #cells: string[] = [];
  #column = 0;
  #type = 'n';
  #style = 0;
  /** The value as it stands in the file; null where the cell has none. */
  #value: string | null = null;
  #formula: string | null = null;
  /** The element whose text is being read. */
  #reads: 'v' | 'f' | null = null;

  constructor(context: CellContext) {
    this.#context = context;
  }

  take(): SheetRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  get isInData(): boolean {
    return this.#isData;
  }

  get isBetweenRows(): boolean {
    return this.#isData && !this.#isInRow;
  }

  /** Adds a row of which nothing was opened. */
  addPlain(number: number, cells: readonly PlainCell[]): void {
    this.#beginRow(number);
    for (const { column, style, type, value } of cells) {
      this.#beginCell(columnOf(column), type, style);
      this.#value = value;
      this.#cells[this.#column - 1] = this.#textOfCell();
    }
    this.#endRow();
  }

  open(name: string, attributes: () => Attributes): void {
    if (!this.#isData) this.#openBefore(name, attributes);
    else if (name === 'c') this.#openCell(attributes());
    else if (name === 'v' || name === 'f') this.#reads = name;
    else if (name === 'row') this.#openRow(attributes());
    else this.#inline.open(name);
  }

  text(text: string): void {
    if (this.#reads === 'v') this.#value = (this.#value ?? '') + text;
    else if (this.#reads === 'f') this.#formula = (this.#formula ?? '') + text;
    else this.#inline.add(text);
  }

  close(name: string): void {
    if (!this.#isData) return;
    if (name === 'c') this.#cells[this.#column - 1] = this.#textOfCell();
    else if (name === 'v' || name === 'f') {
      if (name === 'f') this.#formula ??= '';
      this.#reads = null;
    } else if (name === 'row') this.#endRow();
    else if (name === 'sheetData') this.#isData = false;
    else this.#inline.close(name);
  }

  #openBefore(name: string, attributes: () => Attributes): void {
    this.#isData = name === 'sheetData';
    // `A1:H20001`
    const last = name === 'dimension' ? /(\d+)$/.exec(attributes().ref ?? '')?.[1] : undefined;
    // Whole columns with a format reach to the end of all sheets.
    if (last !== undefined && Number(last) < MAX_ROWS) this.#context.onLastRow?.(Number(last));
  }

  #openRow({ r }: Attributes): void {
    this.#beginRow(r === undefined ? this.#number + 1 : Number(r));
  }

  #beginRow(number: number): void {
    if (!(Number.isInteger(number) && number > this.#number && number <= MAX_ROWS))
      throw unreadable(`its rows are in no order behind row ${this.#number}`);
    this.#number = number;
    this.#isInRow = true;
    this.#cells = [];
    this.#column = 0;
  }

  #endRow(): void {
    this.#isInRow = false;
    this.#rows.push({ number: this.#number, cells: this.#cells });
  }

  #openCell({ r, t, s }: Attributes): void {
    this.#beginCell(r === undefined ? this.#column + 1 : columnOf(r), t, s);
    this.#inline.begin();
  }

  #beginCell(column: number, type: string | undefined, style: string | undefined): void {
    if (!(column > this.#column && column <= MAX_SHEET_COLUMNS))
      throw unreadable(`the cells of its row ${this.#number} are in no order`);
    while (this.#cells.length < column) this.#cells.push('');
    this.#column = column;
    this.#type = type ?? 'n';
    this.#style = style === undefined ? 0 : Number(style);
    this.#value = null;
    this.#formula = null;
  }

  #textOfCell(): string {
    const value = this.#value;
    if (this.#type === 'inlineStr') return this.#inline.take();
    // A formula that no program has computed yet shows itself, so that it is not taken for a blank cell.
    if (value === null) return this.#formula === null ? '' : `=${decodeXml(this.#formula)}`;
    switch (this.#type) {
      case 's':
        return value.trim() === '' ? '' : this.#context.strings.get(Number(value));
      case 'n':
        return this.#context.formatOf(this.#style)(value);
      case 'b':
        return value.trim() === '1' ? 'TRUE' : 'FALSE';
      default:
        return decodeCellText(value);
    }
  }
}

/** `AB12` → 28; 0 where it is none. */
function columnOf(reference: string): number {
  let column = 0;
  for (let at = 0; at < reference.length; at++) {
    const letter = reference.charCodeAt(at) & 0xdf;
    if (letter < 65 || letter > 90) break;
    column = column * 26 + letter - 64;
  }
  return column;
}
