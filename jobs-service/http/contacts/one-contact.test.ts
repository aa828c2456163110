/** One contact: `GET`, `PATCH` and `DELETE /contacts/{id}`. */
import { startReferenceData } from '@tidings/reference-data/app.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';
import { addContacts } from '../../test/contact-store.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';

const contactStore = shareContactStore();

async function startServer({ withCountries = false } = {}) {
  const faulty = await startFaultyLog();
  if (withCountries) {
    const referenceData = await startReferenceData({ log: faulty.log, logger: silentLogger });
    onTestFinished(() => referenceData.stop());
  }
  const server = await startApiServer(faulty, { contactStore: contactStore() });
  const owner = `mira-${uuidv7()}`;
  const [contact] = await addContacts(contactStore(), owner, 'anna@example.org');
  const path = `/contacts/${contact?.id}`;
  const token = await server.issueToken(owner);
  const ask = async (method: string, bearer: string | undefined = token, body?: unknown, at = path) => {
    const init =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
    const response = await server.send(at, bearer, { method, ...init });
    const text = await response.text();
    return [response.status, text === '' ? null : JSON.parse(text)];
  };
  const patchVersion = (match: string, body: unknown) =>
    server.send(path, token, {
      method: 'PATCH',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'If-Match': match },
    });
  return { ...server, contact, ask, patchVersion };
}

test('the owner reads a contact', async () => {
  const { ask, contact } = await startServer();
  expect(await ask('GET')).toEqual([200, contact]);
});

test('a patch changes what it names, and raises the version', async () => {
  const { ask, contact } = await startServer();
  const patch = { firstName: 'Anna', attributes: { Notes: 'x' } };
  const changedAt = expect.any(String);
  const changed = {
    ...contact,
    firstName: 'Anna',
    attributes: { notes: 'x' },
    version: 2,
    changedAt,
    changedByImport: null,
  };
  expect(await ask('PATCH', undefined, patch)).toEqual([200, changed]);
  expect(await ask('GET')).toEqual([200, changed]);
  const emptied = { firstName: '', attributes: { notes: null } };
  expect(await ask('PATCH', undefined, emptied)).toEqual([
    200,
    { ...contact, version: 3, changedAt, changedByImport: null },
  ]);
});

// The dialog refused what an import accepts, and a new country left the time zone of the old one.
test('a patch has the newlines of FileMaker as newlines, as an import has them, and refuses other control characters', async () => {
  const { ask } = await startServer();
  const changed = await ask('PATCH', undefined, { company: ' A\vB\f', attributes: { 'a\vb': 'c\vd\te' } });
  expect(changed).toMatchObject([200, { company: 'A\nB', attributes: { 'a\nb': 'c\nd\te' } }]);
  for (const control of ['\x1b', '\x7f', '\u0092'])
    expect(await ask('PATCH', undefined, { firstName: `O${control}B` })).toMatchObject([
      400,
      { code: 'invalid_request', field: 'firstName' },
    ]);
});

test('a patch reads phone numbers and countries as an import does, and the time zone follows the country', async () => {
  const { ask } = await startServer({ withCountries: true });
  const after = async (patch: object) => (await ask('PATCH', undefined, patch))[1];
  expect(await after({ country: 'Deutschland', phone: '0151 123 45 678' })).toMatchObject({
    ...{ country: 'DE', phone: '+4915112345678', timeZone: 'Europe/Berlin' },
  });
  expect(await after({ country: 'fr' })).toMatchObject({ country: 'FR', timeZone: 'Europe/Paris' });
  expect(await after({ phone: '06 12 34 56 78' })).toMatchObject({ phone: '+33612345678' });
  expect(await after({ country: 'DE', timeZone: 'Asia/Tokyo' })).toMatchObject({ timeZone: 'Asia/Tokyo' });
  expect(await after({ country: 'de' })).toMatchObject({ timeZone: 'Asia/Tokyo' });
  expect(await after({ country: '', phone: '' })).toMatchObject({ country: '', phone: '', timeZone: '' });
});

test('a value that is refused is told with the code of an import', async () => {
  const { ask } = await startServer();
  expect(await ask('PATCH', undefined, { phone: '12' })).toMatchObject([
    400,
    { reason: 'phone_country_unknown' },
  ]);
  expect(await ask('PATCH', undefined, { country: 'Nowhere' })).toMatchObject([
    400,
    { reason: 'country_unknown' },
  ]);
});

