/**
 * The fix loop: rejected rows come back as a file. The unchanged file changes nothing, however often it is dropped; a mended file
 * touches the mended rows alone.
 */

import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import { delimiters } from '@tidings/contracts/files/csv.ts';
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { writeRecord } from '@tidings/csv/writing/write.ts';
import { acceptImport, createChannel, getJson, untilEnded } from '@tidings/testing/connections/requests.ts';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startFileStack } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';

const stack = await startFileStack();

interface Round {
  readonly state: ImportState;
  /** The rejected rows as the download has them. */
  readonly csv: string;
  /** The rejected rows by column. */
  readonly records: Readonly<Record<string, string>>[];
}

async function drop(file: string | Uint8Array, delimiter: Delimiter): Promise<Round> {
  const { importId, channelToken } = await acceptImport(stack.url, { file });
  const state = await untilEnded(stack.url, importId, channelToken);
  const response = await fetch(`${stack.url}/imports/${importId}/rejected.csv`, {
    headers: { Authorization: `Bearer ${channelToken}` },
  });
  expect(response.status).toBe(200);
  const csv = Buffer.from(await response.arrayBuffer()).toString();
  expect(csv).not.toMatch(/[\0\uFFFD]/);
  return { state, csv, records: parse(csv, { bom: true, columns: true, delimiter }) };
}

/** Drops the download unchanged, and expects the same rejected rows again. */
async function dropUnchanged(round: Round, delimiter: Delimiter): Promise<Round> {
  const again = await drop(round.csv, delimiter);
  const total = round.records.length;
  expect(again.state).toMatchObject({
    status: 'completed_with_errors',
    rows: { total, rejected: total, created: 0, updated: 0, unchanged: 0, duplicate: 0 },
  });
  expect(withoutLines(again, delimiter)).toEqual(withoutLines(round, delimiter));
  return again;
}

/** The file without its line numbers, which are those of the file that was dropped last. */
function withoutLines({ csv, records }: Round, delimiter: Delimiter): string {
  const code = (record: Readonly<Record<string, string>>) => `${delimiter}"${record._code}"${delimiter}`;
  return records.reduce(
    (text, record) => text.replace(`${delimiter}"${record._line}"${code(record)}`, code(record)),
    csv,
  );
}

/** The file as another program writes it, with quotes only where they are needed. */
function write(records: readonly Readonly<Record<string, string>>[], delimiter: Delimiter): string {
  const names = Object.keys(records[0] ?? {});
  const rows = records.map((record) =>
    writeRecord(
      names.map((name) => record[name] ?? ''),
      delimiter,
    ),
  );
  return `${writeRecord(names, delimiter)}${rows.join('')}`;
}

async function contactsOf(query: string): Promise<Map<string, Contact>> {
  const { token } = await createChannel(stack.url);
  const found = new Map<string, Contact>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const next: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<Contact> = await getJson(`${stack.url}/contacts?query=${query}&limit=500${next}`, token);
    for (const contact of page.items) found.set(contact.email, contact);
    cursor = page.nextCursor;
  }
  return found;
}

/** One row for each code. Bytes that are not text stand after the first 64 KiB: before, the whole file would be refused. */
function fileOfAllFaults(delimiter: Delimiter): Uint8Array {
  const lines = [
    'email,first name,phone,country,notes',
    `good@all.test,Ada,,,${'x'.repeat(70_000)}`,
    ',Ada,,,missing',
    'bad,=1+1,+12,Atlantis,"+49;=1+1"',
    'a1@all.test,-5,12,DE,phone',
    'a2@all.test,@x,030 901820,,country of the phone',
    'a3@all.test,,,Atlantis,country',
    'a4@all.test,Ada,+49 30 901820',
    'a5@all.test,Ada,,DE,notes, surplus ,=2',
    'a6@all.test,J\xfcrgen,,DE,encoding',
    'bad,J\xfcrgen,,DE,encoding and address',
    'a7@all.test,N\0L,,DE,NUL',
    'a8@all.test,"Ada "x",,DE,quote',
    'a9@all.test,"Ada,,DE',
    `a10@all.test,${'y'.repeat(140_000)},,DE,long`,
    'last@all.test,Last,,,',
  ];
  return Buffer.from(`${lines.join('\n').replaceAll(',', delimiter)}\n`, 'latin1');
}

const codesOfAllFaults = [
  'email_missing',
  'email_invalid country_unknown phone_invalid',
  'phone_invalid',
  'phone_country_unknown',
  'country_unknown',
  'too_few_cells',
  'too_many_cells',
  'invalid_encoding',
  'invalid_encoding email_invalid',
  'nul_byte',
  'quote_unclosed',
  'quote_unclosed',
  'record_too_long',
];

describe.each(delimiters)('rejected rows of a file with %j between its cells', (delimiter) => {
  test('are rejected again for the same reasons, in the same words, while nobody changes them', async () => {
    const first = await drop(fileOfAllFaults(delimiter), delimiter);
    expect(first.records.map(({ _code }) => _code)).toEqual(codesOfAllFaults);
    expect(first.state.rows).toMatchObject({ total: 15, rejected: 13 });
    await dropUnchanged(await dropUnchanged(first, delimiter), delimiter);
    expect([...(await contactsOf('@all.test')).keys()].sort()).toEqual(['good@all.test', 'last@all.test']);
  });
});

