import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { restoreLineBreaks } from '@tidings/csv/line-breaks.ts';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import type { ArchiveLimits } from './archive/archive.ts';
import { Workbook } from './open-workbook.ts';
import { SharedStrings } from './sheets/shared-strings.ts';
import {
  escapeXml,
  makeArchive,
  makeWorkbook,
  openBytes,
  type WorkbookToMake,
} from './test/make-workbook.ts';
import { writeSheetText } from './write-sheet-text.ts';

async function open(bytes: Uint8Array, limits?: Partial<ArchiveLimits>): Promise<Workbook> {
  const workbook = await Workbook.open(await openBytes(bytes), limits);
  if (workbook === null) throw new Error('no workbook');
  return workbook;
}

/** The text of a sheet, with its newlines within cells shown as ⏎. */
async function read(bytes: Uint8Array, sheet = 0, limits?: Partial<ArchiveLimits>): Promise<string> {
  const workbook = await open(bytes, limits);
  const chosen = workbook.sheets[sheet];
  if (chosen === undefined) throw new Error('no such sheet');
  return (await text(writeSheetText(workbook.rows(chosen)))).replaceAll('\v', '⏎').replaceAll('\r', '');
}

const readMade = async (workbook: WorkbookToMake) => read(await makeWorkbook(workbook));
const readRows = (rows: string, more: Partial<WorkbookToMake> = {}) =>
  readMade({ sheets: [{ rows }], ...more });
const fixture = (name: string) => readFile(join(import.meta.dirname, 'test/files', name));

/** A sheet of one column of numbers, each in the style of its place. */
function numbers(values: readonly (readonly [format: string | number, value: string])[]): WorkbookToMake {
  const formats = values.map(([format], index) =>
    typeof format === 'string' ? `<numFmt numFmtId="${200 + index}" formatCode="${escapeXml(format)}"/>` : '',
  );
  const styles = values.map(
    ([format], index) => `<xf numFmtId="${typeof format === 'string' ? 200 + index : format}"/>`,
  );
  const rows = values.map(
    ([, value], index) => `<row r="${index + 1}"><c r="A${index + 1}" s="${index}"><v>${value}</v></c></row>`,
  );
  return {
    sheets: [{ rows: rows.join('') }],
    styles: `<numFmts>${formats.join('')}</numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs>${styles.join('')}</cellXfs>`,
  };
}

describe('a workbook as another program has saved it', () => {
  const HEADER = 'E-Mail,Name,PLZ,Since,Seen,Phone,Share,Paid,Ok,Formula,Note,Rich';

  it.each([
    ['xlsxwriter.xlsx', '2023-03-15 14:30:00', ''],
    // It writes the local format out, and cells of the merged ones.
    ['libreoffice.xlsx', '3/15/2023', ',,,'],
  ])('%s', async (file, seen, merged) => {
    const ada = `ada@x.test,Ada,01234,15.03.2023,${seen},491711234567,50%,"1,234.50 €",TRUE,ada@x.test!,"two⏎lines, ""q""",Hello world`;
    const bob = 'bob@x.test,,,,,491711234567,,,,#DIV/0!';
    expect((await read(await fixture(file))).split('\n')).toEqual([
      ...['Kontaktliste 2026', '', HEADER, ada, '', '', bob, `merged@x.test${merged}`, ''],
    ]);
    const { sheets } = await open(await fixture(file));
    expect(sheets).toMatchObject([
      { name: 'Kontakte', isHidden: false },
      { name: 'Alt', isHidden: true },
    ]);
  });

  it('openpyxl.xlsx', async () => {
    expect((await read(await fixture('openpyxl.xlsx'))).split('\n')).toEqual([
      'email,date,n,f',
      'a@x.test,2020-01-02,0.3,=1+1',
      'b@x.test,2020-01-02 3:04:05,1234567890123456,xAy',
      '',
      'c😀@x.test,3:04:00,-1e-7,\t tab',
      '',
    ]);
    expect(await read(await fixture('openpyxl.xlsx'), 1)).toBe('email\n');
    expect(await read(await fixture('openpyxl-1904.xlsx'))).toBe('email,date\na@x.test,2020-01-02\n');
  });
});

