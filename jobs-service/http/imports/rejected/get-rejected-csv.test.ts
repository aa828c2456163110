import { once } from 'node:events';
import type { RejectedRow } from '@tidings/contact-store/chunk-to-apply.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { noRows } from '@tidings/contracts/imports/import.ts';
import { sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../../test/api-server.ts';
import { addRejectedRows } from '../../../test/contact-store.ts';
import { startFaultyLog } from '../../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../../test/folded-import.ts';

/** A server with one import, whose rejected rows never end. @param codes of each row */
async function start(codes: RejectedRow['codes']) {
  const importId = uuidv7();
  const reading = { batches: 0, ended: 0 };
  const cells = ['x'.repeat(100_000), 'surplus'];
  const contactStore = {
    listMenders: async () => [],
    restsOf: async () => [],
    getImport: async () => ({
      owner: 'mira',
      state: { importId, channelId: 'c', fileName: 'a.csv', status: 'completed', rows: noRows() },
    }),
    importLayout: async () => ({
      header: ['email'],
      delimiter: ',',
      rejected: { surplusCells: true, recordFaults: true },
    }),
    async *rejectedRows() {
      try {
        for (let row = 0; ; row += 1) {
          await new Promise(setImmediate);
          reading.batches += 1;
          yield [{ row, line: row + 2, codes, parameters: {}, cells }];
        }
      } finally {
        reading.ended += 1;
      }
    },
  };
  const { port, send, issueToken } = await startApiServer(await startFaultyLog(), {
    contactStore: contactStore as unknown as ContactStore,
  });
  const request = (token: string) =>
    `GET /imports/${importId}/rejected.csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const download = (token = SUPPORT_TOKEN) => sendRaw(port, request(token)).socket;
  return { port, send, issueToken, reading, download };
}

test('nothing more is read for a client that has left', async () => {
  const { reading, download } = await start(['email_invalid']);
  const socket = download();
  await eventually(() => expect(reading.batches).toBeGreaterThan(2));
  socket.destroy();
  await eventually(() => expect(reading.ended).toBe(1));
});

// Whoever had begun to read could read on for as long as there was something, after the token was taken back.
test('an answer breaks off where the tokens of its reader are taken back', async () => {
  const { reading, download, send, issueToken } = await start(['email_invalid']);
  const socket = download(await issueToken('mira'));
  const closed = once(socket, 'close');
  socket.resume();
  await eventually(() => expect(reading.batches).toBeGreaterThan(2));
  await send('/owners/mira/tokens', SUPPORT_TOKEN, { method: 'DELETE' });
  await closed;
  expect(reading.ended).toBe(1);
});

test('no more is read than the client takes', async () => {
  const { port, reading, download } = await start(['too_many_cells']);
  const socket = download();
  await once(socket, 'data');
  socket.pause();
  for (let request = 0; request < 300; request += 1) await fetch(`http://127.0.0.1:${port}/livez`);
  // The operating system's buffers take these, and the service reads little more.
  expect(reading.batches).toBeLessThan(200);
  const before = reading.batches;
  socket.resume();
  await eventually(() => expect(reading.batches).toBeGreaterThan(before + 200));
  socket.destroy();
  await eventually(() => expect(reading.ended).toBe(1));
});

const realStore = shareContactStore();

/** An import with two rejected rows, as its owner, its channel and support may ask for it. */
async function startImport(fileName = 'Kunden 2026.csv') {
  const { log } = await startFaultyLog();
  const server = await startApiServer({ log }, { contactStore: realStore() });
  const channelId = server.tokens.newChannelId();
  const folded = foldedImport(`mira-${uuidv7()}`, { channelId, fileName });
  await keep(log, folded);
  const { owner, uploadId, state } = folded;
  const path = `/imports/${state.importId}/rejected.csv`;
  const add = (...rows: string[][]) =>
    addRejectedRows(realStore(), { owner, uploadId, importId: state.importId }, ...rows);
  return { ...server, owner, channelId, path, add };
}

