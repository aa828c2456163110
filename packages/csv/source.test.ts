import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { sniff } from './sniff.ts';
import { SourceReader } from './source.ts';
import { arbitraryPieces } from './test/cut-model.ts';
import { readRecords } from './test/read-records.ts';

const encode = (text: string) => new TextEncoder().encode(text);

/** What the cutter is given of a file that comes in pieces. The first piece is at least what the structure is told from. */
function read(bytes: Uint8Array, sizes: readonly number[] = []): Buffer {
  const source = new SourceReader(sniff(bytes, { complete: true }));
  const parts: Uint8Array[] = [];
  const pieces = sizes.some((size) => size > 0) ? sizes : [bytes.length];
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = pieces[turn % pieces.length] ?? 1;
    parts.push(source.push(bytes.subarray(from, from + size)));
    from += size;
  }
  return Buffer.concat([...parts, source.end()]);
}

const withoutPadding = (text: string) => text.replaceAll('\0', '').replaceAll('\x1a', '');

const files: [string, string, string[], string[][]][] = [
  ['a title line', 'Export 2025-01-06\nemail;name\na@b.c;Ada\n', ['email', 'name'], [['a@b.c', 'Ada']]],
  [
    'notes of three lines above',
    'Notes:\n"When exporting, some are missing"\n\nFirst Name,Email Address\nAda,a@b.c\n',
    ['First Name', 'Email Address'],
    [['Ada', 'a@b.c']],
  ],
  [
    'remarks above and between',
    '# made by x\nemail,name\n# note\na@b.c,Ada\n',
    ['email', 'name'],
    [['a@b.c', 'Ada']],
  ],
  [
    'a line for Excel',
    'sep=;\r\nemail;name\r\na@b.c;Doe, Ann\r\n',
    ['email', 'name'],
    [['a@b.c', 'Doe, Ann']],
  ],
  [
    'apostrophes as quotes',
    "'email','note'\n'a@b.c','it''s \"x\", y'\n",
    ['email', 'note'],
    [['a@b.c', 'it\'s "x", y']],
  ],
  [
    'backslashes before quotes',
    'email,note\na@b.c,"say \\"hi\\", now"\nb@b.c,x\n',
    ['email', 'note'],
    [
      ['a@b.c', 'say "hi", now'],
      ['b@b.c', 'x'],
    ],
  ],
  [
    'a backslash at the end of a cell',
    '"email","note"\n"a@b.c","C:\\"\n',
    ['email', 'note'],
    [['a@b.c', 'C:\\']],
  ],
  [
    'blanks around quotes',
    '"email" , "name"\n"a@b.c" , "Doe, Ann"\n',
    ['email', 'name'],
    [['a@b.c', 'Doe, Ann']],
  ],
  [
    'colons',
    'email:name\na@b.c:Doe, Ann\nb@b.c:\n',
    ['email', 'name'],
    [
      ['a@b.c', 'Doe, Ann'],
      ['b@b.c', ''],
    ],
  ],
  ['carets', 'name^email\nAnn^a@b.c\n', ['name', 'email'], [['Ann', 'a@b.c']]],
  ['a time beside commas', 'email,at\na@b.c,10:30\n', ['email', 'at'], [['a@b.c', '10:30']]],
  [
    'a header cell of two lines',
    '"E-Mail\nAddress","First\nName"\na@b.c,Ada\n',
    ['E-Mail\nAddress', 'First\nName'],
    [['a@b.c', 'Ada']],
  ],
  ['padding and Ctrl-Z', 'email,name\na@b.c,Ada\x1a\0\0', ['email', 'name'], [['a@b.c', 'Ada']]],
  // One quote in the header refused the whole file, though its names could be told.
  [
    'a quote before a name of the header',
    '"email",""name","note"\n"a@b.c","Ada","x"\n',
    ['email', '""name"', 'note'],
    [['a@b.c', 'Ada', 'x']],
  ],
  [
    'a quote that stays open in the header',
    'email;"name;note\na@b.c;Ada;x\n',
    ['email', '"name', 'note'],
    [['a@b.c', 'Ada', 'x']],
  ],
  // As LibreOffice writes it where its text delimiter is an apostrophe: the header's first line alone told of no quotes.
  [
    'apostrophes as quotes, and a header cell over two lines',
    "'E-Mail\nAddress','First\nName'\n'a@b.c','Ada'\n",
    ['E-Mail\nAddress', 'First\nName'],
    [['a@b.c', 'Ada']],
  ],
  // As Pollock writes it: quotes stand only in two columns, and half of the header's cells had to have some.
  [
    'apostrophes as quotes in one column',
    "email,name,'notes'\na@b.c,Ada,'x, y'\nb@b.c,Bob,'men's'\n",
    ['email', 'name', 'notes'],
    [
      ['a@b.c', 'Ada', 'x, y'],
      ['b@b.c', 'Bob', "men's"],
    ],
  ],
  [
    'apostrophes as quotes below a blank line',
    ",\n,\n'name','mail'\n'Ada','a@b.c'\n",
    ['name', 'mail'],
    [['Ada', 'a@b.c']],
  ],
  [
    'apostrophes within apostrophes',
    "'email','name','note'\n'a@b.c','O'Brien','men's and women's'\n",
    ['email', 'name', 'note'],
    [['a@b.c', "O'Brien", "men's and women's"]],
  ],
  ['a header that is repeated', 'email,name\nemail,name\na@b.c,Ada\n', ['email', 'name'], [['a@b.c', 'Ada']]],
  [
    'a title in the first of as many cells as the header has',
    'Report,,\n,,\nWho,What,When\nAda,x,1\nBob,y,2\n',
    ['Who', 'What', 'When'],
    [
      ['Ada', 'x', '1'],
      ['Bob', 'y', '2'],
    ],
  ],
  [
    'a comma within cells of semicolons',
    'Name, Vorname;E-Mail\nDoe, Ann;a@b.c\n',
    ['Name, Vorname', 'E-Mail'],
    [['Doe, Ann', 'a@b.c']],
  ],
];

