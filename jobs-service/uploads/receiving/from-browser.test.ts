/** What becomes of the import of an upload that goes wrong, over raw sockets. */

import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type ApiServer, emptyStore, SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../test/folded-import.ts';
import {
  begunFile,
  bodyChunk,
  endOfFile,
  filePart,
  formField,
  formPart,
  uploadHead,
  wholeUpload,
} from '../../test/raw-upload.ts';
import { EXPRESS_SHARE } from '../splitting/express-share.ts';
import { UploadTurns } from '../splitting/upload-turns.ts';
import { untilEnded } from './from-browser.ts';
import { importIdOfKey } from './import-id.ts';

const MAX_FILE_BYTES = 400_000;
const limits = { maxBytes: MAX_FILE_BYTES, maxRows: 1_000_000 };
const SHORT = 300;
const DEAD_SLOW = { startMs: 60_000, idleMs: 60_000, paceMs: SHORT, bytesPerSecond: 1024 };
const SILENT = { startMs: 60_000, idleMs: SHORT };
const seventeenFields = Array.from({ length: 17 }, (_, index) => formField(`field${index}`)).join('');
const KEY = 'k'.repeat(16);
/** Parts that busboy skips without an error. */
const unnamedParts = '--b\r\nX-Nothing: 1\r\n\r\n\r\n'.repeat(20);

interface Wrong {
  readonly name: string;
  /** Parts of the form before the wrong one. */
  readonly before?: string;
  readonly parts: string;
  /** Neither the form nor the request ends. */
  readonly open?: boolean;
  /** The request ends before the form. */
  readonly cut?: boolean;
  readonly patience?: object;
  readonly code: string | { readonly beforeFile: string; readonly afterFile: string };
}

const wrongs: Wrong[] = [
  {
    name: 'a file in a part of another name',
    parts: formPart('name="other"; filename="a.csv"', 'x'),
    code: { beforeFile: 'no_file', afterFile: 'invalid_request' },
  },
  {
    name: 'two more files',
    parts: formPart('name="other"; filename="a.csv"', 'x').repeat(2),
    code: { beforeFile: 'no_file', afterFile: 'invalid_request' },
  },
  { name: 'too many parts', parts: unnamedParts, code: 'invalid_request' },
  { name: 'too many fields', parts: seventeenFields, code: 'invalid_request' },
  { name: 'a long field name', parts: formField('n'.repeat(101)), code: 'invalid_request' },
  { name: 'a long field', parts: formField('encoding', 'x'.repeat(70_000)), code: 'invalid_request' },
  { name: 'a field without a name', parts: formPart('x="y"', '1'), code: 'invalid_request' },
  { name: 'a file without a name', parts: formPart('filename="a.csv"', '1'), code: 'invalid_request' },
  { name: 'a nested field name', parts: formField('mapping[a]'), code: 'invalid_request' },
  { name: 'a part with a malformed header', parts: '--b\r\nno header\r\n\r\nx\r\n', code: 'invalid_request' },
  { name: 'a break before the closing boundary', parts: '--b', cut: true, code: 'upload_broken_off' },
  { name: 'a break in a part’s header', parts: '--b\r\nContent-', cut: true, code: 'upload_broken_off' },
  {
    name: 'bytes without end',
    parts: `--b\r\nX-Nothing: 1\r\n\r\n${'x'.repeat(MAX_FILE_BYTES + 300 * 1024)}`,
    open: true,
    code: { beforeFile: 'upload_broken_off', afterFile: 'file_too_large' },
  },
  { name: 'silence', parts: '--b', open: true, patience: SILENT, code: 'upload_broken_off' },
  {
    name: 'a dead slow sender',
    parts: '--b\r\n',
    open: true,
    patience: DEAD_SLOW,
    code: 'upload_broken_off',
  },
];
const cases = wrongs.flatMap(({ code, ...wrong }) =>
  (['beforeFile', 'afterFile'] as const).map((place) => ({
    ...wrong,
    place,
    expected: typeof code === 'string' ? code : code[place],
  })),
);
const fieldAfterFile = {
  name: 'a field',
  parts: `${formField('encoding', 'utf-8')}--b`,
  open: true,
  place: 'afterFile' as const,
  expected: 'field_after_file',
};
const fieldSentTwice = {
  ...fieldAfterFile,
  name: 'a field that came before',
  before: formField('encoding', 'utf-8'),
};

