/** Drops Excel workbooks on all of Tidings in this process. */

import { buffer } from 'node:stream/consumers';
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { AcceptedImport } from '@tidings/contracts/files/upload.ts';
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import {
  acceptImport,
  createChannel,
  getJson,
  postImport,
  problemOf,
  untilEnded,
} from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { Workbook } from '@tidings/workbook/open-workbook.ts';
import { escapeXml, makeWorkbook, openBytes } from '@tidings/workbook/test/make-workbook.ts';
import { writeWorkbook } from '@tidings/workbook/write-workbook.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedService, startService } from './test/started-service.ts';

let service: StartedService | undefined;
let url = '';

beforeAll(async () => {
  service = await startService();
  url = service.url;
}, 180_000);
afterAll(() => service?.stop());

/** @param number from 1 */
function row(number: number, ...values: readonly string[]): string {
  const cells = values.map((value) => `<c t="inlineStr"><is><t>${escapeXml(value)}</t></is></c>`);
  return `<row r="${number}">${cells.join('')}</row>`;
}

async function contactsOf(token: string, query: string): Promise<readonly Contact[]> {
  return (await getJson<Page<Contact>>(`${url}/contacts?query=${query}&limit=500`, token)).items;
}

async function drop(file: Uint8Array, fields: Record<string, string> = {}) {
  const { token } = await createChannel(url);
  const headers = { Authorization: `Bearer ${token}` };
  const accepted = await acceptImport(url, { file, fileName: 'contacts.xlsx', fields, headers });
  return { token, headers, accepted, state: await untilEnded(url, accepted.importId, token) };
}

test('a sheet is imported as a file is: titles, blank rows, lines that are rows, newlines within cells', async () => {
  const file = await makeWorkbook({
    sheets: [
      {
        name: 'Kontakte',
        rows: [
          row(1, 'Kontakte\nvon 2026'),
          row(3, 'E-Mail\n(privat)', 'Vorname', 'Notiz'),
          row(4, 'ada@w1.test', 'Ada', 'two\nlines'),
          row(7, 'bad\nmail', 'Bob'),
          row(8, 'cid@w1.test'),
          row(9, 'dan@w1.test', 'Dan', '', 'too much'),
        ].join(''),
      },
      { name: 'Andere', rows: '' },
    ],
  });
  const { token, headers, accepted, state } = await drop(file);
  expect(accepted).toMatchObject({ sheet: 'Kontakte', sheets: ['Kontakte', 'Andere'] });
  expect(state).toMatchObject({
    bytes: file.length,
    blankRows: 2,
    rows: { total: 4, created: 2, rejected: 2 },
  });
  expect(await contactsOf(token, 'w1.test')).toMatchObject([
    { email: 'ada@w1.test', firstName: 'Ada', attributes: { notiz: 'two\nlines' } },
    { email: 'cid@w1.test', firstName: '' },
  ]);
  const rejected = await fetch(`${url}/imports/${accepted.importId}/rejected.csv`, { headers });
  const csv = await rejected.text();
  expect(csv).toContain('"bad\nmail","Bob","","7","email_invalid"');
  expect(csv).toContain('"9","too_many_cells"');
});

test('a sheet is chosen, and a header that is not there names the sheets', async () => {
  const file = await makeWorkbook({
    sheets: [
      { name: 'Deckblatt', rows: row(1, 'Bericht') },
      { name: 'Kontakte', rows: row(1, 'email') + row(2, 'ada@w2.test') },
    ],
  });
  const { state } = await drop(file, { sheet: 'kontakte' });
  expect(state.rows).toMatchObject({ total: 1, created: 1 });
  expect(await problemOf(await postImport(url, { file }))).toMatchObject({
    code: 'no_email_column',
    detail: expect.stringContaining('“Deckblatt”, “Kontakte”'),
  });
  expect(await problemOf(await postImport(url, { file, fields: { sheet: '3' } }))).toMatchObject({
    code: 'invalid_request',
    field: 'sheet',
  });
});

