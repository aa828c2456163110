import { type RowCode, recordCodes } from '@tidings/contracts/codes.ts';
import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import { delimiters } from '@tidings/contracts/files/csv.ts';
import { rowReasons } from '@tidings/contracts/files/row-words/reasons.ts';
import { type Language, spokenLanguages } from '@tidings/contracts/language.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cutter } from '../cutting/cut.ts';
import { parseChunk } from '../cutting/records.ts';
import { splitRecord } from '../cutting/split.ts';
import { restoreCell } from './neutralise.ts';
import { type ExportedRow, isRejectedExport, RejectedExportWriter } from './rejected-export.ts';
import { RejectedExportReader } from './rejected-export-reader.ts';
import { writeRecord } from './write.ts';

const header = ['email', '=name', 'notes'];

function write(rows: readonly ExportedRow[], delimiter: Delimiter = ',', language: Language = 'en'): string {
  const faults: readonly RowCode[] = recordCodes;
  const columns = {
    extra: rows.some(({ cells }) => cells.length > header.length),
    check: rows.some(({ codes }) => codes.some((code) => faults.includes(code))),
  };
  const writer = new RejectedExportWriter(header, delimiter, columns, rowReasons[language]);
  return writer.header() + rows.map((row) => writer.row(row)).join('');
}

/** The cells of each record, as an import cuts and parses them. */
function parse(file: string, delimiter: Delimiter = ','): { names: string[]; records: string[][] } {
  const cutter = new Cutter({ delimiter });
  const chunks = [...cutter.push(new TextEncoder().encode(file.replace('\uFEFF', ''))), ...cutter.end()];
  const names = splitRecord(new TextDecoder().decode(cutter.header?.bytes), delimiter);
  expect(isRejectedExport(names)).toBe(true);
  const records = chunks.flatMap(({ bytes, shape }) => {
    const { rows, rejected } = parseChunk(bytes, shape, { delimiter, encoding: 'utf-8' });
    expect(rejected).toEqual([]);
    return rows.map(({ cells }) => cells);
  });
  return { names, records };
}

function read({ names, records }: { names: string[]; records: string[][] }) {
  const reader = new RejectedExportReader(names.map(restoreCell));
  expect(reader.header).toEqual(header);
  return records.map((cells) => reader.read(cells));
}

function rowOf(cells: string[], ...codes: RowCode[]): ExportedRow {
  return { line: 7, codes, parameters: {}, cells };
}

/** The columns of the only row by name; changed, it is read back. */
function mend(row: ExportedRow, change: (record: Record<string, string>) => Record<string, string>) {
  const { names, records } = parse(write([row]));
  const record = Object.fromEntries(names.map((name, index) => [name, records[0]?.[index] ?? '']));
  const changed = { ...record, ...change(record) };
  return read({ names, records: [names.map((name) => changed[name] ?? '')] })[0];
}

const arbitraryCell = fc
  .array(fc.constantFrom(...'\'=+-@\t\r\n",;|＝a0 ␀␚', '\0', '\uFFFD', '\u00a0'), { maxLength: 7 })
  .map((pieces) => pieces.join(''));
const arbitraryRow = fc
  .record({
    cells: fc.array(arbitraryCell, { maxLength: 6 }),
    codes: fc.uniqueArray(fc.constantFrom(...recordCodes, 'email_invalid' as const), { minLength: 1 }),
  })
  .map(({ cells, codes }) => rowOf(cells, ...codes));