function formOf({ before = '', parts, open, cut, place }: (typeof cases)[number]): string {
  const wrong = place === 'afterFile' ? filePart + parts : parts + (open || cut ? '' : filePart);
  const ending = open || cut ? '' : '--b--\r\n';
  return `${uploadHead()}${bodyChunk(before + wrong + ending)}${open ? '' : '0\r\n\r\n'}`;
}

// A failure after the file left the import `receiving` for ever: its rows were written, and its sender was told that they were not.
test.each([...cases, fieldAfterFile, fieldSentTwice])(
  '$name, $place: the sender is told $expected, and nothing stays open',
  async (wrong: (typeof cases)[number]) => {
    const faulty = await startFaultyLog();
    const { port } = await startApiServer(faulty, { limits, patience: wrong.patience });
    const upload = sendRaw(port, formOf(wrong));
    expect((await problemOn(upload)).code).toBe(wrong.expected);
    await eventually(async () =>
      expect((await faulty.commands()).map(({ type }) => type)).toEqual(
        wrong.place === 'afterFile' ? ['import.accepted', 'upload.aborted'] : [],
      ),
    );
  },
);

/** Uploads a file of the text, with its length. */
function uploadText({ send }: ApiServer, text: string, token?: string, headers?: Record<string, string>) {
  const form = new FormData();
  form.append('file', new Blob([text]), 'a.csv');
  return send('/imports', token, { method: 'POST', body: form, headers });
}

test('an upload that says that it is long has one express chunk; one that is short is announced', async () => {
  const faulty = await startFaultyLog();
  let announced = 0;
  const onShortUpload = () => {
    announced += 1;
    return () => undefined;
  };
  const server = await startApiServer(faulty, { onShortUpload });
  const upload = async (rows: number) => {
    const response = await uploadText(server, `email\n${'somebody.somewhere@example.org\n'.repeat(rows)}`);
    expect(response.status).toBe(202);
  };
  await upload(5_000);
  expect(announced).toBe(1);
  const shortChunks = (await faulty.chunks()).length;
  expect((await readAll(faulty.log, topics.expressWork)).length).toBe(shortChunks);
  await upload(50_000);
  expect(announced).toBe(1);
  expect((await readAll(faulty.log, topics.expressWork)).length).toBe(shortChunks + 1);
});

// An upload that was refused, that repeated one, or that exceeded its owner's share held bulk chunks for up to three seconds.
test('an announced upload that brings no express chunk is withdrawn', async () => {
  const faulty = await startFaultyLog();
  let awaited = 0;
  const onShortUpload = () => {
    awaited += 1;
    return () => {
      awaited -= 1;
    };
  };
  const server = await startApiServer(faulty, { onShortUpload });
  const [token, other] = [await server.issueToken('owner'), await server.issueToken('other')];
  expect((await uploadText(server, 'no column of this is known\n', token)).status).toBe(400);
  await eventually(() => expect(awaited).toBe(0));
  const text = 'email\na@example.org\n';
  for (let upload = 1; upload <= EXPRESS_SHARE; upload += 1) {
    expect((await uploadText(server, text, token)).status).toBe(202);
    expect(awaited).toBe(upload);
  }
  expect((await uploadText(server, text, token)).status).toBe(202);
  await eventually(() => expect(awaited).toBe(EXPRESS_SHARE));
  const importId = importIdOfKey('other', KEY);
  await keep(faulty.log, foldedImport('other', { ...ended, importId, bytes: text.length }));
  const isRepeated = async () =>
    (await uploadText(server, text, other, { 'Idempotency-Key': KEY })).headers.has('Idempotent-Replayed');
  await eventually(async () => expect(await isRepeated()).toBe(true));
  await eventually(() => expect(awaited).toBe(EXPRESS_SHARE));
});

