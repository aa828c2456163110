/** What a sender may do to the service, and what becomes of its import, over raw sockets. */

import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { problemOn, type RawConnection, sendRaw } from '@tidings/testing/raw-connection.ts';
import { SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { startApiServer } from '../test/api-server.ts';
import { startFaultyLog } from '../test/faulty-log.ts';
import { bodyChunk, filePart, formPart, uploadHead, wholeUpload } from '../test/raw-upload.ts';

const field = (name: string, value = '1') => formPart(`name="${name}"`, value);

// A name like `mapping[4294967293]` made an array of that length, which stopped the whole process for two minutes.
test.each([
  ['an index', field('mapping[4294967293]')],
  ['a smaller index', field('mapping[400000000]')],
  ['an index among names', field('z[9999999]') + field('z[a]')],
  ['nesting', field('a[b][c][d]')],
  ['an index after an object', field('a[b][99999999]')],
  ['an open bracket', field('a[')],
  ['an empty index', field('mapping[]') + field('mapping[]')],
  ['the prototype', field('__proto__[99999999]')],
  ['the same name twice', field('mapping', '{}') + field('mapping', '{}')],
  ['a mapping that is no object', field('mapping', '[[[1]]]')],
  ['a mapping that is nested deeply', field('mapping', '['.repeat(60_000))],
])(
  'a form whose names hold %s is refused, and another request is answered meanwhile',
  async (_name, parts) => {
    const faulty = await startFaultyLog();
    const { port } = await startApiServer(faulty);
    const upload = sendRaw(port, wholeUpload(parts + filePart));
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    expect(await problemOn(upload)).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(await faulty.uploads()).toEqual([]);
  },
);

test('names that objects have already are names like others', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty);
  const upload = sendRaw(
    port,
    wholeUpload(field('__proto__') + field('constructor') + field('toString') + filePart),
  );
  await eventually(() => expect(upload.statuses()).toEqual([202]));
  await eventually(async () => expect(await faulty.uploads()).toEqual(['sealed']));
});

const MAX_FILE_BYTES = 400_000;
const limits = { maxBytes: MAX_FILE_BYTES, maxRows: 1_000_000 };
const SHORT = 300;
const DEAD_SLOW = { startMs: 60_000, idleMs: 60_000, paceMs: SHORT, bytesPerSecond: 1024 };
const SILENT = { startMs: 60_000, idleMs: SHORT };
const sixteenFields = Array.from({ length: 16 }, (_, index) => field(`field${index}`)).join('');
/** What busboy passes over without a word. */
const unnamedParts = '--b\r\nX-Nothing: 1\r\n\r\n\r\n'.repeat(20);

interface Wrong {
  readonly name: string;
  /** Parts of the form before what is wrong. */
  readonly before?: string;
  readonly parts: string;
  /** The form goes on no further, and the request neither. */
  readonly open?: boolean;
  /** The request ends, the form does not. */
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
  { name: 'too many fields', before: sixteenFields, parts: field('more'), code: 'invalid_request' },
  { name: 'a long field name', parts: field('n'.repeat(101)), code: 'invalid_request' },
  { name: 'a long field', parts: field('encoding', 'x'.repeat(70_000)), code: 'invalid_request' },
  { name: 'a field without a name', parts: formPart('x="y"', '1'), code: 'invalid_request' },
  { name: 'a file without a name', parts: formPart('filename="a.csv"', '1'), code: 'invalid_request' },
  { name: 'a nested field name', parts: field('mapping[a]'), code: 'invalid_request' },
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
  parts: `${field('encoding', 'utf-8')}--b`,
  open: true,
  place: 'afterFile' as const,
  expected: 'field_after_file',
};
const fieldSentTwice = {
  ...fieldAfterFile,
  name: 'a field that came before',
  before: field('encoding', 'utf-8'),
};

