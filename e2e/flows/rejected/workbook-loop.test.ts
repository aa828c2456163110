/** A person who works in Excel: picks a workbook, gets the rejected rows as one, mends them there, and drops it again. */
import { open } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { Page as ListPage } from '@tidings/contracts/http.ts';
import { createChannel, getJson } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { Workbook } from '@tidings/workbook/open-workbook.ts';
import { writeWorkbook } from '@tidings/workbook/write-workbook.ts';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFreshPage } from '../../test/browser.ts';
import { checkFile } from '../../test/checked-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';

/** Milliseconds for what takes a whole import. */
const LONG = { timeout: 90_000 };

const [stack, browser] = await startFileStackAndBrowser();

type Rows = readonly (readonly string[])[];

/** A workbook of texts, as a spreadsheet saves them. */
function save([header = [], ...rows]: Rows): Promise<Buffer> {
  const written = rows.map((cells) => ({ cells, faults: new Map<number, string>() }));
  const each = async function* () {
    yield written;
  };
  return buffer(writeWorkbook({ sheet: 'Visitors', header, rows: each() }));
}

async function read(path: string): Promise<string[][]> {
  const file = await open(path);
  try {
    const workbook = await Workbook.open(file);
    const [sheet] = workbook?.sheets ?? [];
    if (workbook === null || sheet === undefined) throw new Error('it is no workbook');
    const found: string[][] = [];
    for await (const rows of workbook.rows(sheet)) found.push(...rows.map(({ cells }) => [...cells]));
    return found;
  } finally {
    await file.close();
  }
}

async function importChecked(page: Page): Promise<string> {
  await page.getByTestId('start-import').click();
  await page.getByTestId('summary').waitFor(LONG);
  return page.getByRole('heading', { level: 1 }).innerText();
}

async function saveRejected(page: Page): Promise<{ name: string; path: string }> {
  const [download] = await Promise.all([
    page.waitForEvent('download', LONG),
    page.getByTestId('download-workbook').click(),
  ]);
  return { name: download.suggestedFilename(), path: await download.path() };
}

test('a workbook is checked and imported, its rejected rows come back as one, and mended ones touch only themselves', async () => {
  const domain = freshName('workbook.example');
  const name = freshName('visitors.xlsx');
  const header = ['E-mail', 'First name', 'Phone', 'Country', 'Code'];
  const page = await openFreshPage(browser, stack.url);
  const sheet = await save([
    header,
    [`one@${domain}`, 'Ada', '+49 30 901820', 'DE', '007'],
    [`two at ${domain}`, '=1+1', '030 901821', 'Germany', '-5'],
    [`three@${domain}`, 'Zoë', '', 'Atlantis', '1e5'],
  ]);
  await checkFile(page, sheet, name);
  expect(await page.getByTestId('preview').innerText()).toContain('Visitors');
  expect(await importChecked(page)).toBe('1 contact added. 2 rows need you.');

  const rejected = await saveRejected(page);
  expect(rejected.name).toBe(name.replace('.xlsx', '-rejected.xlsx'));
  const [names = [], ...rows] = await read(rejected.path);
  expect(names).toEqual([...header, '_line', '_code', '_reason']);
  expect(rows.map((cells) => cells.slice(0, 7))).toEqual([
    [`two at ${domain}`, '=1+1', '030 901821', 'Germany', '-5', '3', 'email_invalid'],
    [`three@${domain}`, 'Zoë', '', 'Atlantis', '1e5', '4', 'country_unknown'],
  ]);

  const mended = rows.map((cells) =>
    cells.map((cell) => cell.replace('two at ', 'two@').replace('Atlantis', 'France')),
  );
  await page.getByRole('link', { name: 'Import another file' }).click();
  await checkFile(page, await save([names, ...mended]), rejected.name);
  // The mended workbook became an import that mended nothing, and the first import went on saying that rows need somebody.
  const mends = page.getByTestId('mends');
  await eventually(async () =>
    expect(await mends.locator('option:checked').innerText()).toContain('2 to fix'),
  );
  await page.getByText('Its rows among those looked at: 2').waitFor();
  expect(await importChecked(page)).toBe('2 contacts added.');
  await page.getByRole('link', { name: 'Import another file' }).click();
  await page.getByRole('list', { name: 'Imports of mended rows' }).getByText(rejected.name).waitFor(LONG);
  const { token } = await createChannel(stack.url);
  const { items } = await getJson<ListPage<Contact>>(`${stack.url}/contacts?query=@${domain}`, token);
  expect(items.map(({ email, firstName, phone, country }) => [email, firstName, phone, country])).toEqual([
    [`one@${domain}`, 'Ada', '+4930901820', 'DE'],
    [`three@${domain}`, 'Zoë', '', 'FR'],
    [`two@${domain}`, '=1+1', '+4930901821', 'DE'],
  ]);
  expect(items.map(({ attributes }) => attributes.code)).toEqual(['007', '1e5', '-5']);
});

test('the rejected rows come in the language that the page shows, whatever the browser prefers, and mend all the same', async () => {
  const domain = freshName('sprache.example');
  const name = freshName('besucher.xlsx');
  const page = await openFreshPage(browser, stack.url, { locale: 'es' });
  await page.locator('.language select').selectOption('de');
  await page.getByRole('heading', { name: 'Kontakte importieren' }).waitFor();
  await checkFile(page, `E-mail,Phone\nzwei at ${domain},+4930901821\n`, name.replace('.xlsx', '.csv'));
  await importChecked(page);
  const { path } = await saveRejected(page);
  const [names = [], row = []] = await read(path);
  expect(row.slice(3)).toEqual(['email_invalid', 'Die E-Mail-Adresse ist nicht gültig.']);
  await page.goto(stack.url);
  const mended = row.map((cell) => cell.replace('zwei at ', 'zwei@'));
  await checkFile(page, await save([names, mended]), name.replace('.xlsx', '-rejected.xlsx'));
  await page.getByTestId('mends').waitFor();
  expect(await importChecked(page)).toBe('1 Kontakt angelegt.');
});

test('rejected rows that the server does not give as a file say so beside the buttons, and can be had after that', async () => {
  const page = await openFreshPage(browser, stack.url);
  await checkFile(page, 'email\nnobody\n', freshName('refused.csv'));
  await importChecked(page);
  await page.route('**/rejected.xlsx*', (route) => route.abort());
  await page.getByTestId('download-workbook').click();
  await page.getByTestId('to-fix').getByRole('alert').waitFor(LONG);
  await page.unroute('**/rejected.xlsx*');
  await saveRejected(page);
  expect(await page.getByTestId('to-fix').getByRole('alert').count()).toBe(0);
});
