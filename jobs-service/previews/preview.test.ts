/** What `POST /imports/preview` answers, over real HTTP. */
import { type ImportPreview, PREVIEW_BYTES } from '@tidings/contracts/files/preview.ts';
import { importPreviewSchema } from '@tidings/contracts/schemas/files/preview.ts';
import { planTopics } from '@tidings/contracts/topics.ts';
import { startReferenceData } from '@tidings/reference-data/app.ts';
import { sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { makeWorkbook } from '@tidings/workbook/test/make-workbook.ts';
import iconv from 'iconv-lite';
import { expect, onTestFinished, test } from 'vitest';
import { startApiServer } from '../test/api-server.ts';
import { bodyChunk, formField, uploadHead } from '../test/raw-upload.ts';

async function start() {
  const log = await openTestLog();
  const referenceData = await startReferenceData({ log, logger: silentLogger });
  onTestFinished(() => referenceData.stop());
  const server = await startApiServer({ log });
  const token = await server.issueToken('mira');
  const send = (
    file: string | Uint8Array,
    fields: Record<string, string> = {},
    path = '/imports/preview',
  ) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob([typeof file === 'string' ? file : Buffer.from(file)]), 'a.csv');
    return server.send(path, token, { method: 'POST', body: form });
  };
  const preview = async (...asked: Parameters<typeof send>): Promise<ImportPreview> => {
    const answer = await send(...asked);
    const body: unknown = await answer.json();
    expect([answer.status, answer.status === 200 ? '' : body]).toEqual([200, '']);
    return importPreviewSchema.strict().parse(body);
  };
  return { ...server, server, log, token, send, preview };
}

const people = [
  'Kontakte 2026',
  '',
  'E-Mail;Vorname;Handy;Telefon;Land;Notiz',
  'ada@a.test;Ada;030 23125000;;Deutschland;x',
  ' Bob <bob@a.test> ;Bob;0151 23456789;;;',
  ';Nobody;;;;',
  ';;;;;',
  'cy@a.test;Cy;12;+49 151 23456789;Atlantis;',
  '',
].join('\r\n');

test('a file is shown as it would be read, with the reasons of rows that would come back', async () => {
  const { preview } = await start();
  const shown = await preview(`\uFEFF${people}`);
  expect(shown).toMatchObject({
    ...{ encoding: 'utf-8', encodingConfidence: 1, encodingSamples: [], encodingAlternatives: [] },
    ...{ delimiter: ';', quote: '"', headerLine: 3, titleLines: ['Kontakte 2026'] },
    ...{ rowsRead: 4, blankRows: 1, truncated: false, estimatedRows: 4 },
    ...{
      defaultCountry: null,
      invalidFields: 'reject',
      rowsNeedingCountry: 1,
      isRejectedExport: false,
      problems: [],
      notices: [],
    },
    forecast: {
      ...{ rows: 4, valid: 1, warnings: {} },
      rejected: { phone_country_unknown: 2, email_missing: 1, country_unknown: 1 },
    },
  });
  expect(shown.columns.map(({ name, target, by, passedOver }) => [name, target, by, passedOver])).toEqual([
    ['E-Mail', 'email', 'alias', null],
    ['Vorname', 'firstName', 'alias', null],
    ['Handy', 'phone', 'alias', null],
    ['Telefon', 'attributes.telefon', null, 'phone'],
    ['Land', 'country', 'alias', null],
    ['Notiz', 'attributes.notiz', null, null],
  ]);
  expect(shown.columns[1]).toMatchObject({ index: 1, confidence: 1, samples: ['Ada', 'Bob', 'Nobody'] });
  expect(shown.rows).toMatchObject([
    {
      ...{ row: 1, line: 4, cells: ['ada@a.test', 'Ada', '030 23125000', '', 'Deutschland', 'x'] },
      fields: { email: 'ada@a.test', firstName: 'Ada', phone: '+493023125000', country: 'DE' },
      ...{ attributes: { notiz: 'x' }, faults: [] },
    },
    { row: 2, line: 5, fields: null, faults: [{ code: 'phone_country_unknown', column: 2 }] },
    { row: 3, line: 6, fields: null, faults: [{ code: 'email_missing', column: 0 }] },
    { row: 4, line: 8, faults: [{ code: 'country_unknown', column: 4 }, { code: 'phone_country_unknown' }] },
  ]);
});