function formOf({ before = '', parts, open, cut, place }: (typeof cases)[number]): string {
  const wrong = place === 'afterFile' ? filePart + parts : parts + (open || cut ? '' : filePart);
  const ending = open || cut ? '' : '--b--\r\n';
  return `${uploadHead()}${bodyChunk(before + wrong + ending)}${open ? '' : '0\r\n\r\n'}`;
}

// Whatever failed after the file left the import `receiving` for ever, with its rows written and its sender told that they were not.
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

test('a connection that breaks after the file ends the import', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty);
  const upload = sendRaw(port, uploadHead() + bodyChunk(`${filePart}--b`));
  await eventually(async () => expect(await faulty.uploads()).toEqual(['receiving']));
  upload.socket.resetAndDestroy();
  await eventually(async () => expect(await faulty.uploads()).toEqual(['aborted']));
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

const PATIENT = { startMs: 60_000, idleMs: 60_000 };

/** Uploads that hold their places: the file has begun. */
function holdPlaces(port: number, count: number, headers = '', from?: string): RawConnection[] {
  return Array.from({ length: count }, () =>
    sendRaw(port, uploadHead(headers) + bodyChunk(filePart.slice(0, -10)), from),
  );
}

const answersOf = (connections: readonly RawConnection[]) =>
  connections.flatMap((connection) => connection.statuses()).sort();

test('one address has four places, and the others go to others', async () => {
  const { port } = await startApiServer(await startFaultyLog(), { maxUploads: 6, patience: PATIENT });
  const held = holdPlaces(port, 6);
  await eventually(() => expect(answersOf(held)).toEqual([429, 429]));
  const refused = held.find((connection) => connection.statuses().length > 0);
  expect(refused?.received()).toMatch(/Retry-After: \d+/);
  const elsewhere = holdPlaces(port, 3, '', '127.0.0.2');
  await eventually(() => expect(answersOf(elsewhere)).toEqual([429]));
  // A place that was left is free at once.
  held.find((connection) => connection.statuses().length === 0)?.socket.destroy();
  await eventually(async () => {
    const next = sendRaw(port, wholeUpload(filePart), '127.0.0.2');
    await eventually(() => expect(next.statuses()).toHaveLength(1));
    expect(next.statuses()).toEqual([202]);
  });
});

const USER_JWT_SECRET = 'u'.repeat(32);

test('where people sign in nobody else has a place, and one owner has four of them, wherever they are', async () => {
  const { port, tokens } = await startApiServer(await startFaultyLog(), {
    maxUploads: 6,
    patience: PATIENT,
    userJwtSecret: USER_JWT_SECRET,
  });
  const authorization = async (owner: string) => {
    const token = await tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner });
    return `Authorization: Bearer ${token}\r\n`;
  };
  const stranger = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from('x'.repeat(32)));
  const strangers = [
    ...holdPlaces(port, 20),
    ...holdPlaces(port, 20, `Authorization: Bearer ${stranger}\r\n`),
    // A token in the form would be known only once a place is taken.
    sendRaw(port, uploadHead() + bodyChunk(field('channelToken', stranger))),
  ];
  await eventually(() => expect(answersOf(strangers)).toEqual(Array(41).fill(401)));
  const first = [
    ...holdPlaces(port, 4, await authorization('first')),
    ...holdPlaces(port, 1, await authorization('first'), '127.0.0.2'),
  ];
  await eventually(() => expect(answersOf(first)).toEqual([429]));
  const second = sendRaw(port, wholeUpload(filePart, await authorization('second')));
  await eventually(() => expect(second.statuses()).toEqual([202]));
});

