/** Text that no database takes: every route refuses it, names the field, and logs nothing of it. */

import type { ProblemDocument } from '@tidings/contracts/http.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { startApiServer } from '../test/api-server.ts';
import { addContacts } from '../test/contact-store.ts';
import { startFaultyLog } from '../test/faulty-log.ts';

const sharedStore = shareContactStore();
const CANARY = 'canary-4711';

async function startServer() {
  const { logger, lines } = recordingLogger();
  const contactStore = sharedStore();
  const owner = `mira-${uuidv7()}`;
  const faulty = await startFaultyLog();
  const { port, tokens } = await startApiServer(faulty, {
    contactStore,
    logger,
    requests: { perMinute: 1_000 },
  });
  const token = await tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner });
  const send = (path: string, init: RequestInit = {}, bearer = token) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${bearer}`, ...init.headers },
    });
  const [contact] = await addContacts(contactStore, owner, 'mira@example.org');
  return { send, contactId: contact?.id ?? '', lines, commands: faulty.commands };
}

type Server = Awaited<ReturnType<typeof startServer>>;

const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');

function upload({ send }: Server, fields: Record<string, string>, fileName = 'contacts.csv') {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob(['email,notes\na@example.org,x\n']), fileName);
  return send('/imports', { method: 'POST', body: form });
}

function patch({ send, contactId }: Server, body: unknown) {
  return send(`/contacts/${contactId}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Every place of a request from which a text reaches the database or the log, and the field that the refusal names. */
const places: Record<string, [field: string, send: (server: Server, text: string) => Promise<Response>]> = {
  'a search': ['query', ({ send }, text) => send(`/contacts?query=${encodeURIComponent(text)}`)],
  'a cursor of contacts': [
    'cursor',
    ({ send }, text) => send(`/contacts?cursor=${cursorOf({ email: text })}`),
  ],
  'a cursor of a search': [
    'cursor',
    ({ send }, text) => send(`/contacts?query=x&cursor=${cursorOf({ email: text })}`),
  ],
  'a cursor of imports': [
    'cursor',
    ({ send }, text) => send(`/imports?cursor=${cursorOf([`2026-01-01${text}`, uuidv7()])}`),
  ],
  'an id in a cursor': [
    'cursor',
    ({ send }, text) => send(`/imports?cursor=${cursorOf(['2026-01-01', `${uuidv7()}${text}`])}`),
  ],
  'a cursor itself': ['cursor', ({ send }, text) => send(`/contacts?cursor=${encodeURIComponent(text)}`)],
  'a status': ['status', ({ send }, text) => send(`/imports?status=${encodeURIComponent(text)}`)],
  'a field': ['firstName', (server, text) => patch(server, { firstName: text })],
  'a phone': ['phone', (server, text) => patch(server, { phone: text })],
  'a time zone': ['timeZone', (server, text) => patch(server, { timeZone: text })],
  'an attribute': ['attributes.notes', (server, text) => patch(server, { attributes: { notes: text } })],
  'the name of an attribute': [
    'attributes.',
    (server, text) => patch(server, { attributes: { [text]: 'x' } }),
  ],
  'the name that the uploader gives': [
    'clientReference',
    (server, text) => upload(server, { clientReference: text }),
  ],
  'a channel': ['channelId', (server, text) => upload(server, { channelId: text })],
  'a column of a mapping': [
    'mapping',
    (server, text) => upload(server, { mapping: JSON.stringify({ [text]: '' }) }),
  ],
  'a target of a mapping': [
    'mapping',
    (server, text) => upload(server, { mapping: JSON.stringify({ notes: `attributes.${text}` }) }),
  ],
};

const noTexts = {
  NUL: `${CANARY}\0`,
  'half a surrogate pair': `\ud83c${CANARY}`,
  'a control character': `${CANARY}\u0001`,
};
/** Addresses and forms carry bytes of UTF-8, in which half of a surrogate pair cannot be written. */
const carriesBytesOnly = new Set([
  'a search',
  'a cursor itself',
  'a status',
  'the name that the uploader gives',
  'a channel',
]);

describe('text with control characters or halves of surrogate pairs', () => {
  test('is refused wherever it comes in, naming the field, and stands in no log', async () => {
    const server = await startServer();
    for (const [place, [field, send]] of Object.entries(places)) {
      for (const [kind, text] of Object.entries(noTexts)) {
        if (kind === 'half a surrogate pair' && carriesBytesOnly.has(place)) continue;
        const answer = await send(server, text);
        const problem = (await answer.json()) as ProblemDocument;
        expect([place, kind, answer.status, problem.code]).toEqual([place, kind, 400, 'invalid_request']);
        expect(`${problem.field} `).toMatch(new RegExp(`^${field}`));
      }
    }
    expect(server.lines.join('')).not.toContain(CANARY);
    expect(server.lines).toEqual([]);
  });

  test('is refused in a body that is no UTF-8, and not stored as U+FFFD', async () => {
    const { send, contactId } = await startServer();
    for (const letter of ['fc', 'eda080', 'c0af', 'e4bd']) {
      const body = Buffer.concat([
        Buffer.from('{"firstName":"J'),
        Buffer.from(letter, 'hex'),
        Buffer.from('rgen"}'),
      ]);
      const headers = { 'Content-Type': 'application/json' };
      const answer = await send(`/contacts/${contactId}`, { method: 'PATCH', headers, body });
      expect([letter, answer.status]).toEqual([letter, 400]);
      expect(await answer.json()).toMatchObject({
        code: 'invalid_request',
        detail: expect.stringContaining('UTF-8'),
      });
    }
    expect(await (await send(`/contacts/${contactId}`)).json()).toMatchObject({ firstName: '' });
  });

  test('is the id of nothing', async () => {
    const server = await startServer();
    for (const text of ['%00', '%01', '%ED%A0%80', 'x']) {
      for (const path of [`/imports/${text}`, `/imports/${text}/rejected.csv`, `/contacts/${text}`]) {
        expect([400, 404]).toContain((await server.send(path)).status);
      }
      expect([400, 404]).toContain((await server.send(`/contacts/${text}`, { method: 'DELETE' })).status);
    }
    expect(server.lines).toEqual([]);
  });

  test('is left out of a file’s name, and no character of it is cut apart', async () => {
    const server = await startServer();
    const nameOf = async (parameter: string) => {
      const part = `--b\r\nContent-Disposition: form-data; name="file"; ${parameter}\r\n\r\nemail\r\n\r\n--b--\r\n`;
      const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
      const answer = await server.send('/imports', { method: 'POST', body: part, headers });
      expect(answer.status).toBe(202);
      const accepted = (await server.commands()).filter(({ type }) => type === 'import.accepted');
      return accepted.at(-1)?.data.fileName;
    };
    const cut = await nameOf(`filename="${'a'.repeat(254)}🎈🎈.csv"`);
    expect(cut).toBe(`${'a'.repeat(254)}🎈`);
    expect(await nameOf("filename*=UTF-8''a%00%01%C2%85b.csv")).toBe('ab.csv');
    expect(await nameOf("filename*=UTF-8''%00")).toBe('contacts.csv');
  });

  test('in a header refuses the file, wherever the header stands', async () => {
    const { send, commands } = await startServer();
    for (const before of [0, 100_000]) {
      const form = new FormData();
      form.append('file', new Blob(['\n'.repeat(before), 'email,no\0tes\na@example.org,x\n']), 'a.csv');
      const answer = await send('/imports', { method: 'POST', body: form });
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'nul_bytes', field: 'file' }]);
    }
    expect(await commands()).toEqual([]);
  });
});
