import type { ChunkShape, Encoding } from '@tidings/contracts/files/csv.ts';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ChunkShapeError } from '../errors.ts';
import { type Chunk, Cutter } from './cut.ts';
import { parseChunk } from './records.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const dialect = { delimiter: ',', encoding: 'utf-8' } as const;
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

/** The one chunk that a small file without a header becomes. */
function chunkOf(bytes: Uint8Array): Chunk {
  const cutter = new Cutter({ delimiter: ',', hasHeader: false });
  const [chunk] = [...cutter.push(bytes), ...cutter.end()];
  if (chunk === undefined) throw new Error('the bytes hold no row');
  return chunk;
}

function parsed(bytes: Uint8Array) {
  const { bytes: cut, shape } = chunkOf(bytes);
  return parseChunk(cut, shape, dialect);
}

describe('invalid UTF-8', () => {
  it.each([
    ['without quotes', 'a,b\nM\xfcller,1\n\nc,d\n', ['Müller', '1']],
    ['with quotes', 'a,b\n"M\xfcller",1\n\nc,d\n', ['Müller', '1']],
    ['cut short before the newline', 'a,b\nx,y\xc3\n\nc,d\n', ['x', 'yÃ']],
    ['a surrogate', 'a,b\n\xed\xa0\x80,1\n\nc,d\n', ['í\u00a0€', '1']],
  ])('rejects exactly the row it stands in, %s', (_, text, cells) => {
    const { rows, rejected } = parsed(latin1(text));
    expect(rejected).toEqual([{ row: 1, line: 2, codes: ['invalid_encoding'], cells }]);
    expect(rows.map(({ row, line }) => [row, line])).toEqual([
      [0, 1],
      [2, 4],
    ]);
  });

  it('is not the replacement character that the file holds, which has a reason of its own', () => {
    const file = new Uint8Array([
      ...encode('ok \uFFFD,1\n'),
      ...latin1('\xff,2\n'),
      ...encode('\uFEFFé,3\n'),
      ...encode('"x\uFFFD'),
      ...latin1('\xe9\0",4\n'),
    ]);
    const { rows, rejected } = parsed(file);
    expect(rows.map(({ cells }) => cells)).toEqual([['\uFEFFé', '3']]);
    expect(rejected.map(({ row, codes, cells }) => [row, codes, cells[0]])).toEqual([
      [0, ['replacement_character'], 'ok \uFFFD'],
      [1, ['invalid_encoding'], 'ÿ'],
      [3, ['invalid_encoding', 'replacement_character', 'nul_byte'], 'x\uFFFDé\0'],
    ]);
  });

  it('is told of a damaged record, too', () => {
    const { rejected } = parsed(latin1('"J\xfcrgen"x,\0\n'));
    expect(rejected).toEqual([
      {
        row: 0,
        line: 1,
        codes: ['quote_unclosed', 'invalid_encoding', 'nul_byte'],
        cells: ['"Jürgen"x', '\0'],
      },
    ]);
  });

  it('costs a row one decoding at most, and no exception', () => {
    const decode = vi.spyOn(TextDecoder.prototype, 'decode');
    onTestFinished(() => decode.mockRestore());
    const rows = 2_000;
    for (const file of [
      // The first row is rejected, so that the parser checks the bytes of every row.
      encode(`\uFFFD\n${'"é"\n'.repeat(rows)}`),
      latin1('"\xe9"\n'.repeat(rows)),
    ]) {
      decode.mockClear();
      const { rows: read, rejected } = parsed(file);
      expect(read.length + rejected.length).toBeGreaterThanOrEqual(rows);
      // The whole chunk is decoded once before.
      expect(decode.mock.results.length).toBeLessThanOrEqual(read.length + rejected.length + 1);
      expect(decode.mock.results.filter(({ type }) => type === 'throw')).toEqual([]);
    }
  });

  it('is found in exactly the rows that hold it, wherever they stand', () => {
    const row = fc.constantFrom(
      'a,b',
      '"a\r\nb",c',
      'é,\uFFFD',
      '\xff',
      '"\xc3",x',
      'a\xc3,\xa9',
      '"x"y',
      'x\x00',
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (texts) => {
        const isInvalid = (text: string) => /[\xc3\xff\xa9]/.test(text);
        const file = texts.flatMap((text) => [...(isInvalid(text) ? latin1(text) : encode(text)), 0x0a]);
        const { rows, rejected } = parsed(new Uint8Array(file));
        const code = (text: string) => {
          if (isInvalid(text)) return 'invalid_encoding';
          if (text === '"x"y') return 'quote_unclosed';
          if (text.includes('\uFFFD')) return 'replacement_character';
          return text === 'x\x00' ? 'nul_byte' : null;
        };
        const found = [
          ...rows.map(({ row }) => ({ row, code: null })),
          ...rejected.map(({ row, codes: [code] }) => ({ row, code })),
        ];
        found.sort((one, other) => one.row - other.row);
        expect(found.map((one) => one.code)).toEqual(texts.map(code));
        expect(found.map((one) => one.row)).toEqual(texts.map((_, index) => index));
      }),
    );
  });
});

