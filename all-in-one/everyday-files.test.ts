/**
 * Drops each everyday file on all of Tidings in this process. Why it exists: files that every spreadsheet, phone and CRM writes
 * were refused with advice that helped nobody, or came in with damaged names.
 */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { ImportPreview } from '@tidings/contracts/files/preview.ts';
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { writeRecord } from '@tidings/csv/writing/write.ts';
import {
  createChannel,
  postImport,
  postPreview,
  problemOf,
  untilEnded,
} from '@tidings/testing/connections/requests.ts';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EverydayCase, type ExpectedEnd, readCaseFile, readCases } from './test/everyday-files/cases.ts';
import { type StartedService, startService } from './test/started-service.ts';

let service: StartedService | undefined;
let url = '';
/** A token may send 60 requests a minute: the cases take turns with these. */
const tokens: string[] = [];
const TOKENS = 20;
let turn = 0;

beforeAll(async () => {
  service = await startService();
  url = service.url;
  while (tokens.length < TOKENS) tokens.push((await createChannel(url)).token);
});
afterAll(() => service?.stop());

interface Round {
  readonly state: ImportState;
  readonly rejected: string;
  readonly contacts: readonly Contact[];
}

/** Sends the file with a token whose turn it is. */
async function send(one: EverydayCase, file: Uint8Array | string, fields = one.fields) {
  const token = tokens[turn++ % TOKENS] ?? '';
  const headers = { Authorization: `Bearer ${token}` };
  return { token, headers, response: await postImport(url, { file, fileName: one.file, fields, headers }) };
}

/** Drops a file that must be taken, and waits for its end. */
async function drop(one: EverydayCase, file: Uint8Array | string, fields = one.fields): Promise<Round> {
  const { token, headers, response } = await send(one, file, fields);
  const body = await response.text();
  expect(response.status, body).toBe(202);
  const { importId } = JSON.parse(body) as { importId: string };
  const state = await untilEnded(url, importId, token);
  const rejected = await fetch(`${url}/imports/${importId}/rejected.csv`, { headers });
  const page = await fetch(`${url}/contacts?query=${one.domain}&limit=500`, { headers });
  return {
    state,
    rejected: await rejected.text(),
    contacts: ((await page.json()) as Page<Contact>).items,
  };
}

/** Stands between two columns of ours, which are quoted or not. */
function delimiterOf(csv: string): string {
  return /_line"?(.)"?_code/.exec(csv)?.[1] ?? ',';
}

function recordsOf(csv: string): Record<string, string>[] {
  return parse(csv, { bom: true, columns: true, delimiter: delimiterOf(csv) });
}

/** The rejected rows as a person mends them: whole cells are written anew. */
function mend(
  csv: string,
  { domain }: EverydayCase,
  changes: readonly (readonly [string, string])[],
): string {
  if (changes.length === 0) return csv;
  const cell = (text: string) => text.replace(/,$/, '').replace('@D', `@${domain}`);
  const written = new Map(changes.map(([from, to]) => [cell(from), cell(to)]));
  const delimiter = delimiterOf(csv) as ',';
  const lines: string[][] = parse(csv, { bom: true, delimiter });
  return lines
    .map((cells) =>
      writeRecord(
        cells.map((text) => written.get(text) ?? text),
        delimiter,
      ),
    )
    .join('');
}

function expectEnd({ state, rejected, contacts }: Round, wanted: ExpectedEnd, domain: string): void {
  const none = { created: 0, updated: 0, unchanged: 0, duplicate: 0, rejected: 0, failed: 0, cancelled: 0 };
  expect(state.rows, rejected).toEqual({ ...none, ...wanted.rows });
  const byAddress = new Map(contacts.map((contact) => [contact.email.toLowerCase(), contact]));
  for (const [local, fields] of Object.entries(wanted.contacts ?? {}))
    expect(byAddress.get(`${local}@${domain}`)).toMatchObject(fields);
  for (const address of wanted.addresses ?? []) expect([...byAddress.keys()]).toContain(address);
  if (wanted.rejects === undefined) return;
  const told = recordsOf(rejected).map(({ _line, _code = '' }) => [Number(_line), _code.split(' ')[0]]);
  expect(told).toEqual(wanted.rejects);
}

/** Resolves with what the preview of the file says, or why it is refused. */
async function look(one: EverydayCase, file: Uint8Array): Promise<ImportPreview | { readonly code: string }> {
  const headers = { Authorization: `Bearer ${tokens[turn++ % TOKENS]}` };
  const response = await postPreview(url, { file, fileName: one.file, fields: one.fields, headers });
  return response.status === 200 ? ((await response.json()) as ImportPreview) : problemOf(response);
}