describe('a number', () => {
  it.each<[string | number, string, string]>([
    [0, '491711234567', '491711234567'],
    [0, '4.91711234567E+11', '491711234567'],
    [0, '12345678901234567890', '12345678901234567890'],
    [0, '0.30000000000000004', '0.3'],
    [0, '007', '7'],
    [49, '491711234567', '491711234567'],
    [1, '1234.6', '1235'],
    [9, '0.07', '7%'],
    [11, '491711234567', '491711234567'],
    ['00000', '1067', '01067'],
    ['0000000000000', '171123456789', '0171123456789'],
    ['"+"0', '491711234567', '+491711234567'],
    ['0.00E+00', '0.000123', '1.23E-04'],
    ['#,##0', '1234567', '"1,234,567"'],
    [';;;', '42', '42'],
    ['"', '42', '42'],
    ['[Red]0.0;[Blue]-0.0', '-1.25', '-1.3'],
  ])('in format %s: %s shows %s', async (format, value, shown) => {
    expect(await readMade(numbers([[format, value]]))).toBe(`${shown}\n`);
  });
});

describe('a date', () => {
  it.each<[string | number, string, string]>([
    [14, '45000', '2023-03-15'],
    [22, '45000.75', '2023-03-15 18:00:00'],
    [21, '0.75', '18:00:00'],
    [15, '45000', '15-Mar-23'],
    ['dd.mm.yyyy', '45000', '15.03.2023'],
    ['yyyy"年"m"月"d"日"', '45000', '2023年3月15日'],
    ['[$-407]d. mmmm yyyy', '45000', '15. März 2023'],
    ['[$-F800]dddd, mmmm dd, yyyy', '45000', '2023-03-15'],
    ['[h]:mm', '2.5', '60:00'],
    ['yyyy-mm-dd', '59', '1900-02-28'],
    ['yyyy-mm-dd', '61', '1900-03-01'],
  ])('in format %s: %s shows %s', async (format, value, shown) => {
    expect(await readMade(numbers([[format, value]]))).toBe(`${shown}\n`);
  });

  // A phone number in a column of dates became a day of the year 1346261534.
  it.each<[string | number, string]>([
    [14, '491711234567'],
    ['dd.mm.yyyy', '491711234567'],
    ['dd.mm.yyyy', '2958466'],
    ['yyyy-mm-dd', '-1'],
    ['[h]:mm', '-1.5'],
  ])('in format %s: %s is beyond the calendar, and stays a number', async (format, value) => {
    expect(await readMade(numbers([[format, value]]))).toBe(`${value}\n`);
  });

  // Durations were 35,088 hours too long: they were counted from the day on which the calendar begins.
  it('counts no duration from 1904', async () => {
    const workbook = numbers([
      ['[h]:mm', '0.5'],
      ['[mm]:ss', '0'],
      ['"[h]"yyyy', '43538'],
    ]);
    expect(await readMade({ ...workbook, properties: 'date1904="1"' })).toBe('12:00\n00:00\n[h]2023\n');
  });

  it('counts from 1904 where the workbook says so', async () => {
    const workbook = numbers([
      ['yyyy-mm-dd', '43538'],
      [14, '43538'],
      ['0', '43538'],
    ]);
    expect(await readMade({ ...workbook, properties: 'date1904="1"' })).toBe(
      '2023-03-15\n2023-03-15\n43538\n',
    );
  });
});

