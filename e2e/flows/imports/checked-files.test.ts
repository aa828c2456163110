/** Between picking a file and importing it a person settles how it is read; the import does exactly what was shown. */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { Page as ListPage } from '@tidings/contracts/http.ts';
import { createChannel, getJson } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import iconv from 'iconv-lite';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { letsAxeIn, openFreshPage } from '../../test/browser.ts';
import { checkFile, columnsOf, pickFile, readAs, untilRead, verdictOf } from '../../test/checked-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';

/** Milliseconds in which an import of a few rows ends on a busy machine. */
const LONG = { timeout: 60_000 };

const [stack, browser] = await startFileStackAndBrowser();
// A failed test may have left the server down.
beforeEach(() => (stack.isRunning() ? undefined : stack.start()));

const openPage = (): Promise<Page> => openFreshPage(browser, stack.url);

async function startAndEnd(page: Page): Promise<void> {
  await page.getByTestId('start-import').click();
  await page.getByTestId('summary').waitFor(LONG);
}

async function contactsOf(domain: string): Promise<Contact[]> {
  const { token } = await createChannel(stack.url);
  const { items } = await getJson<ListPage<Contact>>(`${stack.url}/contacts?query=@${domain}`, token);
  return items;
}

/** The column's list of what it may become. */
const columnNamed = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true });

// A windows-1252 file once ended as contacts with damaged names, and nobody was asked.
test('a file whose encoding is not certain is imported in the reading that the person chooses', async () => {
  const domain = freshName('encoding.example');
  const page = await openPage();
  await checkFile(page, iconv.encode(`email;name\na@${domain};Noč\n`, 'win1250'));
  const question = page.getByTestId('encoding-question');
  await question.waitFor();
  expect(await page.getByTestId('start-import').getAttribute('aria-disabled')).toBe('true');
  await question.getByRole('button', { name: 'Noč' }).first().click();
  await question.waitFor({ state: 'detached' });
  await untilRead(page);
  expect(await page.getByTestId('preview').innerText()).toContain('Noč');
  await startAndEnd(page);
  expect(await contactsOf(domain)).toMatchObject([{ firstName: 'Noč' }]);
});

test('a file without an e-mail column asks for it, and is never a red page', async () => {
  const page = await openPage();
  await checkFile(page, 'Wer,Mailbox\nAda,ada at home\n');
  const question = page.getByTestId('email-question');
  await question.waitFor();
  expect(await page.getByTestId('problem').count()).toBe(0);
  expect(await page.getByTestId('start-import').getAttribute('aria-disabled')).toBe('true');
  expect(await question.locator('option:checked').innerText()).toBe('Mailbox');
  await page.getByTestId('use-email-column').click();
  await question.waitFor({ state: 'detached' });
  await untilRead(page);
  expect(await columnsOf(page)).toContain('Mailbox: E-mail, Your choice');
  expect(await verdictOf(page)).toContain('1 Not a valid e-mail address');
});

test('columns go where the person says, and the same header is read so the next time', async () => {
  const domain = freshName('columns.example');
  const page = await openPage();
  const header = `E-Mail,Wer ${domain},Was`;
  await checkFile(page, `${header}\nada@${domain},Ada,x\n`);
  await columnNamed(page, `Wer ${domain}`).selectOption('First name');
  await untilRead(page);
  await columnNamed(page, 'Was').selectOption('Leave out');
  await untilRead(page);
  const expected = [`Wer ${domain}: First name`, 'Was: Leave out'];
  expect((await columnsOf(page)).slice(1)).toEqual(expected.map((line) => `${line}, Your choice`));
  await startAndEnd(page);
  const [contact] = await contactsOf(domain);
  expect(contact).toMatchObject({ email: `ada@${domain}`, firstName: 'Ada', attributes: {} });

  const next = await openPage();
  await checkFile(next, `${header}\nbob@${domain},Bob,y\n`);
  expect((await columnsOf(next)).slice(1)).toEqual(expected.map((line) => `${line}, As last time`));
});