// Of two tabs, the last one to save won, and nobody learned of it.
test('a patch of a version that is not the contact’s any more is refused, and changes nothing', async () => {
  const { ask, patchVersion } = await startServer();
  const first = await patchVersion('"1"', { firstName: 'Anna' });
  expect([first.status, first.headers.get('ETag')]).toEqual([200, '"2"']);
  const stale = await patchVersion('"1"', { firstName: 'Bert' });
  expect([stale.status, await stale.json()]).toMatchObject([
    412,
    { code: 'precondition_failed', field: 'If-Match' },
  ]);
  expect((await patchVersion('first', {})).status).toBe(400);
  expect((await patchVersion('*', { lastName: 'Meyer' })).status).toBe(200);
  expect(await ask('GET')).toMatchObject([200, { firstName: 'Anna', lastName: 'Meyer', version: 3 }]);
});

// Whoever opened a contact and saved it as it was kept it from the undo of its import.
test('a patch that changes nothing is no edit', async () => {
  const { ask, contact } = await startServer();
  for (const patch of [{}, { firstName: contact?.firstName }, { attributes: { unknown: null } }])
    expect(await ask('PATCH', undefined, patch)).toEqual([200, contact]);
});

test('an erased contact does not exist any more', async () => {
  const { ask } = await startServer();
  expect(await ask('DELETE')).toEqual([204, null]);
  for (const method of ['GET', 'PATCH', 'DELETE'])
    expect(await ask(method, undefined, method === 'PATCH' ? {} : undefined)).toMatchObject([
      404,
      { code: 'not_found' },
    ]);
});

test.each([
  [{ email: 'other@example.org' }, 'email'],
  [{ phone: '0171 1234567' }, 'phone'],
  [{ phone: 'call me' }, 'phone'],
  [{ country: 'Nowhere' }, 'country'],
  [{ timeZone: 'Berlin' }, 'timeZone'],
  [{ firstName: 5 }, 'firstName'],
  [{ attributes: { notes: 'x'.repeat(10_001) } }, 'attributes.notes'],
])('a patch that does not fit is refused, naming the field: case %#', async (patch, field) => {
  const { ask, contact } = await startServer();
  const [status, problem] = await ask('PATCH', undefined, patch);
  expect([status, problem.code, problem.field]).toEqual([400, 'invalid_request', field]);
  expect(await ask('GET')).toEqual([200, contact]);
});

test('a patch that would make the contact too large is refused, and names the attributes', async () => {
  const { ask } = await startServer();
  const attributesFrom = (first: number, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`notes ${first + index}`, 'x'.repeat(10_000)]),
    );
  expect((await ask('PATCH', undefined, { attributes: attributesFrom(0, 25) }))[0]).toBe(200);
  expect(
    await ask('PATCH', undefined, { firstName: 'Anna', attributes: attributesFrom(25, 2) }),
  ).toMatchObject([400, { code: 'invalid_request', field: 'attributes' }]);
});

test('a contact exists for the tokens of its owner alone', async () => {
  const { ask, contact, issueToken } = await startServer();
  const other = await issueToken('noor');
  for (const method of ['GET', 'PATCH', 'DELETE']) {
    const body = method === 'PATCH' ? { firstName: 'x' } : undefined;
    expect(await ask(method, other, body)).toMatchObject([404, { code: 'not_found' }]);
    expect(await ask(method, SUPPORT_TOKEN, body)).toMatchObject([404, { code: 'not_found' }]);
    expect(await ask(method, 'nonsense', body)).toMatchObject([401, { code: 'token_invalid' }]);
  }
  expect(await ask('GET')).toEqual([200, contact]);
});

test('a malformed id and the id of no contact get the same answer', async () => {
  const { ask } = await startServer();
  const [malformed, unknown] = [
    await ask('GET', undefined, undefined, '/contacts/x'),
    await ask('GET', undefined, undefined, `/contacts/${uuidv7()}`),
  ];
  expect(malformed).toEqual(unknown);
  expect(malformed).toMatchObject([404, { code: 'not_found' }]);
});