describe('a cell', () => {
  it('holds text in runs without how it is pronounced, escaped characters and emoji', async () => {
    const strings =
      '<si><t>a&amp;b &lt;c&gt; &#128512;</t></si><si><r><t xml:space="preserve">Hel</t></r><r><t>lo</t></r></si>' +
      '<si><t>山田</t><rPh sb="0" eb="2"><t>ヤマダ</t></rPh></si><si><t>x_x000D_\n_x005F_x0041_</t></si><si><t><![CDATA[<&amp;>]]></t></si><si/>';
    const cells = [0, 1, 2, 3, 4, 5, ''].map((index) => `<c t="s"><v>${index}</v></c>`);
    expect(await readRows(`<row>${cells.join('')}</row>`, { strings })).toBe(
      'a&b <c> 😀,Hello,山田,x⏎_x0041_,<&amp;>,,\n',
    );
  });

  it('holds a truth value, an error, a formula with and without its value, or text of its own', async () => {
    const cells = [
      '<c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1</f><v>a&amp;b</v></c>',
      '<c><f>A1&amp;"x"</f></c><c t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c><c t="d"><v>2026-01-02</v></c>',
    ];
    expect(await readRows(`<row>${cells.join('')}</row>`)).toBe(
      'TRUE,FALSE,#N/A,a&b,"=A1&""x""",inline,2026-01-02\n',
    );
  });

  it('stands in its own column and row, whatever is left out; prefixes and blank rows at the end mean nothing', async () => {
    const rows =
      '<x:row r="2"><x:c r="C2"><x:v>1</x:v></x:c></x:row><x:row r="5"><x:c r="AA5"><x:v>2</x:v></x:c></x:row><x:row r="1048576"><x:c r="A1048576" s="0"/></x:row>';
    const sheet = `<x:worksheet xmlns:x="urn:x"><x:dimension ref="A1"/><x:sheetData>${rows}</x:sheetData><x:mergeCells><x:row/></x:mergeCells></x:worksheet>`;
    expect(await readMade({ sheets: [{ rows: '' }], parts: { 'xl/worksheets/sheet1.xml': sheet } })).toBe(
      `\n,,1\n\n\n${','.repeat(26)}2\n`,
    );
  });
});

