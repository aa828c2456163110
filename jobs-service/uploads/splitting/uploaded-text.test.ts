import { text } from 'node:stream/consumers';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { makeArchive, makeWorkbook } from '@tidings/workbook/test/make-workbook.ts';
import { expect, it, onTestFinished, test } from 'vitest';
import { toUploadError, toUploadProblem } from '../upload-failures.ts';
import { HeldWorkbooks } from './held-workbooks.ts';
import { namingSheets, openUploadedText } from './uploaded-text.ts';

const maxBytes = 1024 * 1024;
const source = { sender: 'mira', file: null };

/** In pieces that divide what is looked for at the beginning. */
async function* inPieces(bytes: Uint8Array, size = 3): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function opened(bytes: Uint8Array, sheet?: string) {
  const table = await openUploadedText(inPieces(bytes), { sheet, maxBytes, source });
  onTestFinished(() => table.close());
  return table;
}

const refused = (bytes: Uint8Array, sheet?: string) =>
  opened(bytes, sheet).then(
    () => null,
    (error: unknown) => error,
  );

const row = (value: string) => `<row><c t="inlineStr"><is><t>${value}</t></is></c></row>`;
const workbook = () =>
  makeWorkbook({
    sheets: [
      { name: 'Alt', state: 'hidden', rows: row('old') },
      { name: 'Kontakte', rows: row('email') },
      { name: '1', rows: row('one') },
    ],
  });

test('a text is read as it comes, also where it is shorter than what is looked at', async () => {
  for (const content of ['', 'a', 'PK', 'email\na@x.test\n']) {
    const { text: read, sheet } = await opened(Buffer.from(content));
    expect([await text(read), sheet]).toEqual([content, null]);
  }
});

it.each([
  [undefined, 'Kontakte', 'email'],
  ['Alt', 'Alt', 'old'],
  [' kontakte ', 'Kontakte', 'email'],
  ['2', 'Kontakte', 'email'],
  // A name comes before a number.
  ['1', '1', 'one'],
])('of a workbook the sheet %s is %s', async (wanted, name, content) => {
  const bytes = await workbook();
  const table = await opened(bytes, wanted);
  expect(table.sheet).toMatchObject({ name, names: ['Alt', 'Kontakte', '1'], fileBytes: bytes.length });
  expect(await text(table.text)).toBe(`${content}\r\n`);
});

test('a sheet that is not there is refused with the names of those that are', async () => {
  for (const wanted of ['Contacts', '4', '0'])
    expect(await refused(await workbook(), wanted)).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('“Alt”, “Kontakte”, “1”'),
      place: { field: 'sheet' },
    });
});

test('a header that is not found names the sheets', async () => {
  const { sheet } = await opened(await workbook());
  const problem = new Problem('no_email_column', 'None.', { line: 1, field: 'file' });
  expect(namingSheets(problem, sheet)).toMatchObject({
    code: 'no_email_column',
    message:
      'None. This was the sheet “Kontakte” of “Alt”, “Kontakte”, “1”: the field “sheet” names another one.',
    place: { line: 1, field: 'file' },
  });
  expect(namingSheets(problem, null)).toBe(problem);
  const other = new Problem('header_too_long', 'Long.');
  expect(namingSheets(other, sheet)).toBe(other);
});

test('archives that hold no workbook are refused with what they are', async () => {
  const ods = { mimetype: 'application/vnd.oasis.opendocument.spreadsheet', 'content.xml': '<a/>' };
  expect(await refused(await makeArchive(ods))).toMatchObject({
    code: 'not_csv',
    message: expect.stringMatching(/\.ods.*LibreOffice/),
  });
  expect(await refused(await makeArchive({ 'Index/Document.iwa': 'x' }))).toMatchObject({
    code: 'not_csv',
    message: expect.stringContaining('Numbers'),
  });
  expect(await refused(await makeArchive({ 'contacts.csv': 'email' }))).toMatchObject({
    code: 'not_csv',
    message: expect.stringContaining('zip archive'),
  });
  expect(await refused(await makeWorkbook({ sheets: [] }))).toMatchObject({
    code: 'workbook_unreadable',
    message: expect.stringContaining('no sheet'),
  });
});

test('a workbook that is too large, or breaks off, is refused as such', async () => {
  const bytes = await workbook();
  const tooLarge = openUploadedText(inPieces(bytes), { maxBytes: bytes.length - 1, source });
  await expect(tooLarge).rejects.toMatchObject({ code: 'file_too_large' });
  const broken = new Error('the connection broke off');
  const parts = async function* () {
    yield* inPieces(bytes.subarray(0, 400), 100);
    throw broken;
  };
  await expect(openUploadedText(parts(), { maxBytes, source })).rejects.toBe(broken);
});

test('workbooks that are open have so much room together, which those that are closed give back', async () => {
  const bytes = await workbook();
  const heldWorkbooks = new HeldWorkbooks(2 * bytes.length + 200);
  const open = () => openUploadedText(inPieces(bytes, 100), { maxBytes, source, heldWorkbooks });
  const first = await open();
  await expect(open()).rejects.toMatchObject({ code: 'unavailable', place: { retryAfterSeconds: 30 } });
  await first.close();
  const second = await open();
  await second.close();
});

// A preview reads the beginning of a sheet alone, and closes the file below a reader that has begun to read on.
test('a workbook of which only the beginning is read can be closed at once', async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => row(`person${index}@x.test ${Math.sin(index)}`));
  const bytes = await makeWorkbook({ sheets: [{ rows: rows.join('') }] });
  for (let time = 0; time < 10; time++) {
    const options = { maxBytes: bytes.length, source };
    const { text: read, close } = await openUploadedText(inPieces(bytes, 65_536), options);
    let pieces = 0;
    for await (const piece of read) if (piece.length > 0 && ++pieces > time % 3) break;
    await close();
    expect(pieces).toBeGreaterThan(0);
  }
});

// Shared texts are written while the sheet is read: a full disk was told as a connection that broke off.
test('a full disk is told as such, and the same file may be sent again', () => {
  const problem = toUploadProblem(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }));
  expect(problem).toMatchObject({
    code: 'unavailable',
    retriable: true,
    message: expect.stringContaining('ENOSPC'),
  });
  expect(toUploadError(problem)).toBe('log_unavailable');
});