// An import that the fold had not taken yet was taken for one that is over.
test('an import has ended once the fold says so, and is waited for where it is express', async () => {
  const importId = 'import';
  const over: boolean[] = [];
  const foldedImports = {
    waitFor: async (_importId: string, isOver: (folded: FoldedImport | undefined) => boolean) => {
      over.push(...[undefined, foldedImport('owner'), foldedImport('owner', ended)].map(isOver));
      return true;
    },
  };
  await untilEnded({ foldedImports }, Promise.resolve({ importId, isExpress: true }));
  expect(over).toEqual([false, false, true]);
  await untilEnded({ foldedImports }, Promise.resolve({ importId, isExpress: false }));
  await untilEnded({ foldedImports }, Promise.reject(new Error('refused')));
  expect(over).toHaveLength(3);
});

/** Counts the uploads to which long ones give way. */
function watchShort() {
  const beginShort = vi.spyOn(UploadTurns.prototype, 'beginShort');
  onTestFinished(() => beginShort.mockRestore());
  return beginShort;
}

// One without a length slowed every long upload for as long as it came.
test('long uploads do not give way to one that does not say how long it is', async () => {
  const faulty = await startFaultyLog();
  const beginShort = watchShort();
  const { port } = await startApiServer(faulty);
  sendRaw(port, wholeUpload(filePart));
  await eventually(async () => expect(await faulty.uploads()).toEqual(['sealed']));
  expect(beginShort).not.toHaveBeenCalled();
});

test('long uploads give way to mended rows that are imported', async () => {
  const faulty = await startFaultyLog();
  const beginShort = watchShort();
  const contactStore: Partial<ContactStore> = {
    ...emptyStore,
    importLayout: async () => ({
      header: ['email'],
      delimiter: ',',
      rules: null,
      rejected: { surplusCells: false, recordFaults: false },
    }),
    async *mendersOf() {},
    handMended: async () => 1,
    async *mendedRows() {},
  };
  const { send, issueToken } = await startApiServer(faulty, { contactStore: contactStore as ContactStore });
  const mended = foldedImport('owner', ended);
  await keep(faulty.log, mended);
  const { importId, channelId } = mended.state;
  const token = await issueToken('owner', channelId);
  await eventually(async () => {
    const response = await send(`/imports/${importId}/rejected/import`, token, { method: 'POST' });
    expect(response.status).toBe(202);
  });
  expect(beginShort).toHaveBeenCalled();
});

test('long uploads give way to a short one until its import has ended, or is refused', async () => {
  const faulty = await startFaultyLog();
  const server = await startApiServer(faulty);
  const beginShort = watchShort();
  const giveWay = () => {
    const [turns] = beginShort.mock.contexts as UploadTurns[];
    if (turns === undefined) throw new Error('no short upload has begun');
    return turns.giveWay().then(() => true);
  };
  const upload = (text: string) => uploadText(server, text);
  const short = await upload('email\na@example.org\n');
  expect(short.status).toBe(202);
  expect(beginShort).toHaveBeenCalledTimes(1);
  expect((await upload(`email\n${'somebody.somewhere@example.org\n'.repeat(50_000)}`)).status).toBe(202);
  expect((await upload('no column of this is known\n')).status).toBe(400);
  expect(beginShort).toHaveBeenCalledTimes(2);
  const { importId } = JSON.parse(await short.text());
  await keep(faulty.log, foldedImport('owner', { ...ended, importId }));
  // Nothing is in hand any more: whoever gives way goes on within the same turn.
  const soon = () => Promise.race([giveWay(), new Promise((resolve) => setImmediate(resolve, false))]);
  await eventually(async () => expect(await soon()).toBe(true));
});

test('a connection that breaks after the file ends the import', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty);
  const upload = sendRaw(port, uploadHead() + bodyChunk(`${filePart}--b`));
  await eventually(async () => expect(await faulty.uploads()).toEqual(['receiving']));
  upload.socket.resetAndDestroy();
  await eventually(async () => expect(await faulty.uploads()).toEqual(['aborted']));
});