test('another choice reads it anew, and the question about a country stays once it is answered', async () => {
  const { preview, send } = await start();
  const chosen = await preview(people, { defaultCountry: 'DE', invalidFields: 'leave-out' });
  expect(chosen).toMatchObject({
    ...{ defaultCountry: 'DE', rowsNeedingCountry: 1 },
    forecast: {
      valid: 3,
      warnings: { phone_country_unknown: 1, country_unknown: 1 },
      rejected: { email_missing: 1 },
    },
  });
  expect(chosen.rows[1]?.fields).toEqual({ email: 'bob@a.test', firstName: 'Bob', phone: '+4915123456789' });
  const mapping = JSON.stringify({ Telefon: 'phone', Handy: '', Vorname: 'lastName' });
  const { columns } = await preview(people, { mapping });
  expect(columns.map(({ target, by }) => [target, by])).toEqual([
    ['email', 'alias'],
    ['lastName', 'person'],
    ['', 'person'],
    ['phone', 'person'],
    ['country', 'alias'],
    ['attributes.notiz', null],
  ]);
  const refused = await send(people, { mapping: '{"Nope":"phone"}' });
  expect([refused.status, await refused.json()]).toMatchObject([
    400,
    { code: 'invalid_request', field: 'mapping' },
  ]);
});

test('an encoding that is not certain is asked about, with texts of the file in each likely one', async () => {
  const { preview, send } = await start();
  const file = iconv.encode('email;name\na@b.test;Noè\nb@b.test;Ann\n', 'windows-1252');
  const asked = await preview(file);
  expect(asked.problems).toMatchObject([{ code: 'encoding_uncertain', line: 2 }]);
  expect(asked.encodingConfidence).toBeLessThan(1);
  const readings = [
    { encoding: asked.encoding, samples: asked.encodingSamples },
    ...asked.encodingAlternatives,
  ];
  expect(readings).toContainEqual({ encoding: 'windows-1252', samples: ['Noè'] });
  expect(asked.encodingAlternatives.filter(({ samples }) => samples[0] === asked.encodingSamples[0])).toEqual(
    [],
  );
  expect((await (await send(file, {}, '/imports')).json()) as object).toMatchObject({
    code: 'encoding_uncertain',
  });
  const chosen = await preview(file, { encoding: 'Windows-1252' });
  expect(chosen).toMatchObject({ encoding: 'windows-1252', encodingConfidence: 1, problems: [] });
  expect(chosen.encodingSamples).toEqual(['Noè']);
  expect(chosen.encodingAlternatives.length).toBeGreaterThan(0);
  expect(chosen.rows.map(({ fields }) => fields?.firstName)).toEqual(['Noè', 'Ann']);
});

test('a file that seems to have no header is shown without one, and a file without addresses as far as it goes', async () => {
  const { preview, send } = await start();
  const headless = 'Ann,ann@b.c\nBob,bob@b.c\n';
  const asked = await preview(headless);
  expect(asked).toMatchObject({
    headerLine: 0,
    problems: [{ code: 'no_email_column', line: 1 }],
    rowsRead: 2,
  });
  expect(asked.columns.map(({ name, target }) => [name, target])).toEqual([
    ['column 1', 'attributes.column 1'],
    ['email', 'email'],
  ]);
  expect(await preview(headless, { headerLine: '0' })).toEqual({ ...asked, problems: [] });
  const nameless = 'name,shoe\nAda,39\nBob,45\n';
  const shown = await preview(nameless);
  expect(shown.problems).toMatchObject([{ code: 'no_email_column', line: 1 }]);
  expect(shown.forecast).toEqual({ rows: 2, valid: 0, warnings: {}, rejected: { email_missing: 2 } });
  for (const [file, code] of [
    ['', 'file_empty'],
    ['%PDF-1.7\n', 'not_csv'],
    [`email,${'n'.repeat(70_000)}\n`, 'header_too_long'],
  ] as const)
    expect(await (await send(file)).json()).toMatchObject({ code });
  expect(await (await send(nameless, { delimiter: '||' })).json()).toMatchObject({ code: 'invalid_request' });
  expect(await (await send(nameless, { size: 'x' })).json()).toMatchObject({ field: 'size' });
});