// Such rows once came back although an address stood in them.
test('a further e-mail column is shown as one that counts where the first is blank, until it is left out', async () => {
  const domain = freshName('further.example');
  const page = await openPage();
  await checkFile(page, `E-Mail,E-Mail Vater,Name\na@${domain},x@${domain},Ada\n,b@${domain},Bob\n`);
  const further = page.getByTestId('column').nth(1);
  expect(await further.innerText()).toContain('Where the e-mail address of a row is blank, this one counts.');
  expect(await verdictOf(page)).toContain('2 rows. All are fine.');
  await columnNamed(page, 'E-Mail Vater').selectOption('Leave out');
  await eventually(async () => expect(await verdictOf(page)).toContain('1 E-mail address missing'));
  expect(await further.innerText()).not.toContain('this one counts');
  await columnNamed(page, 'E-Mail Vater').selectOption('Keep as extra');
  await untilRead(page);
  expect(await verdictOf(page)).toContain('1 E-mail address missing');

  const next = await openPage();
  await checkFile(next, `E-Mail,E-Mail Vater,Name\na@${domain},x@${domain},Ada\n,b@${domain},Bob\n`);
  await startAndEnd(next);
  const contacts = (await contactsOf(domain)).map(({ email, attributes }) => [
    email,
    attributes['e-mail vater'],
  ]);
  expect(contacts.toSorted()).toEqual([
    [`a@${domain}`, `x@${domain}`],
    [`b@${domain}`, undefined],
  ]);
});

test('a file that was saved in the wrong encoding is told before it is imported, and imported as it stands', async () => {
  const domain = freshName('encoded-twice.example');
  const page = await openPage();
  await checkFile(page, `email,first name\na@${domain},JÃ¶rg\n`);
  const notice = await page.getByTestId('notice-encoded_twice').innerText();
  expect(notice).toContain('the first on line 2: “JÃ¶rg” seems to be “Jörg”');
  expect(notice).toContain('export the file from its source again, as UTF-8');
  await startAndEnd(page);
  expect(await contactsOf(domain)).toMatchObject([{ firstName: 'JÃ¶rg' }]);
});

test('another delimiter, and another line of the header, are read at once', async () => {
  const page = await openPage();
  await checkFile(page, 'Kunden 2026;;\nE-Mail;Name;x,y\nada@example.org;Ada;1,2\n');
  expect(await readAs(page, 'header-line')).toBe('2');
  await page.getByTestId('header-line').selectOption('3');
  await eventually(async () => expect(await columnsOf(page)).toHaveLength(3));
  await untilRead(page);
  expect((await columnsOf(page))[0]).toMatch(/^ada@example\.org: /);
  await page.getByTestId('delimiter').selectOption(',');
  await untilRead(page);
  expect((await columnsOf(page)).length).toBe(2);
});

test('phone numbers without a country ask for one, and a file without a header is shown as one', async () => {
  const domain = freshName('phones.example');
  const page = await openPage();
  await checkFile(page, `a@${domain};0151 23456789\nb@${domain};0151 23456780\n`);
  expect(await readAs(page, 'header-line')).toBe('0');
  await page.getByTestId('header-question').waitFor();
  await page.getByRole('combobox', { name: 'column 2' }).selectOption('Phone');
  await page.getByTestId('country-question').waitFor();
  expect(await verdictOf(page)).toContain('2 Phone number without a country');
  await page.getByTestId('default-country').selectOption('Germany');
  await page.getByTestId('country-question').waitFor({ state: 'detached' });
  await untilRead(page);
  expect(await verdictOf(page)).toContain('2 rows. All are fine.');
  await startAndEnd(page);
  const phones = (await contactsOf(domain)).map(({ phone }) => phone);
  expect(phones.toSorted()).toEqual(['+4915123456780', '+4915123456789']);
});

test('a row with a phone number that cannot be read is imported without it where the person wants that', async () => {
  const page = await openPage();
  await checkFile(page, 'email,phone\na@example.org,+49 1\nb@example.org,\n');
  expect(await verdictOf(page)).toContain('1 is fine, 1 would come back to you: 1 Not a valid phone number');
  await page.getByRole('checkbox').check();
  await eventually(async () =>
    expect(await verdictOf(page)).toContain(
      'All are fine. Imported without these values: 1 Not a valid phone number',
    ),
  );
  await page.locator('summary').click();
  expect(await page.getByTestId('first-rows').innerText()).toContain('Not a valid phone number');
});

