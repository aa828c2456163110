import { chunkOf, newImport } from '@tidings/contact-store/conformance/test/test-imports.ts';
import { migrate } from '@tidings/contact-store/databases/migrations.ts';
import { openPglite } from '@tidings/contact-store/databases/pglite.ts';
import { migrations } from '@tidings/contact-store/databases/schema.ts';
import { createContactStore } from '@tidings/contact-store/open-contact-store.ts';
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { PageOfTwiceStored } from '@tidings/contracts/contacts/listed-contacts.ts';
import type { Page } from '@tidings/contracts/http.ts';
import { twiceStoredPageSchema } from '@tidings/contracts/schemas/contacts/listed-contacts.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';
import { addContacts } from '../../test/contact-store.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';

const contactStore = shareContactStore();
const emails = ['anna@example.org', 'bert@example.org', 'carl@example.net'];

async function startServer() {
  const server = await startApiServer(await startFaultyLog(), { contactStore: contactStore() });
  const owner = `mira-${uuidv7()}`;
  await addContacts(contactStore(), owner, ...emails);
  const token = await server.issueToken(owner);
  const list = async (query = '', bearer: string | undefined = token) => {
    const response = await server.send(`/contacts${query}`, bearer);
    const page = (await response.json()) as Page<Contact>;
    return { status: response.status, page, emails: page.items?.map(({ email }) => email) };
  };
  return { ...server, list };
}

test('the owner’s contacts come by their addresses, page after page', async () => {
  const { list } = await startServer();
  const first = await list('?limit=2');
  expect(first.emails).toEqual(emails.slice(0, 2));
  const second = await list(`?limit=2&cursor=${first.page.nextCursor}`);
  expect(second.emails).toEqual(emails.slice(2));
  expect(second.page.nextCursor).toBeNull();
});

test('a search finds what holds its text, in any case', async () => {
  const { list } = await startServer();
  expect((await list('?query=EXAMPLE.ORG')).emails).toEqual(emails.slice(0, 2));
  expect((await list('?query=dora')).emails).toEqual([]);
});

test('the contacts come as a file that a spreadsheet opens: all, or those that a search finds', async () => {
  const { send, issueToken } = await startServer();
  const owner = `mira-${uuidv7()}`;
  const [anna] = await addContacts(contactStore(), owner, ...emails);
  const patch = { company: '=1+1', phone: '+4915112345678', attributes: { notes: 'a "b"; c' } };
  await contactStore().patchContact(owner, anna?.id ?? '', patch);
  const token = await issueToken(owner);
  const file = await send('/contacts.csv?delimiter=;&sort=-email', token);
  expect(file.headers.get('Content-Disposition')).toContain('contacts.csv');
  // Reading it as text takes the byte order mark off.
  expect((await file.text()).split('\r\n')).toEqual([
    'E-mail;First name;Last name;Phone;Company;Country;Time zone;Further columns',
    'carl@example.net;;;;;;;',
    'bert@example.org;;;;;;;',
    `anna@example.org;;;'+4915112345678;'=1+1;;;"{""notes"":""a \\""b\\""; c""}"`,
    '',
  ]);
  const found = await (await send('/contacts.csv?query=bert', token)).text();
  expect(found.split('\r\n')[1]).toBe('bert@example.org,,,,,,,');
  expect((await send('/contacts.csv', SUPPORT_TOKEN)).status).toBe(404);
  expect((await send('/contacts.csv?delimiter=x', token)).status).toBe(400);
});

/** A store that an earlier release has filled, which took two spellings of one address for two people. */
async function startWithDuplicates() {
  const database = await openPglite('memory');
  onTestFinished(() => database.close());
  await migrate(database, migrations.slice(0, 17));
  const owner = `mira-${uuidv7()}`;
  for (const email of ['info@müller.example', 'info@xn--mller-kva.example', 'ada@xn--mller-kva.example'])
    await database.query(
      `INSERT INTO contacts (id, owner, email, first_name, last_name, phone, company, country, time_zone, attributes, version)
       VALUES (gen_random_uuid(), $1, $2, 'Mia', '', '', '', '', '', '{}', 1)`,
      [owner, email],
    );
  await migrate(database);
  const server = await startApiServer(await startFaultyLog(), { contactStore: createContactStore(database) });
  const token = await server.issueToken(owner);
  return async <Body>(path: string, bearer = token, method = 'GET') => {
    const response = await server.send(path, bearer, { method });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Body, server };
  };
}

