/** The dialog of a contact, by keyboard: what is wrong is said at its field, and no change is lost by a key. */

import { eventually } from '@tidings/testing/eventually.ts';
import type { Locator, Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { openFreshPage } from '../../test/browser.ts';
import { importFile, importPersons, openContacts } from '../../test/contacts-page.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';

const [stack, browser] = await startFileStackAndBrowser();
/** Of the test's own eleven persons. */
let domain: string;

beforeEach(async () => {
  domain = freshName('dialog.example');
  await importPersons(stack.url, 11, domain);
});

const hasFocus = (element: Locator) => element.evaluate((node) => node === document.activeElement);

/** Opens the contact's dialog by the keyboard. */
async function openDialog(page: Page, email: string): Promise<Locator> {
  await page.getByTestId('contacts-search').fill(email);
  await eventually(async () => expect(await page.getByTestId('contact-row').count()).toBe(1));
  await page.getByRole('button', { name: `Edit ${email}` }).press('Enter');
  const dialog = page.getByTestId('contact-dialog');
  await dialog.waitFor();
  return dialog;
}

/** What a screen reader says of a field besides its label and its text. */
const description = (field: Locator) =>
  field.evaluate((input) => ({
    invalid: input.getAttribute('aria-invalid'),
    description: document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent ?? null,
  }));

test('what the server does not take is said at its field, which gets the focus, until the field is changed', async () => {
  const page = await openContacts(browser, stack.url);
  const dialog = await openDialog(page, `person.1@${domain}`);
  const [phone, country, timeZone] = ['Phone', 'Country', 'Time zone'].map((name) => dialog.getByLabel(name));
  if (phone === undefined || country === undefined || timeZone === undefined)
    throw new Error('no such field');
  expect(await description(phone)).toEqual({ invalid: null, description: null });

  await phone.fill('12');
  await country.selectOption({ label: 'Germany' });
  await phone.press('Enter');
  await dialog.getByText('number with its country code').waitFor();
  expect(await description(phone)).toEqual({
    invalid: 'true',
    description: expect.stringContaining('Write the number with its country code'),
  });
  expect(await dialog.getByTestId('field-error').getAttribute('role')).toBe('alert');
  expect(await dialog.getByTestId('problem').count(), 'nothing is said far from the field').toBe(0);
  expect(await hasFocus(phone)).toBe(true);
  expect(await dialog.getByTestId('field-error').count()).toBe(1);

  // The dialog once refused what an import accepts.

  await phone.fill('0151 12345678');
  await timeZone.fill('Berlin');
  await timeZone.press('Enter');
  await dialog.getByText('name of the time zone').waitFor();
  await timeZone.fill('Europe/Berlin');
  await timeZone.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  expect(await page.getByTestId('contact-row').innerText()).toMatch(/\+4915112345678.*DE/s);
  expect(await page.getByTestId('announcer').innerText()).toBe('The contact was saved.');
  expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toBe(`Edit person.1@${domain}`);
});

test('Escape and “Close” ask before they discard changes, and Escape keeps them', async () => {
  const page = await openContacts(browser, stack.url);
  const dialog = await openDialog(page, `person.2@${domain}`);
  const [company, question] = [dialog.getByLabel('Company'), page.getByTestId('discard-question')];
  await company.fill('Nordwind');
  await company.press('Escape');
  await question.waitFor();
  expect(await hasFocus(question), 'the question is read out').toBe(true);
  expect(await question.innerText()).toContain('Discard your changes?');
  // Pressed twice, as people do.
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  expect(await company.inputValue()).toBe('Nordwind');
  expect(await hasFocus(company)).toBe(true);

  const closer = dialog.getByRole('button', { name: 'Close' });
  await closer.press('Enter');
  await page.getByRole('button', { name: 'Keep editing' }).press('Enter');
  await question.waitFor({ state: 'detached' });
  expect(await hasFocus(closer)).toBe(true);

  await closer.press('Enter');
  await page.getByRole('button', { name: 'Discard them' }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toBe(`Edit person.2@${domain}`);
  expect(await page.getByTestId('contact-row').innerText()).not.toContain('Nordwind');
});

test('a dialog without changes is closed by Escape at once', async () => {
  const page = await openContacts(browser, stack.url);
  const dialog = await openDialog(page, `person.3@${domain}`);
  await dialog.getByLabel('Company').press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('while the server has not answered, closing says that the changes may be saved or not', async () => {
  const page = await openContacts(browser, stack.url);
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route('**/contacts/*', async (route) => {
    if (route.request().method() === 'PATCH') await held;
    await route.continue();
  });
  const dialog = await openDialog(page, `person.4@${domain}`);
  await dialog.getByLabel('Company').fill('Südwind');
  await dialog.getByLabel('Company').press('Enter');
  await dialog.getByRole('button', { name: 'Saving…' }).waitFor();
  await page.keyboard.press('Escape');
  const question = page.getByTestId('discard-question');
  await question.waitFor();
  expect(await question.innerText()).toContain('Your changes may be saved, or not.');
  await page.getByRole('button', { name: 'Wait for the answer' }).press('Enter');
  letGo();
  await dialog.waitFor({ state: 'detached' });
  expect(await page.getByTestId('contact-row').innerText()).toContain('Südwind');
});

test('changes to a contact that another tab has deleted are not thrown away without a word', async () => {
  const page = await openContacts(browser, stack.url);
  const dialog = await openDialog(page, `person.6@${domain}`);
  const other = await openContacts(browser, stack.url);
  await openDialog(other, `person.6@${domain}`);
  await other.getByRole('button', { name: 'Delete' }).press('Enter');
  await other.getByTestId('contact-dialog').waitFor({ state: 'detached' });
  // The other tab leaves the page: the deletion is sent then, and not ten seconds later.
  const sent = other.waitForRequest((request) => request.method() === 'DELETE');
  await Promise.all([sent, other.getByRole('link', { name: 'Import' }).first().click()]);
  await dialog.getByLabel('Company').fill('Westwind');
  await dialog.getByLabel('Company').press('Enter');
  await dialog.getByTestId('problem').waitFor();
  expect(await dialog.getByTestId('problem').innerText()).toBe(
    'This contact is not there any more. It was deleted since this list was loaded. Your changes cannot be saved.',
  );
  expect(await dialog.getByLabel('Company').inputValue()).toBe('Westwind');
  // The list went on to show it, and to open it.
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Discard them' }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await eventually(async () => expect(await page.getByTestId('contact-row').count()).toBe(0));
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
});

test('the deletion of a contact is announced last, not the number of contacts that are left', async () => {
  const page = await openContacts(browser, stack.url);
  await page.getByTestId('contacts-search').fill(`@${domain}`);
  await page.getByTestId('announcer').getByText('11 contacts shown').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: `Edit person.5@${domain}` }).click();
  await page.getByRole('button', { name: 'Delete' }).press('Enter');
  await page.getByTestId('contact-dialog').waitFor({ state: 'detached' });
  // The focus once fell to the body with the row whose button had it.
  await eventually(async () =>
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toMatch(/^Edit person\./),
  );
  expect(await page.getByTestId('contact-row').count()).toBe(10);
  expect(await page.getByTestId('announcer').innerText()).toBe(
    'The contact was deleted. Control+Z brings it back.',
  );
  // Until it is sent, it can be taken back.
  await page.getByTestId('undo-deletion').press('Enter');
  await eventually(async () => expect(await page.getByTestId('contact-row').count()).toBe(11));
  expect(await page.getByTestId('announcer').innerText()).toBe('The contact is kept.');
  await eventually(async () =>
    expect(await page.evaluate(() => document.activeElement?.ariaLabel), 'its own row').toMatch(
      /^Edit person\./,
    ),
  );
  // The list of before was inert as a whole, so that the button of the heading lost the focus.
  const byName = page.getByRole('columnheader').getByRole('button', { name: 'Name' });
  await byName.press('Enter');
  await page.locator('th[aria-sort="ascending"]').filter({ hasText: 'Name' }).waitFor();
  expect(await byName.evaluate((button) => button === document.activeElement)).toBe(true);
  expect(await page.getByTestId('deletion-note').count()).toBe(0);
});

// Of two tabs, the last one to save won, and nobody learned of it.
test('a change of what somebody else has changed meanwhile is refused, in words', async () => {
  const [page, other] = [await openContacts(browser, stack.url), await openContacts(browser, stack.url)];
  const email = `person.7@${domain}`;
  const [dialog, first] = [await openDialog(page, email), await openDialog(other, email)];
  await first.getByLabel('Company').fill('Nordwind');
  await first.getByLabel('Company').press('Enter');
  await first.waitFor({ state: 'detached' });
  await dialog.getByLabel('Company').fill('Westwind');
  await dialog.getByLabel('Company').press('Enter');
  await dialog.getByTestId('problem').waitFor();
  expect(await dialog.getByTestId('problem').innerText()).toContain('The contact was changed meanwhile');
  expect(await other.getByTestId('contact-row').innerText()).toContain('Nordwind');
  await dialog.getByTestId('changed-by').getByText('somebody has changed it').waitFor();
  // What came later, with its button, was within the alert, which was read out twice.
  expect(await dialog.getByRole('alert').innerText()).toBe(
    'The contact was changed meanwhile. Your changes are not saved.',
  );
  await dialog.getByTestId('show-changed').press('Enter');
  const company = dialog.locator('input[name=company]');
  await eventually(async () => expect(await hasFocus(company)).toBe(true));
  expect(await company.inputValue()).toBe('Westwind');
  await company.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByTestId('contact-row').getByText('Westwind').first().waitFor();
  // The panel was drawn anew for the other version, and the focus fell to the page's beginning when it was closed.
  expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toBe(`Edit ${email}`);
});

// The list was read anew behind the panel, or for its refusal, and the next save overwrote what the panel had never shown.
test('a change is refused until the person has seen what somebody else has stored, however often it is sent', async () => {
  const [page, other] = [await openContacts(browser, stack.url), await openContacts(browser, stack.url)];
  const email = `person.0@${domain}`;
  const [dialog, first] = [await openDialog(page, email), await openDialog(other, email)];
  await first.getByLabel('Company').fill('Nordwind');
  await first.getByLabel('Company').press('Enter');
  await first.waitFor({ state: 'detached' });
  // The panel's page reads its rows anew, as it does on a person's return.
  await page.evaluate(() => {
    const now = Date.now;
    Date.now = () => now() + 60_000;
    window.dispatchEvent(new Event('focus'));
  });
  await page.getByTestId('contact-row').getByText('Nordwind').waitFor();
  const company = dialog.getByLabel('Company');
  await company.fill('Westwind');
  for (let times = 0; times < 2; times += 1) {
    const refused = page.waitForResponse((response) => response.status() === 412);
    await company.press('Enter');
    await refused;
    await dialog.getByTestId('show-changed').waitFor();
  }
  expect(await page.getByTestId('contact-row').innerText()).toContain('Nordwind');
  // What is stored was asked about as if it were another's, where the answer to a save was lost.
  await company.fill('Nordwind');
  await company.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  expect(await page.getByTestId('announcer').innerText()).toBe('The contact was saved.');
});

// What was typed behind it went away with the panel.
test('nothing can be typed behind a change that is on its way', async () => {
  const page = await openContacts(browser, stack.url);
  let fail: () => void = () => undefined;
  const failing = new Promise<void>((resolve) => {
    fail = resolve;
  });
  await page.route('**/contacts/*', async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    await failing;
    return route.abort();
  });
  const dialog = await openDialog(page, `person.0@${domain}`);
  const company = dialog.getByLabel('Company');
  await company.fill('Westwind');
  await company.press('Enter');
  await dialog.getByRole('button', { name: 'Saving…' }).waitFor();
  await company.press('x');
  expect(await company.inputValue()).toBe('Westwind');
  expect(await hasFocus(company)).toBe(true);
  fail();
  await dialog.getByTestId('problem').waitFor();
  await company.press('x');
  expect(await company.inputValue()).toContain('x');
});

// The second click met the button that takes everything as stored, which had come in the place of the first.
test('a double click on what shows the current version leaves what was typed', async () => {
  const page = await openContacts(browser, stack.url);
  const email = `person.0@${domain}`;
  const dialog = await openDialog(page, email);
  await importFile(stack.url, `email,company\n${email},Ostwind\n`);
  const company = dialog.locator('input[name=company]');
  await company.fill('Westwind');
  await company.press('Enter');
  await dialog.getByTestId('show-changed').dblclick();
  await dialog.getByTestId('take-all').waitFor();
  expect(await company.inputValue()).toBe('Westwind');
  // A press of its own takes it.
  await dialog.getByTestId('take-all').click();
  await eventually(async () => expect(await company.inputValue()).toBe('Ostwind'));
});

// On a phone, the panel said it above what was seen of it, so that nothing seemed to come of “Save”.
test('on a phone, a refusal is seen wherever the panel is scrolled to, and so is the field that has the focus', async () => {
  const page = await openFreshPage(browser, `${stack.url}/contacts`, {
    viewport: { width: 320, height: 480 },
  });
  const email = `person.0@${domain}`;
  const dialog = await openDialog(page, email);
  await importFile(stack.url, `email,company\n${email},Ostwind\n`);
  const timeZone = dialog.getByLabel('Time zone');
  for (let times = 0; times < 5; times += 1) await page.keyboard.press('Tab');
  expect(await hasFocus(timeZone)).toBe(true);
  const buttons = await dialog.locator('form > .actions').boundingBox();
  const field = await timeZone.boundingBox();
  expect((field?.y ?? 0) + (field?.height ?? 0)).toBeLessThan(buttons?.y ?? 0);
  await timeZone.fill('Europe/Paris');
  await timeZone.press('Enter');
  await dialog.getByTestId('show-changed').waitFor();
  const note = await dialog.getByTestId('problem').boundingBox();
  expect(note?.y).toBeGreaterThanOrEqual(0);
  expect(note?.y).toBeLessThan(buttons?.y ?? 0);
});

// The current version took the place of all that the person had typed.
test('what was typed stays beside the current version, until the person takes what is stored', async () => {
  const page = await openContacts(browser, stack.url);
  const email = `person.10@${domain}`;
  const dialog = await openDialog(page, email);
  await importFile(
    stack.url,
    `email,company,phone,country,last name\n${email},Ostwind,0151 12345678,DE,Byron\n`,
  );
  const [company, phone, country, first, last] = ['company', 'phone', 'country', 'firstName', 'lastName'].map(
    (name) => dialog.locator(`[name=${name}]`),
  );
  if (!company || !phone || !country || !first || !last) throw new Error('no such field');
  await first.fill('Augusta');
  await phone.fill('+49 30 123456');
  await company.fill('Westwind');
  await country.selectOption({ label: 'France' });
  await company.press('Enter');
  await dialog.getByTestId('show-changed').press('Enter');
  await eventually(async () => expect(await hasFocus(first)).toBe(true));
  const values = () => Promise.all([first, last, phone, company, country].map((field) => field.inputValue()));
  expect(await values(), 'what nobody has typed is as it is stored').toEqual([
    ...['Augusta', 'Byron', '+49 30 123456', 'Westwind', 'FR'],
  ]);
  expect(await dialog.getByTestId('problem').count()).toBe(0);
  expect((await description(company)).description).toBe('Stored now: “Ostwind”.');
  expect((await description(country)).description).toBe('Stored now: “Germany”.');
  expect((await description(last)).description).toBeNull();

  await dialog.getByRole('button', { name: 'Take what is stored: Phone' }).press('Enter');
  await eventually(async () => expect(await hasFocus(phone)).toBe(true));
  expect(await values()).toEqual(['Augusta', 'Byron', '+4915112345678', 'Westwind', 'FR']);
  expect((await description(phone)).description).toBeNull();
  await dialog.getByTestId('take-all').press('Enter');
  await eventually(async () => expect(await hasFocus(first)).toBe(true));
  expect(await values()).toEqual(['Ada', 'Byron', '+4915112345678', 'Ostwind', 'DE']);
  expect(await dialog.getByTestId('kept-changes').count()).toBe(0);

  await company.fill('Westwind');
  await company.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  const row = await page.getByTestId('contact-row').innerText();
  expect(row).toMatch(/Ada Byron.*\+4915112345678.*Westwind.*DE/s);
});

test('a change is refused that an import has made meanwhile, and the import is named', async () => {
  const page = await openContacts(browser, stack.url);
  const email = `person.8@${domain}`;
  const dialog = await openDialog(page, email);
  const importId = await importFile(stack.url, `email,company\n${email},Ostwind\n`);
  await dialog.getByLabel('Company').fill('Westwind');
  await dialog.getByLabel('Company').press('Enter');
  const link = dialog.getByTestId('changed-by').getByRole('link', { name: 'an import' });
  expect(await link.getAttribute('href')).toBe(`/?import=${importId}`);
});

test('the countries of the panel are those of the server, by their names in the reader’s language', async () => {
  const page = await openFreshPage(browser, `${stack.url}/contacts`, { locale: 'de' });
  await page.getByTestId('contacts-search').fill(`person.9@${domain}`);
  const row = page.getByTestId('contact-row').filter({ hasText: `person.9@${domain}` });
  await row.getByRole('button').press('Enter');
  const dialog = page.getByTestId('contact-dialog');
  const country = dialog.locator('select[name=country]');
  const names = () => country.locator('option').allInnerTexts();
  await eventually(async () => expect(await names()).toContain('Deutschland'));
  await country.selectOption({ label: 'Deutschland' });
  await dialog.getByLabel('Firma').press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await eventually(async () => expect(await row.innerText()).toContain('DE'));
});

test('the order and the search stand in the address, and the contacts can be saved as a file', async () => {
  const page = await openContacts(browser, stack.url);
  await page.getByTestId('contacts-search').fill(domain);
  await eventually(async () => expect(await page.getByTestId('contact-row').count()).toBeLessThan(12));
  await page.getByRole('columnheader', { name: 'E-mail' }).getByRole('button').press('Enter');
  await eventually(() => expect(new URL(page.url()).search).toBe(`?query=${domain}&sort=-email`));
  const top = () => page.getByTestId('contact-row').first().innerText();
  await eventually(async () => expect(await top()).toContain('person.9@'));
  await page.reload();
  await eventually(async () => expect(await top()).toContain('person.9@'));
  expect(await page.getByTestId('contacts-search').inputValue()).toBe(domain);
  const download = page.waitForEvent('download');
  await page.getByTestId('export-contacts').press('Enter');
  expect((await download).suggestedFilename()).toBe('contacts.csv');
});
