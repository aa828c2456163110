/** Writes a workbook as Excel writes it: texts are shared, and stand behind the sheet that refers to them. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const names = ['email', 'first name', 'last name', 'phone', 'country', 'company', 'city', 'customer'];
/** Texts that all rows share: those of the header, a country, a company and a city. */
const shared = [...names, 'DE', 'Analytical Engines Ltd', 'Berlin'];
/** Texts of a row that no other row has. */
const OWN_TEXTS = 4;
const ROWS_AT_ONCE = 100;

export async function writeLargeWorkbook(path: string, rows: number): Promise<void> {
  const zip = new ZipFile();
  const sheet = `<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>`;
  const workbook = `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}">${sheet}</workbook>`;
  zip.addBuffer(Buffer.from(workbook), 'xl/workbook.xml');
  const targets = [
    ['rId1', 'worksheet', 'worksheets/sheet1.xml'],
    ['rId2', 'sharedStrings', 'sharedStrings.xml'],
  ].map(([id, type, target]) => `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`);
  const relationships = `${HEAD}<Relationships>${targets.join('')}</Relationships>`;
  zip.addBuffer(Buffer.from(relationships), 'xl/_rels/workbook.xml.rels');
  zip.addReadStreamLazy('xl/worksheets/sheet1.xml', (start) => start(null, Readable.from(sheetXml(rows))));
  zip.addReadStreamLazy('xl/sharedStrings.xml', (start) => start(null, Readable.from(stringsXml(rows))));
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

function* sheetXml(rows: number): Generator<string> {
  yield `${HEAD}<worksheet xmlns="${MAIN}"><dimension ref="A1:H${rows + 1}"/><sheetData>`;
  yield `<row r="1">${names.map((_, index) => cell(index, 1, index)).join('')}</row>`;
  const first = shared.length;
  yield* inPieces(rows, (row) => {
    const own = Array.from({ length: OWN_TEXTS }, (_, index) => first + row * OWN_TEXTS + index);
    const texts = [...own, names.length, names.length + 1, names.length + 2];
    const number = row + 2;
    return `<row r="${number}" spans="1:8">${texts.map((text, index) => cell(index, number, text)).join('')}<c r="H${number}"><v>${row}</v></c></row>`;
  });
  yield '</sheetData></worksheet>';
}

function* stringsXml(rows: number): Generator<string> {
  yield `${HEAD}<sst xmlns="${MAIN}">${shared.map((text) => `<si><t>${text}</t></si>`).join('')}`;
  yield* inPieces(rows, (row) =>
    [`person${row}@example${row % 999}.test`, `Ada${row}`, `O&amp;Neil ${row}`, `+4930${1_000_000 + row}`]
      .map((text) => `<si><t>${text}</t></si>`)
      .join(''),
  );
  yield '</sst>';
}

function* inPieces(rows: number, write: (row: number) => string): Generator<string> {
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    let text = '';
    for (let row = from; row < Math.min(rows, from + ROWS_AT_ONCE); row++) text += write(row);
    yield text;
  }
}

function cell(column: number, row: number, text: number): string {
  return `<c r="${String.fromCharCode(65 + column)}${row}" t="s"><v>${text}</v></c>`;
}
