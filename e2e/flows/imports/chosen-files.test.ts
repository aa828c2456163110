/** The page says how it understands a file when a person picks it: nothing is imported before, and what no server need see is refused at once. */
import { readCaseFile, readCases } from '@tidings/all-in-one/test/everyday-files/cases.ts';
import iconv from 'iconv-lite';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkFile, columnsOf, pickFile, readAs, verdictOf } from '../../test/checked-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';

const [stack, browser] = await startFileStackAndBrowser();
let page: Page;
/** What the page has sent of files. The list of earlier imports, which asks for a channel, has nothing to do with them. */
let posts: string[];
beforeEach(async () => {
  const context = await browser.newContext();
  page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  posts = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() === 'POST' && pathname !== '/channels') posts.push(pathname);
  });
  await page.goto(stack.url);
  return () => context.close();
});

describe('a file that no choice mends', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /PNG/],
    ['an address book', 'BEGIN:VCARD\nVERSION:3.0\n', /vCard/],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /Excel workbook.*Save as/],
    ['nothing', '', /empty/],
  ])('is refused at once, in words, and nothing is sent: %s', async (_what, content, words) => {
    await pickFile(page, content);
    const said = page.getByTestId('problem').getByRole('alert');
    await said.waitFor();
    expect(await said.innerText()).toMatch(words);
    expect(await page.getByTestId('start-import').count()).toBe(0);
    expect(posts).toEqual([]);
  });
});

const excel = 'E-Mail;Vorname;Nachname\r\njuergen@example.org;Jürgen;Größer\r\n';

test.each<[string, Buffer, string, string]>([
  ['windows-1252, as Excel writes it', Buffer.from(excel, 'latin1'), 'windows-1252', 'Größer'],
  ['UTF-16', Buffer.from(`\uFEFF${excel}`, 'utf16le'), 'utf-16le', 'Größer'],
  ['UTF-8', Buffer.from(`\uFEFF${excel}`), 'utf-8', 'Größer'],
  [
    'windows-1251',
    iconv.encode(
      'email;Ім’я;Місто\na@example.org;Оленка Бондаренко;Київ\nb@example.org;Сергій;Харків\n',
      'win1251',
    ),
    'windows-1251',
    'Оленка',
  ],
])('a file in %s is shown with its letters', async (_what, bytes, encoding, shown) => {
  await checkFile(page, bytes);
  expect(await readAs(page, 'encoding')).toBe(encoding);
  expect(await page.getByTestId('preview').innerText()).toContain(shown);
  expect(await page.getByTestId('problem').count()).toBe(0);
  expect(posts).toEqual(['/imports/preview']);
});

interface Expected {
  readonly delimiter?: string;
  readonly header?: string;
  /** Lines that the list of columns has. */
  readonly columns: readonly string[];
  readonly verdict: string;
}

const fine = '1 row. It is fine.';

/** By the ids of the everyday files. */
const everyday: Readonly<Record<string, Expected>> = {
  h11: {
    columns: ['Name: Full name, Recognised', 'Email ID: E-mail, Recognised', 'Mobile No.: Phone, Recognised'],
    verdict: fine,
  },
  d08: {
    delimiter: ';',
    columns: ['Name, Vorname: Full name, family name first, Recognised', 'E-Mail: E-mail, Recognised'],
    verdict: '2 rows. All are fine.',
  },
  r06: { delimiter: ';', header: '2', columns: ['email: E-mail, Recognised'], verdict: fine },
  h03: {
    columns: [
      'Email: E-mail, Recognised',
      'Phone: Phone, Recognised',
      'Mobile: Keep as extra, Kept as extra',
    ],
    verdict: fine,
  },
  l01: { columns: ['E-mail 1 - Value: E-mail, Recognised'], verdict: fine },
  l04: { columns: ['E-Mail-Adresse: E-mail, Recognised', 'Firma: Company, Recognised'], verdict: fine },
  l06: {
    columns: ['Адреса ел. пошти: E-mail, Recognised', 'Організація: Company, Recognised'],
    verdict: fine,
  },
  l08: { columns: ['电子邮件地址: E-mail, Recognised', '单位: Company, Recognised'], verdict: fine },
  l13: {
    delimiter: ';',
    columns: ['EMAIL: E-mail, Recognised', 'SMS: Phone, with country code, Recognised'],
    verdict: fine,
  },
  l26: { delimiter: ';', columns: ['Компанія: Company, Recognised'], verdict: fine },
  b06: { delimiter: ';', columns: [], verdict: '2 rows. All are fine.' },
  b14: { columns: [], verdict: '1 is fine, 1 would come back to you: 1 Holds a NUL byte' },
  p29: { columns: [], verdict: '1 row. It would come back to you: 1 Phone number without a country' },
  e26: { columns: [], verdict: '1 row. It would come back to you: 1 Not a valid e-mail address' },
  r09: { columns: [], verdict: 'The file has column names, and no rows.' },
};

test.each(Object.entries(everyday))('the everyday file %s is understood', async (id, expected) => {
  const found = readCases().find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no everyday file ${id}`);
  await checkFile(page, readCaseFile(found), found.file);
  const columns = await columnsOf(page);
  expect(columns).toEqual(expect.arrayContaining([...expected.columns]));
  expect(await verdictOf(page)).toContain(expected.verdict);
  if (expected.delimiter !== undefined) expect(await readAs(page, 'delimiter')).toBe(expected.delimiter);
  if (expected.header !== undefined) expect(await readAs(page, 'header-line')).toBe(expected.header);
});