test('a workbook is imported once under a key; another one under it is a mistake', async () => {
  const file = await makeWorkbook({ sheets: [{ rows: row(1, 'email') + row(2, 'ada@w3.test') }] });
  const { token } = await createChannel(url);
  const post = {
    file,
    fileName: 'contacts.xlsx',
    headers: { Authorization: `Bearer ${token}`, 'Idempotency-Key': 'workbook-3' },
  };
  const first = await acceptImport(url, post);
  const repeated = await postImport(url, post);
  expect([repeated.status, repeated.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
  expect(((await repeated.json()) as AcceptedImport).importId).toBe(first.importId);
  const other = await makeWorkbook({ sheets: [{ rows: row(1, 'email') + row(2, 'bob@w3.test', 'longer') }] });
  expect(await problemOf(await postImport(url, { ...post, file: other }))).toMatchObject({
    code: 'idempotency_mismatch',
  });
});

/** So many rows that chunks are on the log before the last one is read. */
async function longWorkbook(domain: string): Promise<Buffer> {
  const rows = Array.from({ length: 6_000 }, (_, index) =>
    row(index + 2, `person${index}@${domain}`, 'x'.repeat(60)),
  );
  return makeWorkbook({ sheets: [{ rows: row(1, 'email', 'note') + rows.join('') }] });
}

test('a workbook that turns out to be damaged ends as a failed import that is taken back', async () => {
  const file = await longWorkbook('w4.test');
  const entry = file.lastIndexOf('xl/worksheets/sheet1.xml') - 46;
  file.writeUInt32LE(1, entry + 16);
  const { token } = await createChannel(url);
  const headers = { Authorization: `Bearer ${token}` };
  const problem = await problemOf(await postImport(url, { file, headers }));
  expect(problem).toMatchObject({ code: 'workbook_unreadable', retriable: false });
  const failed = await eventually(async () => {
    const { items } = await getJson<Page<ImportState>>(`${url}/imports?status=failed&limit=1`, token);
    expect(items[0]?.undo).toMatchObject({ kept: 0, failed: 0 });
    return items[0];
  });
  expect(failed).toMatchObject({ upload: 'aborted', bytes: file.length });
  expect(await contactsOf(token, 'w4.test')).toEqual([]);
});

test('an upload of a workbook that breaks off leaves no import', async () => {
  const file = await longWorkbook('w5.test');
  const { token } = await createChannel(url);
  const before = await getJson<Page<ImportState>>(`${url}/imports`, token);
  const begin = `--b\r\nContent-Disposition: form-data; name="file"; filename="c.xlsx"\r\n\r\n`;
  const half = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from(begin));
      controller.enqueue(new Uint8Array(file.subarray(0, file.length / 2)));
    },
    pull: (controller) => controller.error(new Error('broken off')),
  });
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'multipart/form-data; boundary=b' };
  await expect(
    fetch(`${url}/imports`, { method: 'POST', headers, body: half, duplex: 'half' }),
  ).rejects.toThrow();
  const whole = await postImport(url, { file, headers: { Authorization: `Bearer ${token}` } });
  expect(whole.status).toBe(202);
  const { importId } = (await whole.json()) as AcceptedImport;
  const { items } = await getJson<Page<ImportState>>(`${url}/imports`, token);
  const known = new Set(before.items.map((item) => item.importId));
  expect(items.map((item) => item.importId).filter((id) => !known.has(id))).toEqual([importId]);
});

/** The rows of a workbook of rejected rows. */
async function rejectedOf(importId: string, headers: Record<string, string>) {
  const response = await fetch(`${url}/imports/${importId}/rejected.xlsx`, { headers });
  expect(response.headers.get('content-type')).toContain('spreadsheetml.sheet');
  expect(response.headers.get('content-disposition')).toContain('contacts-rejected.xlsx');
  const bytes = Buffer.from(await response.arrayBuffer());
  const workbook = await Workbook.open(await openBytes(bytes));
  const rows: string[][] = [];
  for (const sheet of workbook?.sheets ?? [])
    for await (const some of workbook?.rows(sheet) ?? []) rows.push(...some.map(({ cells }) => cells));
  return { bytes, rows };
}

test('rejected rows come as a workbook, which mends them when it is dropped again', async () => {
  const file = [
    'email;name;phone;note',
    'bad@;=1+1;+49 30 23125000;"\'007\'\nx"',
    'ada@w6.test;Ada;12;007',
    'bob@w6.test;Bob;+49 30 23125001;n;surplus',
    '',
  ].join('\n');
  const { token, headers, accepted, state } = await drop(Buffer.from(file), { defaultCountry: 'DE' });
  expect(state.rows).toMatchObject({ total: 3, rejected: 3 });
  const { bytes, rows } = await rejectedOf(accepted.importId, headers);
  const [header = [], bad = [], ada = [], bob = []] = rows;
  expect(header).toEqual(['email', 'name', 'phone', 'note', '_line', '_code', '_reason', '_extra', '_check']);
  // Cells are what stood in the file: nothing runs in a cell of text.
  expect(bad.slice(0, 6)).toEqual(['bad@', '=1+1', '+49 30 23125000', "'007'\nx", '2', 'email_invalid']);
  expect(ada.slice(2, 6)).toEqual(['12', '007', '4', 'phone_invalid']);
  expect([...bob.slice(3, 6), bob[7]]).toEqual(['n', '5', 'too_many_cells', 'surplus']);

  const again = await acceptImport(url, { file: bytes, fileName: 'contacts-rejected.xlsx', headers });
  const unchanged = await untilEnded(url, again.importId, token);
  expect(unchanged.rows).toMatchObject({ total: 3, rejected: 3 });

  const mended = [
    ['cid@w6.test', ...bad.slice(1)],
    [...ada.slice(0, 2), '+49 30 23125002', ...ada.slice(3)],
    [...bob.slice(0, 3), 'mended', '5', '', '', '', ''],
  ];
  const written = async function* () {
    yield mended.map((cells) => ({ cells, faults: new Map<number, string>() }));
  };
  const saved = await buffer(writeWorkbook({ sheet: 'rejected', header, rows: written() }));
  const fields = { mends: accepted.importId, defaultCountry: 'DE' };
  const last = await acceptImport(url, { file: saved, fileName: 'contacts-rejected.xlsx', fields, headers });
  const end = await untilEnded(url, last.importId, token);
  expect(end).toMatchObject({ mends: accepted.importId, rows: { total: 3, created: 3 } });
  expect(await contactsOf(token, 'w6.test')).toMatchObject([
    { email: 'ada@w6.test', phone: '+493023125002', attributes: { note: '007' } },
    { email: 'bob@w6.test', attributes: { note: 'mended' } },
    { email: 'cid@w6.test', attributes: { note: "'007'\nx" } },
  ]);
});