describe('a row in another encoding than its file', () => {
  it('is rejected, with the cells that were meant, and no other row is', () => {
    // As they come of a file in windows-1252 behind which rows of UTF-8 stand.
    const { bytes, shape } = chunkOf(
      encode('a@a.test,Zoë\n"b@a.test","JÃ¶rg"\nc@a.test,"JÃ¼r"gen\nd@a.test,Éric\n'),
    );
    const read = (encoding: Encoding) => parseChunk(bytes, shape, { delimiter: ',', encoding });
    const { rows, rejected } = read('windows-1252');
    expect(rows.map(({ line, cells: [, name] }) => [line, name])).toEqual([
      [1, 'Zoë'],
      [4, 'Éric'],
    ]);
    expect(rejected.map(({ line, codes, cells: [, name] }) => [line, codes, name])).toEqual([
      [2, ['invalid_encoding'], 'Jörg'],
      [3, ['quote_unclosed'], '"JÃ¼r"gen'],
    ]);
    expect(read('utf-8').rows).toHaveLength(3);
  });

  it('is read in its own where the file is UTF-8', () => {
    const file = Buffer.concat([
      encode('a@a.test,Zoë\n'),
      Uint8Array.of(0x62, 0x2c, 0xc8, 0xe2, 0xe0, 0xed, 0x0a),
    ]);
    expect(parsed(file).rejected).toMatchObject([{ codes: ['invalid_encoding'], cells: ['b', 'Иван'] }]);
  });
});

describe('lines', () => {
  it('are counted as an editor counts them, also inside of quotes', () => {
    const { rows } = parsed(encode('a\r\n\r"x\r\ny\rz\n"\nb\r\r\nc'));
    expect(rows.map(({ line, cells }) => [line, cells[0]])).toEqual([
      [1, 'a'],
      [3, 'x\r\ny\rz\n'],
      [7, 'b'],
      [9, 'c'],
    ]);
  });

  it('start from the chunk, not from the file', () => {
    const shape: ChunkShape = { firstLine: 100, firstRow: 70, rows: 2, damage: [] };
    expect(parseChunk(encode('a\n\nb\n'), shape, dialect).rows).toEqual([
      { row: 70, line: 100, cells: ['a'] },
      { row: 71, line: 102, cells: ['b'] },
    ]);
  });
});

describe('rows', () => {
  it('with a NUL in a cell are rejected, with and without quotes', () => {
    for (const text of ['a,b\nc\0,d\n', '"a",b\n"c\0",d\n']) {
      const { rows, rejected } = parsed(encode(text));
      expect(rows.length).toBe(1);
      expect(rejected).toEqual([{ row: 1, line: 2, codes: ['nul_byte'], cells: ['c\0', 'd'] }]);
    }
  });

  it('are no lines of blank cells, and no empty ones; a blank cell of two lines is one', () => {
    const text = ',,\na,\n\n""\n \n\u00a0,"\t"\n\0\x1a\n"\n"\n""""\n,b\n';
    expect(parsed(encode(text)).rows.map(({ line, cells }) => [line, ...cells])).toEqual([
      [2, 'a', ''],
      [8, '\n'],
      [10, '"'],
      [11, '', 'b'],
    ]);
  });

  it('may have cells with the names of inherited properties', () => {
    expect(parsed(encode('__proto__,constructor\n')).rows[0]?.cells).toEqual(['__proto__', 'constructor']);
  });

  it('that the parser and the shape disagree on are rejected alone, and the others are read record by record', () => {
    const shape: ChunkShape = { firstLine: 1, firstRow: 0, rows: 4, damage: [] };
    const { rows, rejected } = parseChunk(encode('"a",b\n"c\n\n"d\ne",f\ng\n'), shape, dialect);
    expect(rows).toEqual([
      { row: 0, line: 1, cells: ['a', 'b'] },
      { row: 2, line: 4, cells: ['d\ne', 'f'] },
      { row: 3, line: 6, cells: ['g'] },
    ]);
    expect(rejected).toEqual([{ row: 1, line: 2, codes: ['quote_unclosed'], cells: ['"c'] }]);
  });

  it('do not come out of bytes that the shape does not describe', () => {
    const shape: ChunkShape = { firstLine: 1, firstRow: 0, rows: 3, damage: [] };
    expect(() => parseChunk(encode('a\nb\n'), shape, dialect)).toThrow(ChunkShapeError);
    const damage = [{ offset: 9, length: 2, lines: 1, line: 1, code: 'quote_unclosed' as const }];
    expect(() => parseChunk(encode('a\nb\n'), { ...shape, damage }, dialect)).toThrow(ChunkShapeError);
  });
});