test('what an upload has said of the columns is remembered for the next file with the same header', async () => {
  const { preview, send } = await start();
  const file = 'Kontakt,Ort\nada@a.test,Graz\n';
  const mapping = JSON.stringify({ Kontakt: 'email', Ort: 'attributes.city' });
  expect((await send(file, { mapping }, '/imports')).status).toBe(202);
  await eventually(async () => {
    const { columns } = await preview(file);
    expect(columns.map(({ target, by }) => [target, by])).toEqual([
      ['email', 'remembered'],
      ['attributes.city', 'remembered'],
    ]);
  });
});

test('letters that an earlier program lost are told with their line', async () => {
  const { preview } = await start();
  const shown = await preview('email,name\na@b.test,Ann\nb@b.test,J\uFFFDrg\nc@b.test,M\uFFFDller\n');
  expect(shown.notices).toEqual([{ code: 'replacement_character', line: 3, rows: 2 }]);
  expect(shown.forecast).toMatchObject({ valid: 1, rejected: { replacement_character: 2 } });
});

// Such text was once imported without a word.
test('text that was saved in the wrong encoding is told with what it was, and where it is rare it is not', async () => {
  const { preview } = await start();
  const shown = await preview('email,name\na@b.test,Ann\nb@b.test,JÃ¶rg\nc@b.test,Ð˜Ð²Ð°Ð½\nd@b.test,Zoë\n');
  expect(shown.notices).toEqual([
    { code: 'encoded_twice', line: 3, rows: 2, sample: { written: 'JÃ¶rg', meant: 'Jörg' } },
  ]);
  expect(shown.forecast).toMatchObject({ valid: 4, rejected: {} });
  expect(shown.rows[1]).toMatchObject({ cells: ['b@b.test', 'JÃ¶rg'], fields: { email: 'b@b.test' } });
  const others = (rows: number) => 'a@b.test,Zoë\n'.repeat(rows);
  expect((await preview(`email,name\nb@b.test,JÃ¶rg\n${others(19)}`)).notices).toHaveLength(1);
  expect((await preview(`email,name\nb@b.test,JÃ¶rg\n${others(20)}`)).notices).toEqual([]);
});

test('of a long file the beginning is looked at, whoever cuts it off', async () => {
  const { preview, port, token } = await start();
  const rows = Array.from({ length: 30_000 }, (_, n) => `person${String(n).padStart(6, '0')}@a.test,Ann`);
  const file = `email,name\n${rows.join('\n')}\n`;
  const whole = await preview(file);
  expect(whole).toMatchObject({ truncated: true, forecast: { rows: 1_000, valid: 1_000 } });
  expect(whole.rowsRead).toBeLessThan(PREVIEW_BYTES / 'person000000@a.test,Ann'.length);
  const cut = await preview(file.slice(0, PREVIEW_BYTES), { size: String(file.length) });
  // A request says how long its form is, and not how long its file is.
  expect({ ...whole, estimatedRows: 0 }).toEqual({ ...cut, estimatedRows: 0 });
  for (const { estimatedRows } of [whole, cut])
    expect(Math.abs((estimatedRows ?? 0) - 30_000)).toBeLessThan(100);
  expect(await preview(file.slice(0, PREVIEW_BYTES))).toMatchObject({
    truncated: true,
    rowsRead: cut.rowsRead,
  });
  expect(await preview(file.slice(0, 2_000), { size: '2000' })).toMatchObject({ truncated: false });
  expect(await preview('email,na', { size: '100' })).toMatchObject({ rowsRead: 0, estimatedRows: null });
  const head = uploadHead(`Authorization: Bearer ${token}\r\n`).replace('/imports', '/imports/preview');
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
  const connection = sendRaw(port, head + bodyChunk(part + file));
  await eventually(() => expect(connection.received()).toMatch(/"truncated":true,"estimatedRows":null/));
});