test('a file of rejected rows is known as such', async () => {
  const page = await openPage();
  await checkFile(page, 'email,name,_line,_code,_reason\na@example.org,Ada,7,email_invalid,x\n');
  await page.getByTestId('mends-note').waitFor();
});

test('by keyboard alone: a file is picked, its column is chosen, and it is imported', async () => {
  const domain = freshName('keyboard.example');
  const page = await openPage();
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute('data-testid') || document.activeElement?.id);
  const tabTo = async (wanted: string): Promise<void> => {
    for (let presses = 0; presses < 30 && (await focused()) !== wanted; presses += 1)
      await page.keyboard.press('Tab');
    expect(await focused()).toBe(wanted);
  };
  await page.getByTestId('drop-zone').waitFor();
  await tabTo('file-input');
  const chosen = page.waitForEvent('filechooser');
  await page.keyboard.press('Space');
  const chooser = await chosen.catch(async (error) => {
    throw new Error(`nothing opens; the focus is on ${await focused()}`, { cause: error });
  });
  const buffer = Buffer.from(`E-Mail,Stadt\nada@${domain},Rom\n`);
  await chooser.setFiles({ name: 'keyboard.csv', mimeType: 'text/csv', buffer });
  await untilRead(page);
  expect(await focused()).toBe('check-title');
  await page.getByTestId('announcer').getByText('1 row.').waitFor({ state: 'attached' });
  await tabTo('column-1');
  await page.keyboard.press('End');
  await eventually(async () => expect(await columnsOf(page)).toContain('Stadt: Leave out, Your choice'));
  await untilRead(page);
  expect(await focused()).toBe('column-1');
  for (let presses = 0; presses < 30 && (await focused()) !== 'start-import'; presses += 1)
    await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByTestId('summary').waitFor(LONG);
  expect(await contactsOf(domain)).toMatchObject([{ email: `ada@${domain}`, attributes: {} }]);
});

test('the chooser of another file opens from the check', async () => {
  const page = await openPage();
  await checkFile(page, 'email\na@example.org\n', 'first.csv');
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByText('Choose another file').click(),
  ]);
  await chooser.setFiles({
    name: 'second.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('email\nb@example.org\n'),
  });
  await page.getByRole('heading', { name: 'second.csv' }).waitFor();
});

// A picked file was once lost where the server could not be reached.
test('a server that is away keeps the file: the page says so, asks again by itself, and goes on', async () => {
  const page = await openPage();
  await page.waitForLoadState('networkidle');
  await stack.kill();
  await pickFile(page, 'email\na@example.org\n', 'kept.csv');
  await page.getByTestId('check-waits').waitFor();
  expect(await page.getByTestId('check-waits').innerText()).toContain('still on this device');
  await page.getByRole('heading', { name: 'kept.csv' }).waitFor();
  await stack.start();
  await page.getByTestId('start-import').waitFor(LONG);
  await eventually(async () => expect(await page.getByTestId('check-waits').count()).toBe(0));
  expect(await verdictOf(page)).toContain('1 row. It is fine.');
});

describe('the check fits and reads', () => {
  const columns = Array.from({ length: 121 }, (_, index) => `Feld ${index}`);
  const wide = `email,phone,${columns.join(',')}\na@example.org,0151 234567,${columns.map(() => 'x').join(',')}\nb,,\n`;

  test.each([
    { width: 320, colorScheme: 'light' },
    { width: 768, colorScheme: 'dark' },
    { width: 1440, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark', forcedColors: 'active' },
  ] as const)('at $width px in $colorScheme, with 123 columns', async ({ width, ...look }) => {
    const options = { ...letsAxeIn, viewport: { width, height: 800 }, ...look };
    const page = await openFreshPage(browser, stack.url, options);
    await checkFile(page, wide);
    await page.locator('summary').click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await page.getByTestId('column').count()).toBe(123);
    expect(await seriousViolations(page)).toEqual([]);
    const isEdgeShown = () => page.locator('.edge.has-more').count();
    expect(await isEdgeShown()).toBe(1);
    await page
      .locator('.first-rows .scroller')
      .evaluate((scroller) => scroller.scrollTo(scroller.scrollWidth, 0));
    await eventually(async () => expect(await isEdgeShown()).toBe(0));
  });
});
