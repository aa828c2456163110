/**
 * Feeds the text of a sheet to a parser of XML, but for rows of the form that nearly all programs write: these are read by two patterns, which
 * takes a third of the time. A row that has anything else, such as a formula, goes to the parser as it stands.
 */
import { type XmlHandlers, XmlReader } from '../archive/xml.ts';
import { unreadable } from '../unreadable.ts';

const ROW = /\s*<row r="(\d{1,7})"(?: [^<>]*[^<>/])?>/y;
const CELL =
  /<c r="([A-Z]{1,3})\d{1,7}"(?: s="(\d{1,6})")?(?: t="([a-z]+)")?(?:\/>|>(?:<v>([^<]+)<\/v>)?<\/c>)/y;
const ROW_END = '</row>';
const ROW_BEGIN = /\s*<row[ >]/y;
/** Characters that are held back for the rest of a row or a tag, at most: a row has 16,384 cells. */
const MAX_HELD = 2 * 1024 * 1024;

/** A cell with nothing but a value, as it stands in the file. */
export interface PlainCell {
  /** Its letters. */
  readonly column: string;
  readonly style: string | undefined;
  readonly type: string | undefined;
  readonly value: string | null;
}

/** What takes rows: of the usual form whole, and of any other as the parser reads them. */
export interface RowHandlers extends XmlHandlers {
  readonly isInData: boolean;
  readonly isBetweenRows: boolean;
  addPlain(number: number, cells: readonly PlainCell[]): void;
}

export class RowReader {
  readonly #collector: RowHandlers;
  readonly #parser: XmlReader;
  /** Begins where the parser or a pattern goes on: behind a tag. */
  #text = '';

  constructor(collector: RowHandlers) {
    this.#collector = collector;
    this.#parser = new XmlReader(collector);
  }

  /** @throws CsvError workbook_unreadable */
  write(text: string): void {
    this.#text += text;
    let at = 0;
    while (at < this.#text.length) {
      const end = this.#readPlainRow(at) ?? this.#parse(at);
      if (end === at) break;
      at = end;
    }
    this.#text = this.#text.slice(at);
    if (this.#text.length > MAX_HELD) throw unreadable('a text in it is far too long');
  }

  end(): void {
    this.#parser.write(this.#text);
    this.#parser.end();
  }

  /** Where the row that begins at `at` ends; null where it is not there as a whole, or not plain. */
  #readPlainRow(at: number): number | null {
    if (!this.#collector.isBetweenRows) return null;
    ROW.lastIndex = at;
    const [, number] = ROW.exec(this.#text) ?? [];
    if (number === undefined) return null;
    const cells: PlainCell[] = [];
    let next = ROW.lastIndex;
    while (!this.#text.startsWith(ROW_END, next)) {
      CELL.lastIndex = next;
      const cell = CELL.exec(this.#text);
      if (cell === null) return null;
      const [, column = '', style, type, value] = cell;
      cells.push({ column, style, type, value: value ?? null });
      next = CELL.lastIndex;
    }
    this.#collector.addPlain(Number(number), cells);
    return next + ROW_END.length;
  }

  /** Gives the parser the row that begins at `at`, or all whole tags; answers `at` where more must come first. */
  #parse(at: number): number {
    const text = this.#text;
    const rowEnd = text.indexOf(ROW_END, at);
    ROW_BEGIN.lastIndex = at;
    const mayWait = this.#collector.isBetweenRows && ROW_BEGIN.test(text) && text.length - at <= MAX_HELD / 2;
    if (rowEnd < 0 && mayWait) return at;
    const end = rowEnd < 0 || !this.#collector.isInData ? text.lastIndexOf('>') + 1 : rowEnd + ROW_END.length;
    if (end <= at) return at;
    this.#parser.write(text.slice(at, end));
    return end;
  }
}
