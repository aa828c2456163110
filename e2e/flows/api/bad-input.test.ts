/** Bad input gets a clear answer, and nothing that was accepted is lost. */
import { request as httpRequest } from 'node:http';
import type { Page } from '@tidings/contracts/http.ts';
import { type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import {
  acceptImport,
  createChannel,
  getJson,
  type Post,
  postImport,
  problemOf,
  untilEnded,
} from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, test } from 'vitest';
import { startFileStack } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';

const UPLOAD_MAX_BYTES = 30_000_000;
const stack = await startFileStack({ UPLOAD_MAX_BYTES: String(UPLOAD_MAX_BYTES) });

async function importFile(
  file: string | Uint8Array,
  post: Partial<Post> = {},
): Promise<{ state: ImportState; token: string }> {
  const accepted = await acceptImport(stack.url, { file, ...post });
  return {
    state: await untilEnded(stack.url, accepted.importId, accepted.channelToken),
    token: accepted.channelToken,
  };
}

async function rejectedRows(importId: string, token: string): Promise<string[]> {
  const response = await fetch(`${stack.url}/imports/${importId}/rejected.csv`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  return (await response.text()).trimEnd().split('\r\n');
}

/** Waits until the channel's import has failed, and returns its state. */
async function untilFailed(channelId: string): Promise<ImportState> {
  return eventually(
    async () => {
      const { items } = await getJson<Page<ImportState>>(
        `${stack.url}/imports?status=failed`,
        stack.supportToken,
      );
      const found = items.find((state) => state.channelId === channelId);
      if (found === undefined) throw new Error('no failed import on this channel');
      return found;
    },
    { withinMs: 60_000, everyMs: 100 },
  );
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const zip = Buffer.from('504b0304140000000800', 'hex');
const xlsx = Buffer.concat([zip, Buffer.alloc(16), Buffer.from('[Content_Types].xml'), Buffer.alloc(200, 7)]);

describe('a file that cannot be imported is refused, naming what was seen and what to do', () => {
  test.each<[string, string | Uint8Array, string, RegExp]>([
    ['an empty file', '', 'file_empty', /empty/i],
    ['no e-mail column', 'name,phone\nMira,1\n', 'no_email_column', /“name”, “phone”/],
    ['a picture', png, 'not_csv', /PNG/i],
    ['a zip', Buffer.concat([zip, Buffer.alloc(300, 7)]), 'workbook_unreadable', /workbook/i],
    ['an .xlsx that is damaged', xlsx, 'workbook_unreadable', /workbook/i],
    ['many NUL bytes', `email\na${'\0'.repeat(20)}@example.org\n`, 'nul_bytes', /NUL/],
    [
      'an encoding that is not certain',
      latin1('email,name\na@b.test,No\xe8\n'),
      'encoding_uncertain',
      /line 2.*windows-1252.*windows-1250.*CSV UTF-8/,
    ],
    ['lost letters of the header', 'email,n\uFFFDme\na@b.test,x\n', 'replacement_character', /line 1/],
    ['a header of 100,000 commas', `email${','.repeat(100_000)}\n`, 'header_too_long', /column|byte/i],
  ])('%s', async (_name, file, code, said) => {
    const response = await postImport(stack.url, { file });
    const problem = await problemOf(response);
    expect(problem).toMatchObject({
      type: 'about:blank',
      status: 400,
      code,
      retriable: false,
      field: 'file',
    });
    expect(problem.detail).toMatch(said);
  });

  test('one that is too large, by its length and by counting', async () => {
    const large = Buffer.alloc(UPLOAD_MAX_BYTES + 400_000, 'email@example.org\n');
    large.write('email\n');
    expect(await problemOf(await postImport(stack.url, { file: large }))).toMatchObject({
      status: 413,
      code: 'file_too_large',
    });
    const { channelId, token } = await createChannel(stack.url);
    const { status, body } = await postChunked(large, { Authorization: `Bearer ${token}` });
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ code: 'file_too_large' });
    const ended = await untilFailed(channelId);
    expect(ended).toMatchObject({ upload: 'aborted', uploadError: 'file_too_large' });
  });
});

