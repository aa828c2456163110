/** A dry run says what an import would do, and does nothing; imports that mend one another name each other. */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { ImportPreview } from '@tidings/contracts/files/preview.ts';
import type { Page } from '@tidings/contracts/http.ts';
import {
  acceptImport,
  getJson,
  postImport,
  postPreview,
  problemOf,
  untilEnded,
} from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, test } from 'vitest';
import { startFileStack } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';

const stack = await startFileStack();

async function importFile(file: string, fields: Readonly<Record<string, string>> = {}) {
  const { importId, channelToken: token } = await acceptImport(stack.url, { file, fields });
  const state = await untilEnded(stack.url, importId, token);
  const get = (path: string) =>
    fetch(`${stack.url}/imports/${importId}${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return { importId, token, state, get, rejected: async () => (await get('/rejected.csv')).text() };
}

async function contactsOf(domain: string, token: string): Promise<Contact[]> {
  const found = await getJson<Page<Contact>>(`${stack.url}/contacts?query=@${domain}&limit=500`, token);
  return found.items;
}

test('a dry run has the buckets and the rejected rows of the import after it, and changes no contact', async () => {
  const domain = freshName('dry.example');
  await importFile(`email,name\nknown@${domain},Known\nsame@${domain},Same\n`);
  const rows = [`known@${domain},Changed`, `same@${domain},Same`, `new@${domain},New`, `new@${domain},Newer`];
  const file = `email,name\n${rows.join('\n')}\nbad,Bad\nshort\n`;
  const dry = await importFile(file, { dryRun: 'true' });
  const before = await contactsOf(domain, dry.token);
  expect(before.map(({ attributes }) => attributes.name ?? '').length).toBe(2);
  const { rows: counted } = dry.state;
  expect(dry.state).toMatchObject({ dryRun: true, autoUndo: false, status: 'completed_with_errors' });
  expect(counted).toMatchObject({
    total: 6,
    created: 1,
    unchanged: 1,
    duplicate: 1,
    updated: 1,
    rejected: 2,
  });
  await eventually(async () =>
    expect(await (await dry.get('')).json()).toMatchObject({ reconciled: true, rows: counted }),
  );
  expect(await contactsOf(domain, dry.token)).toEqual(before);

  const undo = await fetch(`${stack.url}/imports/${dry.importId}/undo`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${dry.token}` },
  });
  expect(await problemOf(undo)).toMatchObject({
    status: 409,
    code: 'state_conflict',
    detail: expect.stringContaining('It was a dry run, and has changed nothing.'),
  });

  const real = await importFile(file);
  expect(real.state).toMatchObject({ dryRun: false, rows: counted });
  expect(await real.rejected()).toBe(await dry.rejected());
  expect(await contactsOf(domain, real.token)).toHaveLength(3);
});

test('an import and the one that mends it name each other', async () => {
  const domain = freshName('mends.example');
  const first = await importFile(`email,name\na@${domain},A\nbad,B\n`);
  const mended = (await first.rejected()).replace('"bad"', `"b@${domain}"`);
  const second = await importFile(mended, { mends: first.importId });
  expect(second.state).toMatchObject({ mends: first.importId, rows: { total: 1, created: 1 } });
  const mendedBy = [second.importId];
  expect(await (await first.get('')).json()).toMatchObject({ mends: null, mendedBy });
  await eventually(async () =>
    expect(await (await second.get('')).json()).toMatchObject({ reconciled: true }),
  );
  expect(await (await first.get('')).json()).toMatchObject({ mendedBy });
});

// The mended file was read without the country that the person had chosen, so that every row came back again.
// The columns of a mended file were found anew by its few rows: dropped as it was, it made a contact of a colleague's address.
test('the columns of a file that mends are for what they were in the import that it mends', async () => {
  const domain = freshName('mends-columns.example');
  const people = Array.from({ length: 8 }, (_, row) => `P${row},p${row}@${domain},boss@${domain},Z${row}`);
  const file = ['Name,Email,Work Email,City', ...people, `Q,,boss@${domain},Z`].join('\n');
  const mapping = JSON.stringify({ City: 'lastName', Name: 'firstName' });
  const first = await importFile(file, { mapping });
  expect(first.state.rows).toMatchObject({ created: 8, rejected: 1 });
  const rejected = await first.rejected();
  for (const fields of [{}, { mends: first.importId }] as Record<string, string>[]) {
    const again = await importFile(rejected, fields);
    expect(again.state.rows).toMatchObject({ total: 1, rejected: 1 });
  }
  const mended = rejected.replace('"Q",""', `"Q","q@${domain}"`);
  const second = await importFile(mended, { mends: first.importId });
  expect(second.state.rows).toMatchObject({ total: 1, created: 1 });
  const found = await contactsOf(domain, second.token);
  expect(found.find(({ email }) => email === `q@${domain}`)).toMatchObject({ firstName: 'Q', lastName: 'Z' });
  expect(found).toHaveLength(9);
});

test('a file that mends is read by the rules of the import that it mends, unless it says otherwise', async () => {
  const domain = freshName('mends-rules.example');
  const rows = [`a@${domain},030 23125000,`, 'bad,030 23125001,', `c@${domain},+49 30 23125002,Atlantis`];
  const file = `email,phone,country\n${rows.join('\n')}\n`;
  const first = await importFile(file, { defaultCountry: 'DE' });
  expect(first.state.rows).toMatchObject({ created: 1, rejected: 2 });
  const mended = (await first.rejected()).replace('"bad"', `"b@${domain}"`);
  const preview = async (fields = {}) =>
    (await (
      await postPreview(stack.url, {
        ...{ file: mended, fields: { mends: first.importId, ...fields } },
        headers: { Authorization: `Bearer ${first.token}` },
      })
    ).json()) as ImportPreview;
  expect(await preview()).toMatchObject({
    ...{ defaultCountry: 'DE', invalidFields: 'reject' },
    forecast: { valid: 1, rejected: { country_unknown: 1 } },
  });
  expect(await preview({ defaultCountry: 'AT' })).toMatchObject({ defaultCountry: 'AT' });
  const second = await importFile(mended, { mends: first.importId, invalidFields: 'leave-out' });
  expect(second.state).toMatchObject({ rows: { created: 2, rejected: 0 }, warnings: 1 });
  const [, b] = await contactsOf(domain, second.token);
  expect(b).toMatchObject({ email: `b@${domain}`, phone: '+493023125001' });

  const lenient = await importFile(`email,phone\nworse,12\n`, { invalidFields: 'leave-out' });
  const again = (await lenient.rejected()).replace('"worse"', `"d@${domain}"`);
  const third = await importFile(again, { mends: lenient.importId });
  expect(third.state).toMatchObject({ rows: { created: 1, rejected: 0 }, warnings: 1 });
});

test('what is no import of the owner cannot be mended', async () => {
  const mends = '0198c0de-0000-7000-8000-000000000001';
  const answer = await postImport(stack.url, { file: 'email\na@example.org\n', fields: { mends } });
  expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'invalid_request', field: 'mends' });
});