test.each([
  ['nothing', ''],
  ['a preamble', 'x'.repeat(100)],
  ['a part’s header', '--b\r\nContent-Disposition: form-data; name="'],
  ['a field', '--b\r\nContent-Disposition: form-data; name="encoding"\r\n\r\nu'],
  ['a file part without a file name', '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'],
])('a file that does not begin in time is not waited for: %s', async (_name, form) => {
  const patience = { ...PATIENT, startMs: SHORT };
  const { port } = await startApiServer(await startFaultyLog(), { maxUploads: 1, patience });
  const slow = sendRaw(port, uploadHead() + (form === '' ? '' : bodyChunk(form)));
  const trickle = setInterval(() => slow.socket.write(bodyChunk('a')), 20);
  onTestFinished(() => clearInterval(trickle));
  expect(await problemOn(slow)).toMatchObject({ status: 400, code: 'upload_broken_off' });
  expect(slow.received()).toMatch(/Connection: close/);
  await eventually(() => expect(slow.socket.destroyed).toBe(true));
  const next = sendRaw(port, wholeUpload(filePart));
  await eventually(() => expect(next.statuses()).toEqual([202]));
});

const START_BYTES = 256 * 1024;

test.each([
  ['a preamble', (size: number) => 'x'.repeat(size)],
  ['a part’s header', (size: number) => `--b\r\nX: ${'x'.repeat(size)}`],
  ['a field', (size: number) => `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'x'.repeat(size)}`],
  [
    'a file part without a file name',
    (size: number) =>
      `--b\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream\r\n\r\n${'x'.repeat(size)}`,
  ],
])('a file that does not begin in the first bytes is not waited for: %s', async (_name, form) => {
  const { port } = await startApiServer(await startFaultyLog(), { patience: PATIENT });
  const upload = sendRaw(port, uploadHead() + bodyChunk(form(START_BYTES + 1)));
  expect((await problemOn(upload)).status).toBe(400);
});

test('a file that begins within the first bytes is taken', async () => {
  const { port } = await startApiServer(await startFaultyLog());
  const start = filePart.indexOf('email');
  const formFrom = (bytes: number) => `${'x'.repeat(bytes - start - 2)}\r\n${filePart}`;
  const taken = sendRaw(port, wholeUpload(formFrom(START_BYTES - 10)));
  await eventually(() => expect(taken.statuses()).toEqual([202]));
  const refused = sendRaw(port, wholeUpload(formFrom(START_BYTES + 1)));
  expect((await problemOn(refused)).code).toBe('upload_broken_off');
});

test('every byte of the request counts, whatever it belongs to', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty, { limits });
  const around = 'x'.repeat(0.6 * START_BYTES);
  const rows = `email\n${'x@example.org\n'.repeat((MAX_FILE_BYTES - 100) / 14)}`;
  const file = formPart('name="file"; filename="contacts.csv"', rows);
  const taken = sendRaw(port, wholeUpload(`${around}\r\n${file}`));
  await eventually(() => expect(taken.statuses()).toEqual([202]));
  const refused = sendRaw(
    port,
    `${uploadHead() + bodyChunk(`${around}\r\n${file}--b--\r\n${around}`)}0\r\n\r\n`,
  );
  expect(await problemOn(refused)).toMatchObject({ status: 413, code: 'file_too_large' });
  await eventually(async () => expect((await faulty.uploads()).sort()).toEqual(['aborted', 'sealed']));
});

test('the connection of an upload serves the next request, and is not held to the upload’s pace', async () => {
  const patience = { startMs: SHORT, idleMs: SHORT, paceMs: SHORT, bytesPerSecond: 1024 };
  const { port } = await startApiServer(await startFaultyLog(), { patience });
  const { socket, statuses } = sendRaw(port, wholeUpload(filePart));
  await eventually(() => expect(statuses()).toEqual([202]));
  // Two others come to the end of their time meanwhile.
  for (let count = 0; count < 2; count += 1) await problemOn(sendRaw(port, uploadHead()));
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually(() => expect(statuses()).toEqual([202, 200]));
  socket.write(wholeUpload(filePart));
  await eventually(() => expect(statuses()).toEqual([202, 200, 202]));
});