describe('a request that does not fit is refused', () => {
  const file = 'email\na@example.org\n';

  test('no file, or in a part of another name', async () => {
    expect(await problemOf(await postImport(stack.url, { fields: { clientReference: 'x' } }))).toMatchObject({
      code: 'no_file',
    });
    expect(await problemOf(await fetch(`${stack.url}/imports`, { method: 'POST', body: 'x' }))).toMatchObject(
      { code: 'no_file' },
    );
    const form = new FormData();
    form.append('contacts', new Blob([file]), 'a.csv');
    const response = await fetch(`${stack.url}/imports`, { method: 'POST', body: form });
    expect(await problemOf(response)).toMatchObject({
      code: 'no_file',
      detail: expect.stringContaining('`contacts`'),
    });
  });

  test('a channel without its token, a wrong token, a foreign one, one of nobody', async () => {
    const [mine, other] = [await createChannel(stack.url), await createChannel(stack.url)];
    const post = async (fields: Record<string, string>, headers = {}) => {
      const response = await postImport(stack.url, { file, fields, headers });
      return [response.status, (await problemOf(response)).code];
    };
    expect(await post({ channelId: mine.channelId })).toEqual([400, 'channel_token_missing']);
    expect(await post({ channelId: mine.channelId, channelToken: 'nonsense' })).toEqual([
      401,
      'token_invalid',
    ]);
    expect(await post({ channelId: mine.channelId, channelToken: other.token })).toEqual([404, 'not_found']);
    expect(await post({}, { Authorization: 'Bearer nonsense' })).toEqual([401, 'token_invalid']);
    expect(await post({}, { Authorization: `Bearer ${stack.supportToken}` })).toEqual([404, 'not_found']);
  });

  test('fields after the file: the sender is told, and the import ends as aborted', async () => {
    const { channelId, token } = await createChannel(stack.url);
    const response = await postImport(stack.url, { file, fieldsAfter: { channelId, channelToken: token } });
    expect(await problemOf(response)).toMatchObject({
      status: 400,
      code: 'field_after_file',
      field: 'channelId',
    });
  });

  test('without or with an unfitting token nothing is shown', async () => {
    const { importId } = await acceptImport(stack.url, { file });
    const ask = async (path: string, token?: string) => {
      const response = await fetch(`${stack.url}${path}`, {
        headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      });
      return (await problemOf(response)).code;
    };
    expect(await ask(`/imports/${importId}`)).toBe('token_missing');
    expect(await ask('/imports', 'nonsense')).toBe('token_invalid');
    expect(await ask('/contacts')).toBe('token_missing');
    expect(await ask('/contacts', stack.supportToken)).toBe('not_found');
    const { token } = await createChannel(stack.url);
    expect(await ask('/imports/0198c0de-0000-7000-8000-000000000001', token)).toBe('not_found');
    expect(await ask('/imports/nonsense', token)).toBe('not_found');
    expect(await ask('/imports?limit=0', token)).toBe('invalid_request');
    expect(await ask('/imports?cursor=nonsense', token)).toBe('invalid_request');
    expect(await ask('/contacts?cursor=nonsense', token)).toBe('invalid_request');
    expect(await ask('/nowhere', token)).toBe('not_found');
  });
});

