import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { expect, test } from 'vitest';
import { startApiServer } from '../../test/api-server.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';
import { filePart, formField, wholeUpload } from '../../test/raw-upload.ts';

// A name like `mapping[4294967293]` made an array of that length, which stopped the whole process for two minutes.
test.each([
  ['an index', formField('mapping[4294967293]')],
  ['a smaller index', formField('mapping[400000000]')],
  ['an index among names', formField('z[9999999]') + formField('z[a]')],
  ['nesting', formField('a[b][c][d]')],
  ['an index after an object', formField('a[b][99999999]')],
  ['an open bracket', formField('a[')],
  ['an empty index', formField('mapping[]') + formField('mapping[]')],
  ['the prototype', formField('__proto__[99999999]')],
  ['the same name twice', formField('mapping', '{}') + formField('mapping', '{}')],
  ['a mapping that is no object', formField('mapping', '[[[1]]]')],
  ['a mapping that is nested deeply', formField('mapping', '['.repeat(60_000))],
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

test.each(['__proto__', 'constructor', 'toString'])(
  'a field may not be named %s, as properties of every object are',
  async (name) => {
    const faulty = await startFaultyLog();
    const { port } = await startApiServer(faulty);
    const upload = sendRaw(port, wholeUpload(formField(name) + filePart));
    expect(await problemOn(upload)).toMatchObject({ status: 400, code: 'invalid_request', field: name });
    expect(await faulty.uploads()).toEqual([]);
  },
);

// A program that wrote `dryrun` found its contacts written, and one that wrote `defaultContry` numbers of another country: what is not known
// was passed over.
test.each([
  ['dryrun', 'dryRun'],
  ['default_country', 'defaultCountry'],
  ['Invalid-Fields', 'invalidFields'],
  ['defaultContry', 'defaultCountry'],
  ['country', 'defaultCountry'],
  ['dry', 'dryRun'],
  ['header', 'headerLine'],
])('a field that is written as %s is refused, and the right name is told', async (written, known) => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty);
  const upload = sendRaw(port, wholeUpload(formField(written, 'true') + filePart));
  expect(await problemOn(upload)).toMatchObject({
    ...{ status: 400, code: 'invalid_request', field: written },
    detail: expect.stringContaining(`\`${known}\``),
  });
  expect(await faulty.uploads()).toEqual([]);
});

test('a field that stands in the address is refused: nobody reads it there', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty);
  for (const path of ['/imports', '/imports/preview']) {
    const form = new FormData();
    form.append('file', new Blob(['email\na@a.test\n']), 'a.csv');
    for (const field of ['dryRun', 'dryrn', 'country', 'mapping[email]']) {
      const url = `http://127.0.0.1:${port}${path}?_=1700000000&${encodeURIComponent(field)}=true`;
      const answer = await fetch(url, { method: 'POST', body: form });
      expect(await answer.json()).toMatchObject({ status: 400, code: 'invalid_request', field });
    }
  }
  expect(await faulty.uploads()).toEqual([]);
});

// What is not known was refused whatever it was: behind a gateway with its key in the address, and from a plain form with a button, no upload came through.
test('what gateways, browsers and frameworks add is passed over: nobody means it for a field', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty);
  const added = [
    '_charset_',
    '_method',
    '_token',
    '__RequestVerificationToken',
    'utf8',
    'submit',
    'csrf-token',
  ];
  for (const query of ['', '?apikey=k&_=1700000000&v=2&subscription-key=k&t=7'])
    for (const path of ['/imports', '/imports/preview']) {
      const form = new FormData();
      for (const name of [...added, '_token']) form.append(name, 'x');
      form.append('file', new Blob(['email\na@a.test\n']), 'a.csv');
      const answer = await fetch(`http://127.0.0.1:${port}${path}${query}`, { method: 'POST', body: form });
      expect([answer.ok, await answer.json()]).toMatchObject([true, {}]);
    }
  expect(await faulty.uploads()).toHaveLength(2);
});

test.each(['mode', 'upload', 'csr', 'utf-9'])(
  'a field named %s is refused: somebody may have meant something by it',
  async (name) => {
    const faulty = await startFaultyLog();
    const { port } = await startApiServer(faulty);
    const upload = sendRaw(port, wholeUpload(formField(name, 'x') + filePart));
    expect(await problemOn(upload)).toMatchObject({ status: 400, code: 'invalid_request', field: name });
    expect(await faulty.uploads()).toEqual([]);
  },
);

test.each([
  [
    formField('defaultCountry', 'DE') + formField('defaultCountry', 'AT'),
    /`defaultCountry` came more than once/,
  ],
  [formField('mapping', '{"email":1}'), /`mapping` is not valid: “email” must be a text\./],
  [formField('mapping', '[]'), /`mapping` is not valid: it must be a JSON object\./],
  [formField('mapping', '{'), /`mapping` is not JSON\. It is written/],
  [formField('defaultCountry', 'Germany'), /`defaultCountry` is not valid: it is a code of two letters/],
  [formField('a[b]'), /The name of a field holds brackets\./],
  [formField('a'.repeat(101)), /The name of a field has more than 100 bytes\./],
  [Array.from({ length: 17 }, (_, at) => formField(`f${at}`)).join(''), /more than 16 fields/],
])('what is wrong with a form is told in plain words: %#', async (parts, words) => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty);
  const upload = sendRaw(port, wholeUpload(parts + filePart));
  expect(await problemOn(upload)).toMatchObject({ status: 400, detail: expect.stringMatching(words) });
});