test('the rejected rows come as a file that is named after the import’s, with why each was rejected', async () => {
  const { send, issueToken, owner, path, add } = await startImport();
  await add(['no address', 'Anna'], ['=cmd', 'Bert; "B."']);
  const response = await send(path, await issueToken(owner));
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('Content-Disposition')).toContain(
    "filename*=UTF-8''Kunden%202026-rejected.csv",
  );
  const reason = '"email_invalid";"The e-mail address is not valid."';
  expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(
    [
      '\ufeff"email";"name";"_line";"_code";"_reason"',
      `"no address";"Anna";"2";${reason}`,
      `"'=cmd";"Bert; ""B.""";"3";${reason}`,
      '',
    ].join('\r\n'),
  );
});

test('reasons are told in the language that is asked for, else in what the client prefers, else in English', async () => {
  const { port, issueToken, owner, path, add } = await startImport();
  await add(['no address', 'Anna']);
  const Authorization = `Bearer ${await issueToken(owner)}`;
  const ask = (query: string, accepted: string) =>
    fetch(`http://127.0.0.1:${port}${path}${query}`, {
      headers: { Authorization, 'Accept-Language': accepted },
    });
  for (const [query, accepted, language, reason] of [
    ['?language=de', 'uk', 'de', 'Die E-Mail-Adresse ist nicht gültig.'],
    ['', 'fr, es-MX;q=0.8, de;q=0.5', 'es', 'La dirección de correo electrónico no es válida.'],
    ['', 'zh-Hant-TW', 'zh', '电子邮件地址无效。'],
    ['', 'uk', 'uk', 'Адреса електронної пошти хибна.'],
    ['', 'fr', 'en', 'The e-mail address is not valid.'],
    ['', '*', 'en', 'The e-mail address is not valid.'],
  ] as const) {
    const response = await ask(query, accepted);
    expect([response.status, response.headers.get('Content-Language')]).toEqual([200, language]);
    expect(response.headers.get('Vary')).toContain('Accept-Language');
    expect(await response.text()).toContain(`"email_invalid";"${reason}"`);
  }
  const refused = await ask('?language=fr', 'de');
  expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'invalid_request' }]);
});

test('an import without a rejected row has a file of its header alone', async () => {
  const { send, issueToken, owner, path } = await startImport();
  const response = await send(path, await issueToken(owner));
  expect([response.status, await response.text()]).toEqual([200, '"_line","_code","_reason"\r\n']);
});

test('only the tokens of its owner, of its channel and of support get the file', async () => {
  const { send, issueToken, owner, channelId, path } = await startImport();
  const statusOf = async (token?: string) => (await send(path, token)).status;
  expect(await statusOf(await issueToken(owner))).toBe(200);
  expect(await statusOf(await issueToken('noor', channelId))).toBe(200);
  expect(await statusOf(SUPPORT_TOKEN)).toBe(200);
  for (const [token, status, code] of [
    [await issueToken('noor'), 404, 'not_found'],
    ['nonsense', 401, 'token_invalid'],
    [undefined, 401, 'token_missing'],
  ] as const) {
    const response = await send(path, token);
    expect([response.status, await response.json()]).toMatchObject([status, { code }]);
  }
});

test('an import whose rejected rows were removed says so', async () => {
  const { log } = await startFaultyLog();
  const rows = { ...noRows(), total: 3, created: 1, rejected: 2 };
  const folded = foldedImport('mira', { ...ended, rows });
  const contactStore: Partial<ContactStore> = {
    getImport: async () => folded,
    listMenders: async () => [],
    restsOf: async () => [],
    importLayout: async () => null,
  };
  const { send } = await startApiServer({ log }, { contactStore: contactStore as ContactStore });
  const answer = await send(`/imports/${folded.state.importId}/rejected.csv`, SUPPORT_TOKEN);
  expect([answer.status, await answer.json()]).toMatchObject([
    404,
    { code: 'not_found', detail: 'The rejected rows of this import are kept no longer.' },
  ]);
});
