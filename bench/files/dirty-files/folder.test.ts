/** Why it exists: the runner's reading of Pollock's folders had been tried on no folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeQuotedRecord } from '@tidings/csv/writing/write.ts';
import { expect, it, onTestFinished, vi } from 'vitest';
import { run } from '../dirty-files.ts';
import { classOf } from './dirty-file.ts';
import { readFolder } from './folder.ts';

const table = [
  ['Email', 'First name', 'Notes'],
  ['ada@x.test', 'Ada', 'says "no", often'],
  ['bob@x.test', 'Bob', ''],
];
const clean = (rows: readonly string[][]) => rows.map((cells) => writeQuotedRecord(cells, ',')).join('');

function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-dirty-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Named and laid out as Pollock's. */
function makePollockFolder(): string {
  const dirty = 'Email,First name,Notes\nada@x.test,Ada,"says ""no"", often"\nbob@x.test,"Bob,\n';
  const headerless = clean(table.slice(1));
  return makeFolder({
    'csv/row_extra_quote2_col1.csv': dirty,
    'clean/row_extra_quote2_col1.csv': clean([...table.slice(0, 2), ['bob@x.test', '"Bob', '']]),
    'parameters/row_extra_quote2_col1.csv_parameters.json': '{"header_lines": 1, "delimiter": ","}',
    'csv/file_no_header.csv': headerless,
    'clean/file_no_header.csv': headerless,
    'parameters/file_no_header.csv_parameters.json': '{"header_lines": 0}',
    'csv/file_no_payload.csv': '',
    'clean/file_no_payload.csv': '',
    'parameters/file_no_payload.csv_parameters.json': '{"header_lines": 0}',
    'csv/nobody_says.csv': clean(table),
    'csv/notes.md': '# no table',
  });
}

it('reads Pollock’s folders: a file, and what is right beside it', () => {
  const [header = null, ...records] = table;
  const files = readFolder(makePollockFolder()).map(({ name, expected }) => [name, expected]);
  expect(files).toEqual([
    ['file_no_header.csv', { header: null, records }],
    ['file_no_payload.csv', { header: null, records: [] }],
    ['nobody_says.csv', null],
    ['row_extra_quote2_col1.csv', { header, records: [records[0], ['bob@x.test', '"Bob', '']] }],
  ]);
});

it('counts the records of such a folder by class, and lists the files of which nobody says what is right', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  onTestFinished(() => log.mockRestore());
  await run([makePollockFolder()]);
  const lines = log.mock.calls.map(([line]) => String(line));
  expect(lines).toContainEqual(expect.stringMatching(/^row_extra_quote \| 1 \| 2 \| 1 \/ 0, /));
  expect(lines).toContainEqual(expect.stringMatching(/^file_no_header \| 1 \| 2 \| 2 \/ 0, 10\.000 /));
  expect(lines).toContainEqual(expect.stringMatching(/^all \| 3 \| 4 \| 3 \/ 0, /));
  expect(lines).toContainEqual(expect.stringMatching(/^nobody_says\.csv \| read, 3 × 2 /));
});

it('takes any other folder, however deep its files stand', () => {
  const files = readFolder(makeFolder({ 'a/b/list.TSV': 'email\tname\n', 'a/readme.md': '' }));
  expect(files).toEqual([{ name: 'list.TSV', bytes: expect.anything(), expected: null }]);
  expect(() => readFolder(makeFolder({ 'a/readme.md': '' }))).toThrow(/There is no file that ends in/);
  expect(() => readFolder(join(tmpdir(), 'tidings-no-such-folder'))).toThrow(/There is no folder/);
});

it.each([
  ['row_extra_quote10_col2.csv', 'row_extra_quote'],
  ['row_more_sep_row3_col2.csv', 'row_more_sep'],
  ['row_field_delimiter_4_0x20.csv', 'row_field_delimiter'],
  ['file_multitable_less.csv', 'file_multitable_less'],
  ['file_quotation_char_0x27.csv', 'file_quotation_char'],
])('%s is of the class %s', (name, of) => {
  expect(classOf(name)).toBe(of);
});