describe('a damaged workbook', () => {
  const whole = () => makeWorkbook({ sheets: [{ rows: '<row><c><v>1</v></c></row>' }] });
  const refused = async (bytes: Uint8Array, limits?: Partial<ArchiveLimits>) =>
    expect(
      await read(bytes, 0, limits).catch(
        (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
      ),
    );

  it('is cut off, or is none', async () => {
    const bytes = await whole();
    (await refused(bytes.subarray(0, -30))).toMatch(/^workbook_unreadable: .*cut off/);
    (await refused(Buffer.alloc(500, 'PK'))).toMatch(/^workbook_unreadable: /);
    expect(await Workbook.open(await openBytes(await makeArchive({ 'a.csv': 'email' })))).toBeNull();
  });

  it('has a wrong checksum', async () => {
    const bytes = await whole();
    const name = Buffer.from('xl/worksheets/sheet1.xml');
    const central = bytes.lastIndexOf(name) - 46;
    bytes.writeUInt32LE(12345, central + 16);
    (await refused(bytes)).toMatch(/^workbook_unreadable: .*damaged/);
  });

  it('has no sheet where it says, rows in no order, or elements that are not closed', async () => {
    const sheets = [{ rows: '' }];
    const sheet = 'xl/worksheets/sheet1.xml';
    (await refused(await makeWorkbook({ sheets, parts: { [sheet]: null } }))).toMatch(
      /sheet1.xml” is missing/,
    );
    for (const rows of [
      '<row r="2"/><row r="1"/>',
      '<row r="1048577"/>',
      '<row r="x"/>',
      '<row><c r="B1"/><c r="A1"/></row>',
    ])
      (await refused(await makeWorkbook({ sheets: [{ rows }] }))).toMatch(/^workbook_unreadable: .*no order/);
    for (const text of [
      '<worksheet><sheetData><row>',
      '<worksheet><sheetData></row></sheetData></worksheet>',
      '<a',
      'x',
    ])
      (await refused(await makeWorkbook({ sheets, parts: { [sheet]: text } }))).toMatch(
        /^workbook_unreadable: /,
      );
  });

  // Such a cell was read as blank, and its contact lost the value without a word.
  it('has a cell whose text is not there', async () => {
    const rows = '<row><c t="s"><v>1</v></c></row>';
    const bytes = await makeWorkbook({ sheets: [{ rows }], strings: '<si><t>a</t></si>' });
    (await refused(bytes)).toMatch(/^workbook_unreadable: .*a text that is not there/);
    const without = await makeWorkbook({ sheets: [{ rows }], parts: { 'xl/sharedStrings.xml': null } });
    (await refused(without)).toMatch(/^workbook_unreadable: /);
  });

  it('unpacks to far more than it is', async () => {
    const bomb = await makeWorkbook({ sheets: [{ rows: '<row/>'.repeat(700_000) }] });
    expect(bomb.length).toBeLessThan(20_000);
    (await refused(bomb, { freeBytes: 10_000 })).toMatch(/^file_too_large: /);
    (await refused(bomb, { maxUnpackedBytes: 100_000 })).toMatch(/^file_too_large: /);
    const long = await makeWorkbook({ sheets: [{ rows: `<row/>${' '.repeat(4_000_000)}<row/>` }] });
    (await refused(long)).toMatch(/^workbook_unreadable: .*too long/);
    const deep = '<a>'.repeat(300);
    (await refused(await makeWorkbook({ sheets: [{ rows: deep }] }))).toMatch(/nested/);
  });

  it('is encrypted, or binary', async () => {
    const bytes = await whole();
    const central = bytes.lastIndexOf(Buffer.from('xl/worksheets/sheet1.xml')) - 46;
    bytes.writeUInt16LE(bytes.readUInt16LE(central + 8) | 1, central + 8);
    (await refused(bytes)).toMatch(/^workbook_unreadable: .*password/);
    const parts = {
      '_rels/.rels':
        '<Relationships><Relationship Id="1" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>',
      'xl/workbook.bin': 'x',
    };
    (await refused(await makeWorkbook({ sheets: [{ rows: '' }], parts }))).toMatch(/\.xlsb/);
  });
});

test('what is written into cells is read out of them', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom('"', ',', '\n', '\r', "'", ' ', '=', '_x0041_', '&', '<', 'ä', '\u0001', '\0'),
      maxLength: 8,
    }),
  );
  const sheetRows = fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sheetRows, fc.boolean(), async (rows, isShared) => {
      const strings: string[] = [];
      const write = (value: string) => {
        if (!isShared) return `<c t="inlineStr"><is><t>${escapeXml(value)}</t></is></c>`;
        strings.push(`<si><t>${escapeXml(value)}</t></si>`);
        return `<c t="s"><v>${strings.length - 1}</v></c>`;
      };
      const xml = rows.map((cells) => `<row>${cells.map(write).join('')}</row>`);
      const workbook = await open(
        await makeWorkbook({ sheets: [{ rows: xml.join('') }], strings: strings.join('') }),
      );
      const [sheet] = workbook.sheets;
      if (sheet === undefined) throw new Error('no sheet');
      const csv = await text(writeSheetText(workbook.rows(sheet)));
      const records: string[][] = parse(csv, {
        relax_column_count: true,
        skip_empty_lines: false,
        record_delimiter: ['\r\n', '\n'],
      });
      const asLines = (value: string) => value.replace(/\r\n?/g, '\n');
      const last = rows.findLastIndex((cells) => cells.some((value) => value !== ''));
      const isBlank = (cells: readonly string[]) => cells.every((value) => value === '');
      expect(records.map((cells) => (isBlank(cells) ? [] : restoreLineBreaks(cells)))).toEqual(
        rows.slice(0, last + 1).map((cells) => (isBlank(cells) ? [] : cells.map(asLines))),
      );
    }),
    { numRuns: 40 },
  );
});

test('shared texts are the same in memory and in the spool, in any order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', minLength: 0, maxLength: 9_000 }), {
        minLength: 20,
        maxLength: 60,
      }),
      fc.infiniteStream(fc.nat(59)),
      async (texts, picks) => {
        const strings = new SharedStrings(2);
        onTestFinished(() => strings.close());
        for (const one of texts) {
          strings.add(one);
          await strings.settle();
        }
        for (const index of [...texts.keys()].flatMap((key) => [key, picks.next().value]))
          if (index < texts.length) expect(strings.get(index)).toBe(texts[index]);
        for (const index of [-1, Number.NaN, 0.5, texts.length])
          expect(() => strings.get(index)).toThrow(/names a text that is not there/);
        await strings.close();
      },
    ),
    { numRuns: 15 },
  );
});

test('the rows of our own file keep their blank last cells', async () => {
  const inline = (values: readonly string[]) =>
    `<row>${values.map((value) => `<c t="inlineStr"><is><t>${value}</t></is></c>`).join('')}</row>`;
  const rows = inline(['email', '_line', '_code', '_reason']) + inline(['a@x.test', '2']);
  expect(await readRows(rows)).toBe('email,_line,_code,_reason\na@x.test,2,,\n');
});