describe('a file of rejected rows', () => {
  it('gives back what each record was, and what was wrong with it, while nobody changes it', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryRow, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...delimiters),
        (rows, delimiter) => {
          const restored = read(parse(write(rows, delimiter), delimiter));
          for (const [index, { cells, codes }] of rows.entries()) {
            const faults = codes.filter((code) => code !== 'email_invalid');
            const padded = header.map((_, column) => cells[column] ?? '');
            // What is no text is kept only where the row was rejected for it; else its stand-in is.
            const nul = faults.includes('nul_byte') ? '\0' : '␀';
            const lost = faults.includes('replacement_character') || faults.includes('invalid_encoding');
            const unreadable = lost ? '\uFFFD' : '␚';
            const shown = (text: string) => text.replace(/[\0␀]/g, nul).replace(/[\uFFFD␚]/g, unreadable);
            if (faults.length === 0 && cells.length > header.length) continue;
            expect(restored[index]).toEqual({
              cells: (faults.length > 0 ? cells : padded).map(shown),
              codes: faults,
            });
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is read back alike whatever language its reasons are in, and differs in nothing else', () => {
    const place = [...header, '_line', '_code'].length;
    fc.assert(
      fc.property(
        fc.array(arbitraryRow, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...spokenLanguages),
        (rows, language) => {
          const [english, other] = [parse(write(rows)), parse(write(rows, ',', language))];
          expect(read(other)).toEqual(read(english));
          const rest = ({ records }: typeof english) => records.map((cells) => cells.toSpliced(place, 1));
          expect([other.names, rest(other)]).toEqual([english.names, rest(english)]);
          for (const cells of other.records) expect(cells[place]).toMatch(/[.。]$/);
        },
      ),
    );
  });

  it('is the same file again when nobody changes it, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.array(arbitraryRow, { minLength: 1, maxLength: 5 }), (rows) => {
        const faulty = rows.filter(({ codes }) => codes.some((code) => code !== 'email_invalid'));
        const file = write(faulty);
        const again = read(parse(file)).map(({ cells }, index) => ({
          ...rowOf([]),
          ...faulty[index],
          cells,
        }));
        expect(write(again)).toBe(file);
      }),
    );
  });

  it('holds no NUL and no replacement character, and only the columns that it needs', () => {
    expect(write([rowOf(['a\0', '\uFFFD', ''], 'nul_byte')])).not.toMatch(/[\0\uFFFD]/);
    expect(parse(write([rowOf(['a', 'b', 'c'], 'email_invalid')])).names).toEqual([
      'email',
      "'=name",
      'notes',
      '_line',
      '_code',
      '_reason',
    ]);
  });

  it('says what to do about a record', () => {
    const reasonOf = (...row: Parameters<typeof rowOf>) => parse(write([rowOf(...row)])).records[0]?.[5];
    expect(reasonOf(['a', 'b'], 'too_few_cells')).toMatch(
      / If the row is right as it is now, empty its _code\.$/,
    );
    expect(reasonOf(['a', 'b', 'c', 'd'], 'too_many_cells')).toMatch(
      / Put what is in _extra where it belongs, /,
    );
    expect(reasonOf(['a', 'b\0', 'c'], 'nul_byte')).toMatch(/ Write what belongs where ␀ stands\.$/);
    expect(reasonOf([], 'record_too_long')).toMatch(/ Its cells were not kept: fill them in\.$/);
    expect(reasonOf(['a', 'b', 'c'], 'email_invalid')).toBe('The e-mail address is not valid.');
  });

  it('has every cell quoted, those of its header too', () => {
    for (const line of write([rowOf(['a', '', 'c'], 'email_invalid', 'phone_invalid')])
      .trimEnd()
      .split('\r\n')) {
      expect(line.replace('\uFEFF', '')).toMatch(/^"[^"]*"(,"[^"]*")*$/);
    }
    expect(write([rowOf(['a', '', 'c'], 'email_invalid', 'phone_invalid')])).toContain(
      '"email_invalid phone_invalid"',
    );
  });

  it('leaves out columns of the source that are named as ours', () => {
    const writer = new RejectedExportWriter(['email', ' _Line'], ';', { extra: false, check: false });
    expect(writer.header()).toBe('\uFEFF"email";"_line";"_code";"_reason"\r\n');
    expect(writer.row(rowOf(['a', 'x'], 'email_invalid'))).toMatch(/^"a";"7";/);
  });
});

describe('a row that was mended', () => {
  it.each(recordCodes)('is taken as it now stands: %s', (code) => {
    expect(mend(rowOf(['a', 'b', 'c'], code), () => ({ notes: 'mended' }))).toEqual({
      cells: ['a', 'b', 'mended'],
      codes: [],
    });
  });

  it('is taken as it is where only its _code was emptied', () => {
    expect(mend(rowOf(['a', 'b'], 'too_few_cells'), () => ({ _code: '' }))).toEqual({
      cells: ['a', 'b', ''],
      codes: [],
    });
  });

  it('has too many cells while a value of _extra stands in no other cell', () => {
    const row = rowOf(['a', 'Lovelace', 'c', ' Countess', ''], 'too_many_cells');
    const moved = { "'=name": 'Lovelace, Countess' };
    expect(mend(row, () => moved)).toEqual({ cells: ['a', 'Lovelace, Countess', 'c'], codes: [] });
    expect(mend(row, () => ({ _extra: ' ' }))).toEqual({ cells: ['a', 'Lovelace', 'c'], codes: [] });
    expect(mend(row, () => ({ email: 'b', _code: '' }))).toEqual({
      cells: ['b', 'Lovelace', 'c', ' Countess', ''],
      codes: ['too_many_cells'],
    });
  });

  it('with more than a hundred values in _extra has too many cells until _extra is emptied', () => {
    const texts = (count: number) => Array.from({ length: count }, (_, number) => `text ${number}`);
    const placed = (count: number) => ({ notes: texts(count).join(' ') });
    const rowWith = (count: number) => rowOf(['a', 'b', 'c', ...texts(count)], 'too_many_cells');
    expect(mend(rowWith(100), () => placed(100))?.codes).toEqual([]);
    expect(mend(rowWith(101), () => placed(101))?.codes).toEqual(['too_many_cells']);
    expect(mend(rowWith(101), () => ({ ...placed(101), _extra: '' }))?.codes).toEqual([]);
  });

  it('still holds a NUL while the sign for it stands there', () => {
    const row = rowOf(['a', 'b\0', 'c\0'], 'nul_byte', 'email_invalid');
    expect(mend(row, () => ({ notes: 'c' }))).toEqual({ cells: ['a', 'b\0', 'c'], codes: ['nul_byte'] });
    expect(mend(row, () => ({ "'=name": 'b', notes: 'c' }))).toEqual({ cells: ['a', 'b', 'c'], codes: [] });
  });

  it('is not recognised without its digest, or with another one', () => {
    const row = rowOf(['a', 'b'], 'too_few_cells');
    for (const _check of ['', 'c1-0000', 'c2-0123456789abcdef']) {
      expect(mend(row, () => ({ _check }))?.codes).toEqual([]);
    }
  });
});