/** The preview has said what the import then did. */
function expectForecast(preview: ImportPreview, { state, rejected: csv }: Round): void {
  const rejected: Record<string, number> = {};
  for (const code of recordsOf(csv).flatMap(({ _code = '' }) => _code.split(' ')))
    rejected[code] = (rejected[code] ?? 0) + 1;
  const { total } = state.rows;
  expect(preview.forecast).toEqual({
    rows: total,
    valid: (total ?? 0) - state.rows.rejected,
    warnings: preview.forecast.warnings,
    rejected,
  });
  expect(preview).toMatchObject({ problems: [], rowsRead: total, estimatedRows: total });
  expect(preview.blankRows).toBe(state.blankRows);
  expect(Object.values(preview.forecast.warnings).reduce((sum, count) => sum + count, 0)).toBe(
    state.warnings,
  );
}

/** No text of people is taken for one that was saved in the wrong encoding. */
function expectNotice({ notices }: ImportPreview, { encodedTwice }: ExpectedEnd): void {
  const told = notices.flatMap(({ code, sample }) => (code === 'encoded_twice' ? [sample?.meant] : []));
  expect(told).toEqual(encodedTwice === undefined ? [] : [encodedTwice]);
}

async function run(one: EverydayCase): Promise<void> {
  const file = readCaseFile(one);
  const { code, line, ...wanted } = one.expect;
  const preview = await look(one, file);
  if (code !== undefined) {
    const problem = await problemOf((await send(one, file)).response);
    expect(problem).toMatchObject(line === undefined ? { code } : { code, line });
    expect('problems' in preview ? preview.problems[0]?.code : preview.code).toBe(code);
    return;
  }
  let round = await drop(one, file);
  expectForecast(preview as ImportPreview, round);
  expectNotice(preview as ImportPreview, wanted);
  for (const changes of one.loop ?? []) round = await drop(one, mend(round.rejected, one, changes), {});
  expectEnd(round, wanted, one.domain);
}

describe('an everyday file', () => {
  for (const one of readCases())
    it.concurrent(`${one.id}: ${one.about}`, { timeout: 60_000 }, () => run(one));
});

it('a value that is left out is a warning with its line, code and cell, and stays as an attribute', async () => {
  const one = { id: 'w', file: 'w.csv', about: '', domain: 'w.test', expect: {} };
  const file = 'email,phone,country\nada@w.test,12,DE\nbob@w.test,+49 30 23125000,Atlantis\n';
  const { state, rejected, contacts } = await drop(one, file, { invalidFields: 'leave-out' });
  expect(state).toMatchObject({
    status: 'completed',
    warnings: 2,
    rows: { total: 2, created: 2, rejected: 0 },
  });
  expect(recordsOf(rejected)).toEqual([]);
  expect(contacts).toMatchObject([
    { email: 'ada@w.test', phone: '', country: 'DE', attributes: { phone: '12' } },
    { email: 'bob@w.test', phone: '+493023125000', country: '', attributes: { country: 'Atlantis' } },
  ]);
  const headers = { Authorization: `Bearer ${tokens[(turn - 1) % TOKENS]}` };
  const list = async (query: string) =>
    (await (
      await fetch(`${url}/imports/${state.importId}/warnings?${query}`, { headers })
    ).json()) as Page<unknown>;
  expect((await list('limit=50')).items).toEqual([
    { row: 1, line: 2, code: 'phone_invalid', column: 'phone', cell: '12' },
    { row: 2, line: 3, code: 'country_unknown', column: 'country', cell: 'Atlantis' },
  ]);
  const { nextCursor } = await list('limit=1');
  expect(await list(`limit=1&cursor=${nextCursor}`)).toMatchObject({ items: [{ row: 2 }] });
  expect(await list('cursor=x')).toMatchObject({ code: 'invalid_request' });
});

it('the preview of a file that mends an import says which, and how many of its rows are met', async () => {
  const one = { id: 'm', file: 'm.csv', about: '', domain: 'm.test', expect: {} };
  const first = await drop(
    one,
    'email,name\nada(at)m.test,Ada\nbob(at)m.test,Bob\ncy@m.test,Cy\ndan(at)m.test,Dan\n',
  );
  const { importId } = first.state;
  const preview = async (file: string) =>
    ((await look({ ...one, fields: { mends: importId } }, Buffer.from(file))) as ImportPreview).mends;
  const lines = first.rejected.split('\r\n');
  const mends = { importId, fileName: 'm.csv' };
  expect(await preview(first.rejected)).toEqual({ ...mends, rowsMet: 3 });
  // Somebody has kept two of the rows, and has added one of another file.
  const others = [...lines.slice(0, 2), lines[3], '"x@m.test","X","4","",""', ''].join('\r\n');
  expect(await preview(others)).toEqual({ ...mends, rowsMet: 2 });
  expect(await preview('email\nada@m.test\n')).toEqual({ ...mends, rowsMet: null });
  expect(await look(one, Buffer.from(first.rejected))).toMatchObject({ mends: null });
  const foreign = { ...one, fields: { mends: '0198c0de-0000-7000-8000-000000000001' } };
  expect(await look(foreign, Buffer.from(first.rejected))).toMatchObject({ code: 'invalid_request' });
});