describe('what is damaged inside a file costs its own rows only', () => {
  test('a header alone completes with 0 rows', async () => {
    const { state } = await importFile('email,name\n');
    expect(state).toMatchObject({ status: 'completed', rows: { total: 0 }, chunks: { total: 0 } });
  });

  test('an unclosed quote: the rows before and after it are imported, its record is rejected with its opening line', async () => {
    const domain = freshName('quote.example');
    const { state, token } = await importFile(
      `email,name\nq1@${domain},A\nq2@${domain},"broken\nq3@${domain},C\n`,
    );
    expect(state).toMatchObject({
      status: 'completed_with_errors',
      rows: { total: 3, created: 2, rejected: 1 },
    });
    const [, row] = await rejectedRows(state.importId, token);
    expect(row).toContain(',"3","quote_unclosed",');
    expect(row).toContain(`q2@${domain}`);
  });

  test('invalid UTF-8, replaced letters, too many and too few cells, and a cell of 10 MB are each rejected alone', async () => {
    const domain = freshName('damaged.example');
    const file = Buffer.concat([
      // Bytes that are not UTF-8 in the first 64 KiB mean another encoding.
      Buffer.from(`email,name\nu1@${domain},${'A'.repeat(66_000)}\nu2@${domain},`),
      latin1('J\xfcrgen\n'),
      Buffer.from(`u7@${domain},J\uFFFDrgen\n`),
      Buffer.from(`u3@${domain},C,surplus\nu4@${domain}\n`),
      Buffer.from(`u5@${domain},${'x'.repeat(10_000_000)}\nu6@${domain},F\n`),
    ]);
    const { state, token } = await importFile(file);
    expect(state).toMatchObject({
      status: 'completed_with_errors',
      rows: { total: 7, created: 2, rejected: 5 },
    });
    const [header, ...rows] = await rejectedRows(state.importId, token);
    // `text()` drops the byte order mark.
    expect(header).toBe('"email","name","_line","_code","_reason","_extra","_check"');
    expect(rows.map((row) => /,"(\d+)","(\w+)",/.exec(row)?.slice(1).join(' '))).toEqual([
      '3 invalid_encoding',
      '4 replacement_character',
      '5 too_many_cells',
      '6 too_few_cells',
      '7 record_too_long',
    ]);
    expect(rows[0]).toContain('"Jürgen"');
    expect(rows[1]).toContain('"J␚rgen"');
    expect(rows[2]).toContain(',"surplus",');
  });

  // Every byte of such a row means something in the file's encoding, so that `JÃ¶rg` became the contact's name without a word.
  test('rows of another file behind those in windows-1252 are rejected, each with what it says in its own encoding', async () => {
    const domain = freshName('joined.example');
    const german = ['Jürgen Groß', 'Käthe Müller', 'Björn Schröder', 'Günther Weiß', 'Ada'];
    const rows = german.map((name, row) => `w${row}@${domain},${name}\n`).join('');
    const file = Buffer.concat([
      latin1(`email,Vorname\n${rows.repeat(4)}`),
      Buffer.from(`u1@${domain},Jörg\n`),
      Buffer.from([...`c1@${domain},`].map((letter) => letter.charCodeAt(0))),
      Buffer.from([0xc8, 0xe2, 0xe0, 0xed, 0xee, 0xe2, 0x0a]),
      latin1(`w9@${domain},Zoë\n`),
    ]);
    const { state, token } = await importFile(file);
    expect(state).toMatchObject({
      status: 'completed_with_errors',
      rows: { total: 23, created: 6, duplicate: 15, rejected: 2 },
    });
    const [, ...rejected] = await rejectedRows(state.importId, token);
    expect(rejected.map((row) => /,"([^"]*)","(\d+)","(\w+)",/.exec(row)?.slice(1).join(' '))).toEqual([
      'Jörg 22 invalid_encoding',
      'Иванов 23 invalid_encoding',
    ]);
  });

  test('a connection that is broken off ends the import as failed; what it had brought stays counted', async () => {
    const { channelId, token } = await createChannel(stack.url);
    const rows = Array.from({ length: 20_000 }, (_, row) => `broken.${row}@example.org,A\n`).join('');
    await postBrokenOff(Buffer.from(`email,name\n${rows}`), { Authorization: `Bearer ${token}` });
    const ended = await untilFailed(channelId);
    expect(ended).toMatchObject({ upload: 'aborted', uploadError: 'connection_broken' });
    expect(rowsReported(ended)).toBe(ended.rows.total);
  });

  test('a header named like an object’s insides, and a file name with markup, are text', async () => {
    const { state, token } = await importFile(
      'email,__proto__,constructor\nproto@example.org,polluted,too\n',
      {
        fileName: '"><img src=x onerror=alert(1)>.csv',
      },
    );
    expect(state).toMatchObject({ status: 'completed', fileName: '"><img src=x onerror=alert(1)>.csv' });
    const { items } = await getJson<Page<{ attributes: object }>>(
      `${stack.url}/contacts?query=proto@example.org`,
      token,
    );
    expect(Object.entries(items[0]?.attributes ?? {}).sort()).toEqual([
      ['__proto__', 'polluted'],
      ['constructor', 'too'],
    ]);
  });
});

const boundary = 'tidings-test-boundary';
const partHead = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n`;

/** Sends the file without a Content-Length, so that the server learns its size only by counting. */
function postChunked(
  file: Buffer,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = openRequest(headers);
    request.on('response', (response) => {
      let body = '';
      response.on('data', (bytes) => {
        body += bytes;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
        request.destroy();
      });
    });
    // The server may close the connection before everything is sent; its answer has come by then.
    request.on('error', reject);
    request.write(partHead);
    request.write(file);
    request.end(`\r\n--${boundary}--\r\n`);
  });
}

/** Sends the file, and breaks the connection instead of ending the form. */
function postBrokenOff(file: Buffer, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve) => {
    const request = openRequest(headers);
    request.on('error', () => resolve());
    request.on('close', () => resolve());
    request.write(partHead);
    request.write(file, () => request.destroy());
  });
}

function openRequest(headers: Record<string, string>) {
  return httpRequest(`${stack.url}/imports`, {
    method: 'POST',
    headers: {
      ...headers,
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Transfer-Encoding': 'chunked',
    },
  });
}
