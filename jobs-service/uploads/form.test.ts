import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, test } from 'vitest';
import { startApiServer } from '../test/api-server.ts';
import { startFaultyLog } from '../test/faulty-log.ts';
import { filePart, formField, wholeUpload } from '../test/raw-upload.ts';

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

test('fields may have the names of properties that every object has', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty);
  const upload = sendRaw(
    port,
    wholeUpload(formField('__proto__') + formField('constructor') + formField('toString') + filePart),
  );
  await eventually(() => expect(upload.statuses()).toEqual([202]));
  await eventually(async () => expect(await faulty.uploads()).toEqual(['sealed']));
});

// A program that wrote `dryrun` found its contacts written: what is not known was passed over.
test.each([
  ['dryrun', 'dryRun'],
  ['default_country', 'defaultCountry'],
  ['Invalid-Fields', 'invalidFields'],
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