// Whoever had begun an upload with a token could go on to send rows after the token was taken back, and they were imported.
test.each([
  ['in the file', begunFile, endOfFile],
  ['after the file', `${filePart}--b`, '--\r\n'],
])('an upload whose token is taken back is refused and ended: %s', async (_name, begin, end) => {
  const faulty = await startFaultyLog();
  const { port, issueToken, send } = await startApiServer(faulty);
  const [mine, others] = [await issueToken('mira'), await issueToken('noor')];
  const begun = (token: string) =>
    sendRaw(port, uploadHead(`Authorization: Bearer ${token}\r\n`) + bodyChunk(begin));
  const [revoked, other] = [begun(mine), begun(others)];
  await eventually(async () => expect(await faulty.uploads()).toEqual(['receiving', 'receiving']));
  await send('/owners/mira/tokens', SUPPORT_TOKEN, { method: 'DELETE' });
  await eventually(async () => expect((await send('/imports', mine)).status).toBe(401));
  for (const { socket } of [revoked, other]) if (socket.writable) socket.write(`${bodyChunk(end)}0\r\n\r\n`);
  expect(await problemOn(revoked)).toMatchObject({ status: 401, code: 'token_invalid' });
  await eventually(async () => expect((await faulty.uploads()).sort()).toEqual(['aborted', 'sealed']));
  const aborted = (await faulty.commands()).find(({ type }) => type === 'upload.aborted');
  expect(aborted?.data).toMatchObject({ error: 'connection_broken' });
});

test.each([
  ['its seal', 'upload.sealed', 'closed', 'unavailable'],
  ['a chunk', 'chunk', 'too large', 'header_too_long'],
] as const)('an upload is ended where the log refuses %s for good', async (_name, refused, fault, code) => {
  const faulty = await startFaultyLog();
  faulty.fail(({ headers, value }) => {
    const type = headers?.work === undefined ? decodeEvent(value ?? new Uint8Array()).type : 'chunk';
    return type === refused ? fault : null;
  });
  const { port } = await startApiServer(faulty);
  expect((await problemOn(sendRaw(port, wholeUpload(filePart)))).code).toBe(code);
  await eventually(async () => expect(await faulty.uploads()).toEqual(['aborted']));
});

test.each([
  ['in the file', `--b\r\n${filePart.slice(5)}${'x@example.org\n'.repeat(10_000)}`],
  ['after the file', `${filePart}--b`],
])(
  'an upload that the service leaves when it stops has ended on the log by then: %s',
  async (_name, form) => {
    const faulty = await startFaultyLog();
    const { port, stop } = await startApiServer(faulty);
    const { socket } = sendRaw(port, uploadHead() + bodyChunk(form));
    const types = async () => (await faulty.commands()).map(({ type }) => type);
    await eventually(async () => expect(await types()).toEqual(['import.accepted']));
    await stop();
    expect(await types()).toEqual(['import.accepted', 'upload.aborted']);
    await eventually(() => expect(socket.destroyed).toBe(true));
  },
);

// The file was imported, and its sender was told that the token had expired: no upload could last longer than its token.
test('an upload whose token expires while its file comes is answered all the same', async () => {
  const faulty = await startFaultyLog();
  const { port, tokens } = await startApiServer(faulty);
  // Tokens end at whole seconds.
  const renewUntil = (Math.floor(Date.now() / 1000) + 2) * 1000;
  const channelId = tokens.newChannelId();
  const token = await tokens.issueChannelToken({ channelId, owner: 'mira', renewUntil });
  const slow = sendRaw(port, uploadHead(`Authorization: Bearer ${token}\r\n`) + bodyChunk(begunFile));
  await eventually(async () => expect(await faulty.commands()).toHaveLength(1));
  await eventually(() => expect(tokens.verifyBearer(token)).rejects.toMatchObject({ code: 'token_expired' }));
  slow.socket.write(`${bodyChunk(endOfFile)}0\r\n\r\n`);
  await eventually(() => expect(slow.statuses()).toEqual([202]));
});