test('rejected rows that were mended are touched, and no others', async () => {
  const domain = freshName('mended.test');
  const bytes = Buffer.from(fileOfAllFaults(',')).toString('latin1').replaceAll('all.test', domain);
  const { records } = await drop(Buffer.from(bytes, 'latin1'), ',');
  const mends: Record<number, Record<string, string>> = {
    0: { email: `b0@${domain}` },
    1: { email: `b1@${domain}`, country: 'DE', phone: '030 901820' },
    5: { country: 'DE', notes: "'tis right" },
    6: { notes: 'notes, surplus, =2', _extra: '' },
    7: { 'first name': 'Jürgen', _code: '' },
    9: { 'first name': 'Nul' },
    10: { 'first name': 'Ada "x"' },
    12: { email: `a10@${domain}`, 'first name': 'Ada' },
  };
  const mended = records.map((record, index) => ({ ...record, ...mends[index] }));
  const { state, records: left } = await drop(write(mended, ','), ',');
  const count = Object.keys(mends).length;
  expect(state.rows).toMatchObject({ total: 13, created: count, rejected: 13 - count, updated: 0 });
  expect(left.map(({ _code }) => _code)).toEqual(codesOfAllFaults.filter((_, index) => !(index in mends)));

  const contacts = await contactsOf(`@${domain}`);
  const shown = (local: string) => {
    const { firstName, phone, country, attributes } = contacts.get(`${local}@${domain}`) ?? {};
    return [firstName, phone, country, attributes];
  };
  expect([...contacts.keys()].sort()).toEqual(
    ['a10', 'a4', 'a5', 'a6', 'a7', 'b0', 'b1', 'good', 'last', 'a8']
      .map((local) => `${local}@${domain}`)
      .sort(),
  );
  expect(shown('b0')).toEqual(['Ada', '', '', { notes: 'missing' }]);
  expect(shown('b1')).toEqual(['=1+1', '+4930901820', 'DE', { notes: '+49;=1+1' }]);
  expect(shown('a4')).toEqual(['Ada', '+4930901820', 'DE', { notes: "'tis right" }]);
  expect(shown('a5')).toEqual(['Ada', '', 'DE', { notes: 'notes, surplus, =2' }]);
  expect(shown('a6')).toEqual(['Jürgen', '', 'DE', { notes: 'encoding' }]);
  expect(shown('a7')).toEqual(['Nul', '', 'DE', { notes: 'NUL' }]);
  expect(shown('a10')).toEqual(['Ada', '', '', {}]);
});

// Names are cut to 255 characters; half of an emoji at the cut once made every answer a 500.
test('rejected rows can be had whatever name their file has', async () => {
  const fileName = `${'a'.repeat(254)}😀.csv`;
  const { importId, channelToken } = await acceptImport(stack.url, { file: 'email\nbad\n', fileName });
  await untilEnded(stack.url, importId, channelToken);
  const response = await fetch(`${stack.url}/imports/${importId}/rejected.csv`, {
    headers: { Authorization: `Bearer ${channelToken}` },
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('"email_invalid"');
});

/** A name without what nobody sees at its edges; a lone dash stands for none. */
function shownName(cell: string): string {
  const seen = cell.replace(/^[\s\u200b]+|[\s\u200b]+$/g, '');
  return seen === '-' ? '' : seen;
}

// Each round once put another apostrophe in front of what looks like a formula: after two, `+49…` was no phone number.
test('cells are the same after any number of rounds, and so are the contacts that come of them', async () => {
  const cell = fc
    .array(fc.constantFrom(...'\'=+-@\t\r\n",;|＝＋a0 é␀', '\u00a0', '\u200b', '=1+1', '\r\n'), {
      maxLength: 8,
    })
    .map((pieces) => pieces.join(''));
  const sources = fc.sample(fc.tuple(cell, cell), { numRuns: 400, seed: 20_261_128 });
  const rows = sources.map(([name, notes], index) => ({
    email: 'bad',
    'first name': name,
    phone: '+49 30 901820',
    notes,
    '=number': String(index),
  }));
  let round = await drop(write(rows, ','), ',');
  expect(round.records.length).toBe(rows.length);
  for (let count = 0; count < 3; count += 1) round = await dropUnchanged(round, ',');

  const domain = freshName('rounds.test');
  const mended = round.records.map((record, index) => ({ ...record, email: `p${index}@${domain}` }));
  expect((await drop(write(mended, ','), ',')).state.rows).toMatchObject({
    created: rows.length,
    rejected: 0,
  });
  const contacts = await contactsOf(`@${domain}`);
  for (const [index, [name, notes]] of sources.entries()) {
    const { firstName, phone, attributes } = contacts.get(`p${index}@${domain}`) ?? {};
    const said = notes.trim() === '' ? {} : { notes: notes.trim() };
    expect({ firstName, phone, attributes }).toEqual({
      firstName: shownName(name),
      phone: '+4930901820',
      attributes: { ...said, '=number': String(index) },
    });
  }
});
