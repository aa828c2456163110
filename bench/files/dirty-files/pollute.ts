/**
 * Damages a clean file in the ways that Pollock (Vitagliano and others, VLDB 2023) has found in 3,712 public files: one way and one place a
 * file. What a file is to be read as stands beside it.
 */
import type { DirtyFile, Table } from './dirty-file.ts';

interface Writing {
  readonly delimiter: string;
  readonly newline: string;
  readonly quote: string;
  /** Stands before a quote within a cell. */
  readonly escape: string;
}

const usual: Writing = { delimiter: ',', newline: '\r\n', quote: '"', escape: '"' };

export interface CleanTable extends Table {
  readonly header: readonly string[];
}

export function* pollute(clean: CleanTable): Generator<DirtyFile> {
  yield* wholeFiles(clean);
  yield* writings(clean);
  yield* tables(clean);
  yield* damagedRows(clean);
}

/** Columns of long texts, whose cells Pollock's files quote all. */
const quotedColumns: ReadonlySet<number> = new Set([6, 7]);

/** As Pollock's files are written: a cell of another column is quoted where it must be. */
function writeCells(
  cells: readonly string[],
  { delimiter, quote, escape: before }: Writing = usual,
): string[] {
  return cells.map((cell, column) => {
    const needsQuotes = quotedColumns.has(column) || cell.includes(delimiter) || cell.includes(quote);
    return needsQuotes ? `${quote}${cell.replaceAll(quote, `${before}${quote}`)}${quote}` : cell;
  });
}

function linesOf({ header, records }: CleanTable, writing: Writing = usual): string[] {
  return [header, ...records].map((cells) => writeCells(cells, writing).join(writing.delimiter));
}

function makeFile(name: string, text: string, expected: Table): DirtyFile {
  return { name: `${name}.csv`, bytes: new TextEncoder().encode(text), expected };
}

function* wholeFiles(clean: CleanTable): Generator<DirtyFile> {
  const text = `${linesOf(clean).join('\r\n')}\r\n`;
  yield makeFile('source', text, clean);
  yield makeFile('file_no_payload', '', { header: null, records: [] });
  yield makeFile('file_no_trailing_newline', text.slice(0, -2), clean);
  yield makeFile('file_double_trailing_newline', `${text}\r\n`, clean);
  const [header = '', first = '', ...others] = linesOf(clean);
  yield makeFile('file_no_header', `${[first, ...others].join('\r\n')}\r\n`, { ...clean, header: null });
  yield makeFile('file_header_only', `${header}\r\n`, { ...clean, records: [] });
  yield makeFile('file_one_data_row', `${header}\r\n${first}\r\n`, {
    ...clean,
    records: clean.records.slice(0, 1),
  });
}

function* writings(clean: CleanTable): Generator<DirtyFile> {
  const write = (name: string, change: Partial<Writing>) => {
    const writing = { ...usual, ...change };
    return makeFile(
      name,
      linesOf(clean, writing)
        .map((line) => line + writing.newline)
        .join(''),
      clean,
    );
  };
  yield write('file_record_delimiter_0xA', { newline: '\n' });
  yield write('file_record_delimiter_0xD', { newline: '\r' });
  yield write('file_field_delimiter_0x3B', { delimiter: ';' });
  yield write('file_field_delimiter_0x9', { delimiter: '\t' });
  yield write('file_field_delimiter_0x2C_0x20', { delimiter: ', ' });
  yield write('file_field_delimiter_0x20', { delimiter: ' ' });
  yield write('file_quotation_char_0x27', { quote: "'", escape: '' });
  yield write('file_escape_char_0x5C', { escape: '\\' });
  yield write('file_escape_char_0x00', { escape: '' });
}

function* tables(clean: CleanTable): Generator<DirtyFile> {
  const lines = linesOf(clean);
  const [header = ''] = lines;
  const join = (parts: readonly string[]) => parts.map((line) => `${line}\r\n`).join('');
  for (const times of [2, 3]) {
    const repeated = Array.from({ length: times }, () => header);
    yield makeFile(`file_header_multirow_${times}`, join([...repeated, ...lines.slice(1)]), {
      ...clean,
      header: clean.header.map((name) => Array.from({ length: times }, () => name).join(' ')),
    });
  }
  const title = writeCells(['PREAMBLE', ...clean.header.slice(1).map(() => '')]).join(',');
  const blank = writeCells(clean.header.map(() => '')).join(',');
  yield makeFile('file_preamble', join([title, blank, ...lines]), clean);
  const width = clean.header.length;
  for (const [name, columns] of [
    ['less', width - 1],
    ['same', width],
    ['more', width + 1],
  ] as const) {
    const second = [clean.header, ...clean.records].map((cells) =>
      writeCells([...cells, 'PAD'].slice(0, columns)).join(','),
    );
    yield makeFile(`file_multitable_${name}`, join([...lines, ...second]), clean);
  }
}

/** Row 0 is the header. */
function* damagedRows(clean: CleanTable): Generator<DirtyFile> {
  const rows = [clean.header, ...clean.records];
  const lines = linesOf(clean);
  const fileWith = (name: string, row: number, line: string, expected: Table = clean) =>
    makeFile(name, lines.map((own, index) => `${index === row ? line : own}\r\n`).join(''), expected);
  for (const [row, cells] of rows.entries()) {
    const written = writeCells(cells);
    for (const column of cells.keys()) {
      const place = `row${row}_col${column}`;
      const [before, behind] = [written.slice(0, column), written.slice(column)];
      yield fileWith(`row_more_sep_${place}`, row, [...before, '', ...behind].join(','));
      if (column > 0) yield fileWith(`row_less_sep_${place}`, row, before.join(',') + behind.join(','));
      const quoted = [...before, `"${behind[0]}`, ...behind.slice(1)].join(',');
      yield fileWith(`row_extra_quote_${place}`, row, quoted, withQuote(clean, row, column));
    }
    yield fileWith(`row_field_delimiter_row${row}_0x20`, row, written.join(' '));
  }
}

function withQuote({ header, records }: CleanTable, row: number, column: number): Table {
  const change = (cells: readonly string[], index: number) =>
    index === row ? cells.map((cell, at) => (at === column ? `"${cell}` : cell)) : cells;
  return { header: change(header, 0), records: records.map((cells, index) => change(cells, index + 1)) };
}
