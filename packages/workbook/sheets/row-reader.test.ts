import fc from 'fast-check';
import { expect, it } from 'vitest';
import { XmlReader } from '../archive/xml.ts';
import { RowReader } from './row-reader.ts';
import { RowCollector, type SheetRow } from './sheet-rows.ts';

const context = {
  strings: { get: (index: number) => `shared ${index}` },
  formatOf: (style: number) => (raw: string) => `${raw} by ${style}`,
};

const value = fc.constantFrom('0', '17', '1.5', 'a &amp; b', '', '>');
const bodies = [
  value.map((text) => `<v>${text}</v>`),
  value.map((text) => `<f>A1</f><v>${text}</v>`),
  fc.constant('<is><t>in line</t></is>'),
  fc.constant('<v xml:space="preserve"> 1 </v>'),
  fc.constant('\n<v>2</v>'),
  fc.constant(''),
];
const attributes = fc.constantFrom(
  '',
  ' s="3"',
  ' t="s"',
  ' s="2" t="str"',
  ' t="inlineStr"',
  ' t="b" s="1"',
  ' cm="1"',
);
const cell = fc.record({ isShort: fc.boolean(), own: attributes, body: fc.oneof(...bodies) });
const row = fc.record({
  cells: fc.array(cell, { maxLength: 5 }),
  own: fc.constantFrom('', ' spans="1:5"', ' ht="12.8" customHeight="1"', ' foreign="a/"'),
  isEmpty: fc.boolean(),
  before: fc.constantFrom('', '', '', '\n  ', '<!-- <row r="7"></row> -->'),
});

type Row = typeof row extends fc.Arbitrary<infer Value> ? Value : never;

function write(rows: readonly Row[]): string {
  const lines = rows.map(({ cells, own, isEmpty, before }, index) => {
    const begin = `${before}<row r="${index * 2 + 1}"${own}`;
    if (isEmpty) return `${begin}/>`;
    const written = cells.map(({ isShort, own: given, body }, at) => {
      const start = `<c r="${String.fromCharCode(65 + at)}${index * 2 + 1}"${given}`;
      return isShort ? `${start}/>` : `${start}>${body}</c>`;
    });
    return `${begin}>${written.join('')}</row>`;
  });
  return `<?xml version="1.0"?><worksheet><dimension ref="A1"/><sheetData>${lines.join('')}</sheetData><mergeCells count="1"/></worksheet>`;
}

/** @param Reader of the text, in pieces of these sizes */
function read(
  text: string,
  Reader: typeof RowReader | typeof XmlReader,
  sizes: readonly number[],
): SheetRow[] {
  const collector = new RowCollector(context);
  const reader = new Reader(collector);
  for (let from = 0, turn = 0; from < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? text.length;
    reader.write(text.slice(from, from + size));
    from += size;
  }
  reader.end();
  return collector.take();
}

// Why it exists: plain rows are read by patterns, and must be what a parser of XML makes of them, wherever the text is divided.
it('rows are what a parser of XML reads, in any pieces', () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 6 }),
      (rows, sizes) => {
        const text = write(rows);
        expect(read(text, RowReader, sizes)).toEqual(read(text, XmlReader, []));
      },
    ),
    { numRuns: 500 },
  );
});

it('a row that is cut off is refused as damage is', () => {
  const text = write([
    { cells: [{ isShort: false, own: '', body: '<v>1</v>' }], own: '', isEmpty: false, before: '' },
  ]);
  expect(() => read(text.slice(0, text.indexOf('</row>')), RowReader, [])).toThrow(/workbook/i);
});
