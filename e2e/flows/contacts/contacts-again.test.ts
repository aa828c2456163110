/** `contacts.csv` is dropped again. */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { Page } from '@tidings/contracts/http.ts';
import { acceptImport, getJson, untilEnded } from '@tidings/testing/connections/requests.ts';
import { expect, test } from 'vitest';
import { startFileStack } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';

const stack = await startFileStack();

async function importFile(file: string) {
  const { importId, channelToken: token } = await acceptImport(stack.url, { file });
  return { importId, token, ended: await untilEnded(stack.url, importId, token) };
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

// Names came back with apostrophes in front, and each contact got all its further columns as one more attribute.
test.each([',', ';'])('contacts.csv with “%s” between its cells changes nothing', async (delimiter) => {
  const domain = freshName('again.example');
  const names = ['=1+1', '0301', '491711234567', "'=A1", '3.10', 'a,=b', 'Ada "Countess"', 'a\nb', '+44'];
  const rows = names.map((name, index) =>
    [`p${index}@${domain}`, quoted(name), '+4930901820', 'DE', quoted(name)].join(','),
  );
  const { importId, token } = await importFile(`email,first name,phone,country,note\n${rows.join('\n')}\n`);
  const contacts = () => getJson<Page<Contact>>(`${stack.url}/contacts?query=${domain}`, token);
  const before = await contacts();
  expect(before.items.map(({ firstName }) => firstName)).toEqual(names);

  const headers = { Authorization: `Bearer ${token}` };
  const query = new URLSearchParams({ import: importId, delimiter });
  const file = await (await fetch(`${stack.url}/contacts.csv?${query}`, { headers })).text();
  const { ended } = await importFile(file);
  expect(ended.rows).toMatchObject({ total: names.length, unchanged: names.length });
  expect(await contacts()).toEqual(before);

  const changed = await importFile(file.replace("'0301", "'0302"));
  expect(changed.ended.rows).toMatchObject({ unchanged: names.length - 1, updated: 1 });
  expect((await contacts()).items[1]).toMatchObject({ firstName: '0302', attributes: { note: '0301' } });
});