describe('a file that a spreadsheet saved', () => {
  const row = rowOf(["'=a", '+49\r\nx ', 'c', '-1'], 'too_many_cells');

  it('is recognised without apostrophes, with other newlines, without blanks', () => {
    const { names, records } = parse(write([row]));
    const saved = records.map((cells) =>
      cells.map((cell) =>
        cell
          .replace(/^'(?=[+-])/, '')
          .replace(/\r\n/g, '\n')
          .trim(),
      ),
    );
    expect(read({ names, records: saved })).toEqual([
      { cells: ["'=a", '+49\nx', 'c', '-1'], codes: ['too_many_cells'] },
    ]);
  });

  // As LibreOffice does: without byte order mark, with its own separator and newlines, quotes only where they are needed.
  it('has the same cells when it is written anew by another program', () => {
    const cell = fc.oneof(
      arbitraryCell,
      fc.constantFrom('0301', '491711234567', '4.9E+11', '3.10', '1/2', '5 May', '10 %', '+49 30 1', 'true'),
    );
    const rows = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(rows, fc.constantFrom(...delimiters), (written, delimiter) => {
        const { names, records } = parse(write(written.map((cells) => rowOf(cells, 'email_invalid'))));
        const saved = [names, ...records].map((record) => writeRecord(record, delimiter)).join('');
        const unreadable = (text: string) => text.replaceAll('\0', '␀').replaceAll('\uFFFD', '␚');
        expect(read(parse(saved, delimiter)).map(({ cells }) => cells)).toEqual(
          written.map((cells) => cells.map(unreadable)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['0301234567', '301234567'],
    ['491711234567', '4.91711E+11'],
    ['4.999999999E+11', '5E+11'],
    ['1E+5', '100000'],
    ['3.10', '3.1'],
    ['1.711.234.567,00', '1711234567'],
    ['000', '0'],
    ['10%', '10.00%'],
    ['1/2/2026', '01/02/2026'],
    ['1.5.2026', '2026-05-01'],
    ['12:30', '12:30:00 PM'],
    ['true', 'TRUE'],
  ])('is known again where %s is %s', (cell, saved) => {
    const codes = recordCodes.filter((code) => !['nul_byte', 'replacement_character'].includes(code));
    const rows = codes.map((code) =>
      rowOf(['a', cell, 'c', ...(code === 'too_many_cells' ? [cell] : [])], code),
    );
    const { names, records } = parse(write(rows));
    const restored = read({
      names,
      records: records.map((cells) => cells.map((it) => (restoreCell(it) === cell ? saved : it))),
    });
    expect(restored.map((row) => row?.codes)).toEqual(codes.map((code) => [code]));
  });

  it.each([
    ['', '0301234567'],
    ['0301234567', '030123'],
    ['12', '13'],
    ['"12', '12'],
    ['12\0', '12'],
    ['0301234567', '1/2/2026'],
    ['Ada 1', 'Ada 2'],
  ])('was mended where %j is %j', (cell, mended) => {
    expect(mend(rowOf(['a', cell, 'c'], 'quote_unclosed'), () => ({ "'=name": mended }))?.codes).toEqual([]);
  });

  it('may lack the last cells where they are ours and blank, and no others', () => {
    const { names, records } = parse(write([row, rowOf(['a', 'b', 'c'], 'email_invalid')]));
    const [, plain = []] = records;
    expect(read({ names, records: [plain.slice(0, -2)] })).toEqual([{ cells: ['a', 'b', 'c'], codes: [] }]);
    const joined = ['a', 'b c', ...plain.slice(3)];
    expect(read({ names, records: [joined, plain.slice(0, 4)] })).toEqual([
      { cells: [...joined.slice(0, 3), ...joined.slice(3)], codes: ['too_few_cells'] },
      { cells: ['a', 'b', 'c', '7'], codes: ['too_few_cells'] },
    ]);
  });

  // Whoever deleted `_reason` had the apostrophes of all cells in the contacts, and lost what stood in `_extra`.
  it('is ours also where columns of ours were deleted, unless one is left that others may have', () => {
    const { names, records } = parse(write([rowOf(['=1+1', '01067', 'c', 'surplus'], 'too_many_cells')]));
    for (const gone of [
      ['_reason'],
      ['_code', '_reason'],
      ['_line', '_reason', '_extra'],
      ['_line', '_code', '_reason', '_extra'],
    ]) {
      const kept = [...names.keys()].filter((index) => !gone.includes(names[index] ?? ''));
      const left = kept.map((index) => names[index] ?? '');
      expect(isRejectedExport(left)).toBe(true);
      const [cells] = records.map((record) => kept.map((index) => record[index] ?? ''));
      expect(new RejectedExportReader(left).read(cells ?? [])).toEqual({
        cells: ['=1+1', '01067', 'c', ...(gone.includes('_extra') ? [] : ['surplus'])],
        codes: gone.includes('_extra') ? [] : ['too_many_cells'],
      });
    }
    expect(isRejectedExport(['email', '_line'])).toBe(true);
    expect(isRejectedExport(['email', '_code'])).toBe(false);
  });

  // Rows that somebody had added below were rejected: they lack cells of ours, which nobody fills in.
  it('may have rows of others, without cells of ours', () => {
    const { names } = parse(write([row]));
    for (const more of [0, 1, 3])
      expect(read({ names, records: [['x', "'01067", '', ...Array(more).fill('')]] })).toEqual([
        { cells: ['x', '01067', ''], codes: [] },
      ]);
    expect(read({ names, records: [['x', 'y']] })).toEqual([{ cells: ['x', 'y'], codes: ['too_few_cells'] }]);
  });

  // A column for remarks behind ours made every row a changed one: what was wrong with its record was forgotten.
  it('keeps the verdict of unchanged rows beside columns that somebody has added', () => {
    const rows = [
      rowOf(['a', 'Jörg', 'c'], 'invalid_encoding'),
      rowOf(['a'], 'too_few_cells'),
      rowOf(['a', 'b', 'c', 'd'], 'too_many_cells'),
    ];
    const { names, records } = parse(write(rows));
    const reader = new RejectedExportReader([...names, 'Comment', 'Who']);
    const readWith = (...added: string[]) => records.map((record) => reader.read([...record, ...added]));
    for (const added of [[], ['', '']])
      expect(readWith(...added)).toEqual([
        { cells: ['a', 'Jörg', 'c', '', ''], codes: ['invalid_encoding'] },
        { cells: ['a'], codes: ['too_few_cells'] },
        { cells: ['a', 'b', 'c', 'd'], codes: ['too_many_cells'] },
      ]);
    expect(readWith('todo', '')[0]).toEqual({
      cells: ['a', 'Jörg', 'c', 'todo', ''],
      codes: ['invalid_encoding'],
    });
    const [first = []] = records;
    expect(reader.read([...first.with(1, 'Jürg'), ''])).toEqual({
      cells: ['a', 'Jürg', 'c', '', ''],
      codes: [],
    });
  });

  it('may lack blank cells of columns that somebody has added behind ours, and have blank ones beyond the header', () => {
    const { names, records } = parse(write([rowOf(['a', 'b', 'c'], 'email_invalid')]));
    const [plain = []] = records;
    const reader = new RejectedExportReader([...names, 'Comment']);
    expect(reader.read(plain)).toEqual({ cells: ['a', 'b', 'c', ''], codes: [] });
    expect(reader.read([...plain, 'seen', '', ' '])).toEqual({ cells: ['a', 'b', 'c', 'seen'], codes: [] });
  });

  it('keeps all cells of a row that has too many', () => {
    const { names, records } = parse(write([rowOf(['a', 'b', 'c'], 'email_invalid')]));
    const [plain = []] = records;
    expect(read({ names, records: [['=x', ...plain]] })).toEqual([
      { cells: ['=x', ...plain], codes: ['too_many_cells'] },
    ]);
  });
});