describe('a file', () => {
  it.each(files)('is read with %s, in any pieces and encodings', (_, text, header, rows) => {
    expect(readRecords(encode(text))).toMatchObject({ header, rows });
    const whole = read(encode(text)).toString();
    expect(whole.split(/\r\n|\r|\n/).length).toBe(withoutPadding(text).split(/\r\n|\r|\n/).length);
    fc.assert(
      fc.property(arbitraryPieces, fc.constantFrom('utf8', 'utf16le', 'utf16be'), (sizes, encoding) => {
        const bytes = iconv.encode(text, encoding, { addBOM: encoding !== 'utf8' });
        expect(read(bytes, sizes).toString()).toBe(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('without a header is read by the columns of its rows, where the person says that it has none', () => {
    expect(readRecords(encode('Ann,a@b.c\nBob,b@b.c\n'), { headerLine: 0 })).toMatchObject({
      header: ['column 1', 'email'],
      rows: [
        ['Ann', 'a@b.c'],
        ['Bob', 'b@b.c'],
      ],
    });
  });

  it('has its header where the person says', () => {
    const text = 'email,x\nmail,name\na@b.c,Ann\n';
    expect(readRecords(encode(text), { headerLine: 2 })).toMatchObject({
      header: ['mail', 'name'],
      rows: [['a@b.c', 'Ann']],
    });
  });

  // Text is never silently changed: what cannot be decoded is told by its line.
  it('keeps a byte that is no UTF-8 where the encoding has no letter for a byte', () => {
    const text = iconv.encode('email,name\na@b.gr,Γιώργος\nb@b.gr,Ελένη\nc@b.gr,X\n', 'windows-1253');
    const bytes = Buffer.concat([text.subarray(0, -2), Buffer.of(0xd2, 0x0a)]);
    const source = new SourceReader(sniff(bytes, { complete: true, encoding: 'windows-1253' }));
    const given = Buffer.concat([source.push(bytes), source.end()]);
    expect(given.toString()).toMatch(/^email,name\na@b\.gr,Γιώργος\nb@b\.gr,Ελένη\nc@b\.gr,\ufffd\n$/);
    expect(given.includes(Buffer.from('\ufffd'))).toBe(false);
  });

  // Node.js read 8,822 of the 11,172 syllables as Latin letters, and what Hong Kong adds as private characters: nobody was told.
  it.each([
    ['euc-kr', '8c63b9e6b0a2c7cf20bc84bdc3c4ddb6f320bcb392de', '똠방각하 펲시콜라 설믜'],
    ['big5', '916fb3bdaf4620c94e9df89def209dee', '鰂魚涌 冇啲嘅 㗎'],
    // Behind a cut within a letter of two units of UTF-16, the library lost the last character of the piece.
    ['big5', 'fa40', '𠕇'],
  ] as const)('of %s has the letters that offices write beyond the standard', (encoding, hex, text) => {
    const bytes = Buffer.concat([
      Buffer.from('email,name\na@b.c,'),
      Buffer.from(hex, 'hex'),
      Buffer.of(0x0a),
    ]);
    const sniffed = sniff(bytes, { complete: true, encoding });
    for (let at = 0; at <= bytes.length; at++) {
      const source = new SourceReader(sniffed);
      const parts = [source.push(bytes.subarray(0, at)), source.push(bytes.subarray(at)), source.end()];
      expect(Buffer.concat(parts).toString()).toBe(`email,name\na@b.c,${text}\n`);
    }
  });

  it.each([
    ['euc-kr', '\x8c', '똠'],
    ['big5', '\x91', '鰂'],
  ] as const)('of %s keeps delimiters and newlines behind half a letter', (encoding, half, letter) => {
    const text = iconv.encode(
      `email,name,note\na@b.c,${letter},x\n`,
      encoding === 'big5' ? 'big5hkscs' : 'cp949',
    );
    const broken = Buffer.from(`b@b.c,${half},x\nc@b.c,y${half}\nd@b.c,z,x${half}\n`, 'latin1');
    const bytes = Buffer.concat([text, broken]);
    const sniffed = sniff(bytes, { complete: true, encoding });
    // Behind a cut within such a half, the library lost the newline.
    for (let at = 0; at <= bytes.length; at++) {
      const source = new SourceReader(sniffed);
      const parts = [source.push(bytes.subarray(0, at)), source.push(bytes.subarray(at)), source.end()];
      const given = Buffer.concat(parts).toString();
      expect(
        given
          .split('\n')
          .slice(1)
          .map((line) => line.split(',').length),
      ).toEqual([3, 3, 2, 3, 1]);
      expect(given).toContain(letter);
    }
  });

  it('of windows-1252 has its quotation marks and its euro sign, in one piece and in two', () => {
    const bytes = Buffer.from('email,note\na@b.c,\x93J\xf6rg\x94 \x80\n', 'latin1');
    const sniffed = sniff(bytes, { complete: true, encoding: 'windows-1252' });
    for (const at of [0, 20, 25]) {
      const source = new SourceReader(sniffed);
      const parts = [source.push(bytes.subarray(0, at)), source.push(bytes.subarray(at)), source.end()];
      expect(Buffer.concat(parts).toString()).toContain('“Jörg” €');
    }
  });
});

describe('short rows', () => {
  const cuts = (text: string) => sniff(encode(text), { complete: true }).cutsBlankCells;
  it('are those whose last cells are blank, where the file leaves them out as a rule', () => {
    expect(cuts('email,name,notes\na@b.c,Ada,x\nb@b.c,Bob\nc@b.c\n')).toBe(true);
    expect(cuts(`email,name,notes\n${'a@b.c,Ada,x\n'.repeat(50)}b@b.c,Bob\n`)).toBe(false);
    expect(cuts('email,name,notes\na@b.c,Ada,x\nb@b.c,Bob,\nc@b.c\n')).toBe(false);
    // Nobody can tell which cell is missing.
    expect(cuts('email,first,last,notes\na@b.c,Lovelace,x\n')).toBe(false);
  });
});

// Why it exists: a header with one delimiter too few moved every cell behind it below another name, in rows that ended in a blank cell.
describe('a column without a name', () => {
  const has = (text: string) => sniff(encode(text), { complete: true }).hasUnnamedColumn;
  it('is told where nearly all rows have more cells than the header, and not by blank ones alone', () => {
    expect(has('email,"first""last",city\na@b.c,Ada,Lovelace,\nb@b.c,Bob,Roe,Bonn\n')).toBe(true);
    expect(has('email,name\na@b.c,Ada,\nb@b.c,Bob,\n')).toBe(false);
    expect(has('email,name\na@b.c,Ada\nb@b.c,Bob,x\n')).toBe(false);
    expect(has(`email,name\n${'a@b.c,Ada,\n'.repeat(30)}b@b.c,Bob,x\n`)).toBe(false);
  });
});