// Contacts that were stored twice stayed two for good: imports found one of them, and nobody was told of the other.
test('contacts that are stored twice are listed to their owner, and one of two is left by deleting the other', {
  timeout: 120_000,
}, async () => {
  const ask = await startWithDuplicates();
  const { status, body, server } = await ask<PageOfTwiceStored>('/contacts/duplicates');
  const names = { id: expect.any(String), firstName: 'Mia', lastName: '', changedAt: expect.any(String) };
  expect([status, body]).toEqual([
    200,
    {
      items: [
        {
          email: 'info@müller.example',
          contact: { ...names, writtenEmail: 'info@müller.example' },
          other: { ...names, writtenEmail: 'info@xn--mller-kva.example' },
        },
      ],
      nextCursor: null,
      total: 1,
    },
  ]);
  expect(twiceStoredPageSchema.parse(body)).toEqual(body);
  expect((await ask('/contacts/duplicates', SUPPORT_TOKEN)).status).toBe(404);
  expect((await ask('/contacts/duplicates', await server.issueToken('noor'))).body).toMatchObject({
    items: [],
  });
  expect((await ask('/contacts/duplicates?cursor=nonsense')).status).toBe(400);
  await ask(`/contacts/${body.items[0]?.contact.id}`, undefined, 'DELETE');
  expect((await ask('/contacts/duplicates')).body).toMatchObject({ items: [], total: 0 });
  const left = await ask<Page<Contact>>('/contacts');
  expect(left.body.items).toMatchObject([
    { writtenEmail: 'ada@xn--mller-kva.example', email: 'ada@müller.example' },
    { writtenEmail: 'info@xn--mller-kva.example', email: 'info@müller.example', version: 1 },
  ]);
});

test('an address is shown as it was written, in the list and in the file', async () => {
  const server = await startApiServer(await startFaultyLog(), { contactStore: contactStore() });
  const owner = `mira-${uuidv7()}`;
  const row = { row: 0, email: 'ada@example.org', spelling: 'Ada@Example.org', fields: {}, attributes: {} };
  await contactStore().applyChunk(chunkOf(newImport(owner), 0, [row]));
  const token = await server.issueToken(owner);
  const page = (await (await server.send('/contacts', token)).json()) as Page<Contact>;
  expect(page.items).toMatchObject([{ writtenEmail: 'Ada@Example.org', email: 'ada@example.org' }]);
  expect(await (await server.send('/contacts.csv', token)).text()).toContain('Ada@Example.org,');
});

test('no owner sees the contacts of another, and support has none', async () => {
  const { list, issueToken } = await startServer();
  expect(await list('', await issueToken('noor'))).toMatchObject({ status: 200, emails: [] });
  expect(await list('', SUPPORT_TOKEN)).toMatchObject({ status: 404, page: { code: 'not_found' } });
  expect(await list('', 'nonsense')).toMatchObject({ status: 401, page: { code: 'token_invalid' } });
});

// The contacts page watches no import: it opens a channel by HTTP for its token, and never connects to it.
test('a token of a channel that nobody listens to is enough', async () => {
  const { list, tokens } = await startServer();
  const { owner } = await tokens.verifyOwner(undefined);
  const token = await tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner });
  expect(await list('', token)).toMatchObject({ status: 200, emails: [] });
});

test.each([
  ['?limit=501', 'limit'],
  ['?cursor=x', 'cursor'],
  [`?query=${'x'.repeat(201)}`, 'query'],
])('%s is refused, naming the field', async (query, field) => {
  const { list } = await startServer();
  expect(await list(query)).toMatchObject({ status: 400, page: { code: 'invalid_request', field } });
});