test('a workbook is shown by one of its sheets, with the names of all', async () => {
  const { preview, send } = await start();
  const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
  const row = (...cells: string[]) => `<row>${cells.map(cell).join('')}</row>`;
  const file = await makeWorkbook({
    sheets: [
      { name: 'Kontakte', rows: row('email', 'Notiz') + row('ada@a.test', 'one&#10;two') },
      { name: 'Leer', rows: row('Stand') + row('heute') },
    ],
  });
  const shown = await preview(file);
  expect(shown).toMatchObject({ sheet: 'Kontakte', sheets: ['Kontakte', 'Leer'], encodingAlternatives: [] });
  expect(shown.columns[1]?.samples).toEqual(['one\ntwo']);
  expect(shown.rows).toMatchObject([
    { line: 2, fields: { email: 'ada@a.test' }, attributes: { notiz: 'one\ntwo' } },
  ]);
  const other = await preview(file, { sheet: 'leer' });
  expect(other).toMatchObject({ sheet: 'Leer', problems: [{ code: 'no_email_column' }] });
  expect(await (await send(file.subarray(0, 300))).json()).toMatchObject({ code: 'workbook_unreadable' });
});

// Why it exists: of a long workbook nobody was told how many rows it has.
test('a long workbook says how many rows it has, where its sheet does', async () => {
  const { preview } = await start();
  const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
  const count = 6_000;
  const rows = Array.from({ length: count }, (_, n) => `${cell(`person${n}@a.test`)}${cell('x'.repeat(60))}`);
  const data = [cell('email') + cell('notes'), ...rows].map((cells) => `<row>${cells}</row>`).join('');
  const sheet = (before: string) => `<worksheet>${before}<sheetData>${data}</sheetData></worksheet>`;
  const estimate = async (before: string) => {
    const parts = { 'xl/worksheets/sheet1.xml': sheet(before) };
    const { truncated, estimatedRows } = await preview(await makeWorkbook({ sheets: [{ rows: '' }], parts }));
    return [truncated, estimatedRows];
  };
  expect(await estimate(`<dimension ref="A1:B${count + 1}"/>`)).toEqual([true, count]);
  expect(await estimate('')).toEqual([true, null]);
  expect(await estimate('<dimension ref="A1"/>')).toEqual([true, null]);
  expect(await estimate('<dimension ref="A1:B1048576"/>')).toEqual([true, null]);
});

test('nothing is stored, and strangers are refused as at an upload', async () => {
  const { log, preview, send, tokens, port } = await start();
  const ends = async () =>
    Object.fromEntries(
      await Promise.all(planTopics(1).map(async ({ name }) => [name, await log.endOffsets(name)] as const)),
    );
  const before = await ends();
  await preview(people, { mapping: '{"Telefon":"phone"}' });
  expect(await ends()).toEqual(before);
  expect(tokens.hasLogin).toBe(false);
  const support = await fetch(`http://127.0.0.1:${port}/imports/preview`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${'s'.repeat(32)}`, 'Content-Type': 'multipart/form-data; boundary=b' },
    body: '--b--\r\n',
  });
  expect(support.status).toBe(404);
  expect((await send(people, { channelId: 'x'.repeat(22) })).status).toBe(404);
  const withoutFile = sendRaw(
    port,
    `${uploadHead().replace('/imports', '/imports/preview')}${bodyChunk(`${formField('delimiter', ';')}--b--\r\n`)}0\r\n\r\n`,
  );
  await eventually(() => expect(withoutFile.received()).toMatch(/no_file/));
});

// It was told as a connection that had broken off, and clients sent it again and again.
test('a form under a Content-Encoding is refused as such, of a preview and of an upload', async () => {
  const { server, token } = await start();
  for (const path of ['/imports/preview', '/imports']) {
    const form = new FormData();
    form.append('file', new Blob([people]), 'a.csv');
    const headers = { 'Content-Encoding': 'gzip' };
    const answer = await server.send(path, token, { method: 'POST', body: form, headers });
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', field: 'Content-Encoding' });
  }
});

test('previews have places of their own: four for a sender', async () => {
  const { port, send } = await start();
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nemail';
  const head = uploadHead().replace('/imports', '/imports/preview');
  const held = Array.from({ length: 5 }, () => sendRaw(port, head + bodyChunk(part)));
  await eventually(() => expect(held.flatMap((one) => one.statuses())).toEqual([429]));
  expect(held.map((one) => one.received()).join('')).toMatch(/4 previews of yours are running/);
  // The place of a preview whose sender has gone is free again.
  for (const one of held) one.socket.destroy();
  await eventually(async () => expect((await send(people)).status).toBe(200));
});
