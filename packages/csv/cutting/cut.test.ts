import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import { chunkShapeSchema } from '@tidings/contracts/schemas/files/csv.ts';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvError } from '../errors.ts';
import {
  arbitraryCellText,
  arbitraryDelimiter,
  arbitraryNewline,
  arbitraryPieces,
  cutInPieces,
  isBlank,
  lineAt,
  modelRows,
  rowsOf,
  toBytes,
} from '../test/cut-model.ts';
import { Cutter, MAX_DAMAGE_PER_CHUNK } from './cut.ts';
import { parseChunk } from './records.ts';

const encode = (text: string) => new TextEncoder().encode(text);

const arbitraryCell = fc.record({
  text: arbitraryCellText,
  quoted: fc.boolean(),
});

const arbitraryFile = arbitraryDelimiter.chain((delimiter) =>
  fc
    .array(
      fc.record({
        cells: fc.array(arbitraryCell, { minLength: 1, maxLength: 5 }),
        newline: arbitraryNewline,
        emptyLines: fc.array(arbitraryNewline, { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 20 },
    )
    .map((records) => ({ delimiter, ...writeFile(delimiter, records) })),
);

interface FileRecord {
  cells: { text: string; quoted: boolean }[];
  newline: string;
  emptyLines: string[];
}

/** The text of a file, and the line on which each of its records starts. */
function writeFile(delimiter: Delimiter, records: FileRecord[]) {
  let text = '';
  const starts: number[] = [];
  for (const [index, { cells, newline, emptyLines }] of records.entries()) {
    starts.push(text.length);
    text += cells
      .map(({ text: cell, quoted }) => {
        const must =
          /^"|[\r\n]/.test(cell) || cell.includes(delimiter) || (cells.length === 1 && cell === '');
        return quoted || must ? `"${cell.replaceAll('"', '""')}"` : cell;
      })
      .join(delimiter);
    const last = index === records.length - 1 && emptyLines.length === 0;
    if (!last) text += newline + emptyLines.join('');
  }
  return { text, lines: starts.map((start) => lineAt(text, start)) };
}

describe('cutting and parsing the chunks one by one', () => {
  it('gives what csv-parse gives for the whole file, with the right lines, whatever the pieces and chunks', () => {
    // A file of blank lines alone has no header.
    const file = arbitraryFile.map(({ delimiter, text, lines }) => ({
      delimiter,
      text: `h\n${text}`,
      lines: [1, ...lines.map((line) => line + 1)],
    }));
    fc.assert(
      fc.property(
        file,
        arbitraryPieces,
        fc.integer({ min: 1, max: 120 }),
        ({ delimiter, text, lines }, pieces, maxChunkBytes) => {
          const expected = parse(text, {
            delimiter,
            record_delimiter: ['\r\n', '\n', '\r'],
            skip_empty_lines: true,
            relax_column_count: true,
            relax_quotes: true,
          });
          const { cutter, chunks } = cutInPieces(encode(text), pieces, {
            delimiter,
            maxChunkBytes,
            windowBytes: 8,
          });
          const kept = lines.filter((_, index) => !isBlank(expected[index] ?? []));
          const records = expected.filter((cells) => !isBlank(cells));
          const header = cutter.header;
          const rows = rowsOf(chunks, delimiter);
          expect(header?.line).toBe(kept[0]);
          expect(header?.columns).toBe(records[0]?.length);
          expect(rows.map(({ cells }) => cells)).toEqual(records.slice(1));
          expect(rows.map(({ line }) => line)).toEqual(kept.slice(1));
          expect(rows.map(({ row }) => row)).toEqual(rows.map((_, index) => index));
          expect(cutter.rows).toBe(rows.length);
          for (const { shape } of chunks) expect(chunkShapeSchema.parse(shape)).toEqual(shape);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('finds in any soup of bytes what the slow model finds, and the same for any pieces', () => {
    const soup = fc.array(fc.constantFrom('"', '"', '""', ',', ';', '\n', '\n', '\r', '\r\n', 'a', 'bb'), {
      maxLength: 80,
    });
    const limits = fc.record({
      maxRecordBytes: fc.integer({ min: 2, max: 60 }),
      maxOpenQuoteBytes: fc.integer({ min: 1, max: 60 }),
      maxColumns: fc.integer({ min: 1, max: 6 }),
      maxChunkBytes: fc.integer({ min: 1, max: 80 }),
    });
    fc.assert(
      fc.property(soup, arbitraryPieces, limits, (parts, pieces, some) => {
        const text = parts.join('');
        const options = { delimiter: ',', hasHeader: false, ...some } as const;
        const expected = modelRows(text, ',', { ...some, maxCells: some.maxColumns * 2 });
        const whole = cutInPieces(toBytes(text), [], options);
        expect(rowsOf(whole.chunks, ',')).toEqual(expected);
        expect(cutInPieces(toBytes(text), pieces, { ...options, windowBytes: 1 }).chunks).toEqual(
          whole.chunks,
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('keeps rows around injected damage, and loses or doubles none', () => {
    const goodLine = fc.constantFrom('a,b', '"a",b', '"x, y","z ""q"""', ',-', 'é,ü');
    const damagedLine = fc.constantFrom('"a"b,c', 'a,"b" ,c', '""x', 'a,"b""c"d');
    const line = fc.oneof(
      goodLine.map((text) => ({ text, good: true })),
      damagedLine.map((text) => ({ text, good: false })),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 40 }),
        arbitraryNewline,
        arbitraryPieces,
        fc.integer({ min: 1, max: 90 }),
        fc.boolean(),
        (lines, newline, pieces, maxChunkBytes, openAtEnd) => {
          const texts = ['h1,h2', ...lines.map(({ text }) => text)];
          // A quote that nothing closes: it comes last, so that no later quote can be taken for its closing one.
          const tail = openAtEnd ? ['t,"open', 'after,1', 'after,2'] : [];
          const bytes = encode([...texts, ...tail].join(newline));
          const { chunks } = cutInPieces(bytes, pieces, { delimiter: ',', maxChunkBytes });
          const good = lines.flatMap(({ good: isGood }, index) => (isGood ? [index + 2] : []));
          const bad = lines.flatMap(({ good: isGood }, index) => (isGood ? [] : [index + 2]));
          if (openAtEnd) {
            bad.push(lines.length + 2);
            good.push(lines.length + 3, lines.length + 4);
          }
          const rows = rowsOf(chunks, ',');
          expect(rows.filter(({ code }) => code === null).map((row) => row.line)).toEqual(good);
          expect(rows.filter(({ code }) => code === 'quote_unclosed').map((row) => row.line)).toEqual(bad);
          expect(rows.length).toBe(lines.length + tail.length);
          expect(chunks.reduce((sum, { shape }) => sum + shape.rows, 0)).toBe(rows.length);
        },
      ),
    );
  });

  it('never throws after the header, on any bytes at all, and conserves rows', () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(bytes, arbitraryPieces, arbitraryDelimiter, (body, pieces, delimiter) => {
        const file = new Uint8Array([...encode('header\n'), ...body]);
        const small = { delimiter, maxChunkBytes: 64, windowBytes: 1 };
        const { cutter, chunks } = cutInPieces(file, pieces, small);
        expect(cutInPieces(file, [], { delimiter, maxChunkBytes: 64 }).chunks).toEqual(chunks);
        expect(rowsOf(chunks, delimiter).length).toBe(cutter.rows);
        expect(chunks.reduce((sum, { shape }) => sum + shape.rows, 0)).toBe(cutter.rows);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('damage', () => {
  const cut = (text: string, options = {}) =>
    cutInPieces(encode(text), [7], { delimiter: ',', hasHeader: false, ...options }).chunks;

  it('names the line of the opening quote, and goes on with the line after it', () => {
    const [chunk] = cut('a,b\n"x\ny",1,"open\nc,d\ne,f\n');
    expect(chunk?.shape).toEqual({
      firstLine: 1,
      firstRow: 0,
      rows: 4,
      damage: [{ offset: 4, length: 14, lines: 2, line: 3, code: 'quote_unclosed' }],
    });
    expect(rowsOf(cut('a,b\n"x\ny",1,"open\nc,d\ne,f\n'), ',').map(({ line }) => line)).toEqual([1, 3, 4, 5]);
  });

  it('gives up a quote that is open for too long, and not one that is just short enough', () => {
    const text = `a,"${'x\n'.repeat(50)}"\nb,c\n`;
    expect(rowsOf(cut(text, { maxOpenQuoteBytes: 101 }), ',').map(({ line }) => line)).toEqual([1, 52]);
    const given = rowsOf(cut(text, { maxOpenQuoteBytes: 100 }), ',');
    expect(given[0]).toEqual({ row: 0, line: 1, code: 'quote_unclosed', cells: null });
    expect(given[1]?.cells).toEqual(['x']);
    expect(given.at(-1)?.line).toBe(52);
  });

  it('counts the lines of a record that is too long although its bytes are gone', () => {
    const text = `a,b\n"${'1\r\n'.repeat(60)}",${'2'.repeat(200)}\n\nc,d\n`;
    const chunks = cut(text, { maxRecordBytes: 64 });
    expect(chunks.map(({ shape }) => shape.damage)).toEqual([
      [{ offset: 4, length: 0, lines: 61, line: 2, code: 'record_too_long' }],
    ]);
    expect(rowsOf(chunks, ',').at(-1)).toEqual({ row: 2, line: 64, code: null, cells: ['c', 'd'] });
  });

  it('rejects a row with more than twice the columns that a header may have', () => {
    const [first, second] = rowsOf(cut(`-${','.repeat(19)}\n-${','.repeat(20)}\n`, { maxColumns: 10 }), ',');
    expect(first?.cells?.length).toBe(20);
    expect(second?.code).toBe('record_too_long');
  });

  it('cuts a chunk before its list of damage grows too long', () => {
    const chunks = cut('"a"b\n'.repeat(MAX_DAMAGE_PER_CHUNK * 2 + 1));
    expect(chunks.map(({ shape }) => shape.damage.length)).toEqual([1000, 1000, 1]);
    expect(chunks.map(({ shape }) => shape.firstLine)).toEqual([1, 1001, 2001]);
  });

  it('cuts there alike for any pieces, and does not count rows without damage', () => {
    const text = `${'"a"b\n'.repeat(MAX_DAMAGE_PER_CHUNK)}${'good,row\n'.repeat(50)}"a"b\n`;
    const whole = cutInPieces(encode(text), [], { delimiter: ',', hasHeader: false }).chunks;
    expect(whole.map(({ shape }) => shape.rows)).toEqual([1050, 1]);
    expect(cut(text)).toEqual(whole);
  });

  it('splits a damaged record leniently, so that a person can mend it', () => {
    const [chunk] = cut('a,"b" c,"d, e","f\n');
    if (chunk === undefined) throw new Error('no chunk');
    expect(
      parseChunk(chunk.bytes, chunk.shape, { delimiter: ',', encoding: 'utf-8' }).rejected[0]?.cells,
    ).toEqual(['a', '"b" c', 'd, e', '"f']);
  });
});

describe('regressions', () => {
  // The fast path for plain lines did not check the limit on open quotes, so the result depended on how the bytes were divided.
  it('a quote open for too long is damage also where it closes on its own line', () => {
    const options = { delimiter: ',', hasHeader: false, maxOpenQuoteBytes: 1 } as const;
    for (const pieces of [[], [1]]) {
      const { chunks } = cutInPieces(encode('""""\n'), pieces, options);
      expect(rowsOf(chunks, ',').map(({ code }) => code)).toEqual(['quote_unclosed']);
    }
  });
});

describe('bounds', () => {
  const size = 1 << 19;
  const hostile: [string, string][] = [
    ['every line opens a quote', 'x,"y\n'],
    ['every line closes the quote before and opens one', 'x","\n'],
    ['every line opens, with pairs between', 'a,"b""\n'],
    ['every line is damaged in itself', '""x\n'],
    ['even runs of quotes', '"""",""\n'],
    ['nothing but quotes', '"'],
    ['quotes and delimiters', '",'],
    ['quotes and carriage returns', '"x"\r'],
    ['one open quote before pairs', 'a""b,""\r'],
    ['no newline', 'abc,'],
    ['empty lines', '\r'],
  ];
  it.each(hostile)('the work is linear where %s', (_, line) => {
    for (const maxOpenQuoteBytes of [16 << 20, 5000]) {
      for (const start of ['', '"']) {
        const bytes = encode(start + line.repeat(size / line.length));
        const { cutter } = cutInPieces(bytes, [10_000, 3], {
          delimiter: ',',
          hasHeader: false,
          maxOpenQuoteBytes,
        });
        expect(cutter.bytesSearched).toBeLessThan(8 * bytes.length);
      }
    }
  });

  const endless: [string, string, string][] = [
    ['a line without end', 'a,b\n', 'x'],
    ['a record of quoted cells without end', 'a,b\n', '"x",'],
    ['a record with newlines in its cells without end', 'a,b\n', '"x\n",'],
    ['empty lines without end', 'a,b\n', '\n'],
    ['a damaged line without end', 'a,b\n"a"', 'x'],
  ];
  it.each(endless)('memory stays flat over %s', (_, start, piece) => {
    const cutter = new Cutter({ delimiter: ',' });
    const block = encode(piece.repeat(65_536 / piece.length));
    cutter.push(encode(`h,i\n${start}`));
    let held = 0;
    for (let turn = 0; turn < 64; turn++) {
      cutter.push(block);
      held = Math.max(held, cutter.bytesHeld);
    }
    expect(held).toBeLessThan(512 * 1024);
    cutter.end();
    expect(cutter.rows).toBe(piece === '\n' ? 1 : 2);
  });

  it('holds back at most what may stand open while a quote is open', () => {
    const cutter = new Cutter({ delimiter: ',', maxOpenQuoteBytes: 1 << 20 });
    cutter.push(encode('h\na\n"'));
    const block = new Uint8Array(65_536).fill(0x78);
    for (let turn = 0; turn < 100; turn++) {
      cutter.push(block);
      expect(cutter.bytesHeld).toBeLessThan((1 << 20) + 512 * 1024);
    }
    expect(rowsOf(cutter.end(), ',').map(({ code }) => code)).toEqual([null, 'quote_unclosed']);
  });

  it('hands chunks out as they become complete, none larger than asked for', () => {
    const cutter = new Cutter({ delimiter: ',', maxChunkBytes: 1000 });
    const chunks = cutter.push(encode(`h,i\n${'some,row\n'.repeat(1000)}`));
    expect(chunks.length).toBe(9);
    expect(chunks.every(({ bytes }) => bytes.length === 999)).toBe(true);
    expect(chunks.every(({ bytes }) => bytes.buffer.byteLength === bytes.length)).toBe(true);
  });
});

describe('the header', () => {
  const failure = (text: string, options = {}, pieces: number[] = []) => {
    try {
      cutInPieces(encode(text), pieces, { delimiter: ',', ...options });
    } catch (error) {
      if (error instanceof CsvError) return { code: error.code, line: error.line, message: error.message };
      throw error;
    }
    return null;
  };

  it('is known before any chunk, also where empty lines come first', () => {
    const cutter = new Cutter({ delimiter: ';' });
    cutter.push(encode('\r\n\n"e\r\nmail";name\r'));
    expect(cutter.header).toBeNull();
    cutter.push(encode('\n'));
    expect(cutter.header).toEqual({ bytes: encode('"e\r\nmail";name\r\n'), line: 3, columns: 2 });
    expect(cutter.end()).toEqual([]);
    expect(cutter.rows).toBe(0);
  });

  it('is refused over its caps, and says which', () => {
    expect(failure(','.repeat(100_000))).toMatchObject({ code: 'header_too_long', line: 1 });
    expect(failure(`a${','.repeat(1000)}\n`)?.message).toContain('1001 columns; at most 1000');
    expect(failure(`a${','.repeat(999)}\n`)).toBeNull();
    expect(failure(`${'x'.repeat(65_535)}\n`)).toBeNull();
    expect(failure(`${'x'.repeat(65_536)}\n`)?.message).toContain('longer than 65536 bytes');
  });

  it('ends with the line of a quote that stays open', () => {
    const cutter = new Cutter({ delimiter: ',' });
    const chunks = [...cutter.push(encode('a,"b,c\nd,e,f\n')), ...cutter.end()];
    expect(cutter.header).toEqual({ bytes: encode('a,"b,c\n'), line: 1, columns: 3 });
    expect(chunks.map(({ shape }) => shape)).toEqual([{ firstLine: 2, firstRow: 0, rows: 1, damage: [] }]);
  });

  it('is missing in a file of nothing but newlines', () => {
    expect(failure('\n\r\n')).toMatchObject({ code: 'file_empty' });
    expect(failure('')).toMatchObject({ code: 'file_empty' });
  });

  it('is refused alike for any pieces', () => {
    const soup = fc.array(fc.constantFrom('"', ',', '\n', '\r', 'abc'), { maxLength: 40 });
    fc.assert(
      fc.property(soup, arbitraryPieces, fc.integer({ min: 1, max: 30 }), (parts, pieces, maxHeaderBytes) => {
        const options = { maxHeaderBytes, maxColumns: 4, windowBytes: 1 };
        expect(failure(parts.join(''), options, pieces)).toEqual(failure(parts.join(''), options));
      }),
      { numRuns: 2000 },
    );
  });
});
