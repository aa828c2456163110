/** A person stops an import, or takes it back, in a real browser: what is said before, meanwhile and after is what happens. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, createApi } from '@tidings/client/index.ts';
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFreshPage } from '../../test/browser.ts';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';
import { limitUpload, numberOf, sumOfBuckets } from '../../test/import-page.ts';

/** Milliseconds for what takes a whole import. */
const LONG = { timeout: 90_000 };

const [stack, browser] = await startFileStackAndBrowser();
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-files-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const openPage = (): Promise<Page> => openFreshPage(browser, stack.url);

async function startImport(page: Page, name: string, content: Buffer | string): Promise<void> {
  const path = join(directory, name);
  await writeFile(path, content);
  await page.getByTestId('file-input').first().setInputFiles(path);
  await page.getByTestId('start-import').click();
}

/** Every contact that fits; a page of a search may come short. */
async function findContacts(api: Api, query: string): Promise<Contact[]> {
  const found: Contact[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await api.listContacts({ query, cursor });
    found.push(...items);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

const status = (page: Page, text: string) => page.getByTestId('status').getByText(text, { exact: true });
/** The badge says the end at once; the numbers of the end come together with the reasons of rejected rows. */
const untilEnd = async (page: Page, text: string): Promise<void> => {
  await status(page, text).waitFor(LONG);
  await page.getByTestId('summary').waitFor(LONG);
};
const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);
const said = (page: Page, text: string | RegExp) =>
  page
    .getByTestId('announcer')
    .getByText(text)
    .waitFor({ state: 'attached', ...LONG });

async function untilRowsAreCreated(page: Page): Promise<void> {
  await eventually(async () => expect(await numberOf(page, 'bucket-created')).toBeGreaterThan(0), {
    withinMs: LONG.timeout,
  });
}

/** By the keyboard alone, and sees that the question has the focus. */
async function pressAndConfirm(page: Page, testId: string, yes: string): Promise<void> {
  await page.getByTestId(testId).focus();
  await page.keyboard.press('Enter');
  const question = page.getByTestId(`${testId}-question`);
  await question.waitFor();
  expect(await question.evaluate((node) => node === document.activeElement)).toBe(true);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(yes);
  await page.keyboard.press('Enter');
}

describe('an import that is cancelled', () => {
  test('in the middle stops, counts every row, and can be taken back after that', async () => {
    const file = makeContactsFile(200_000, 'cancelled.example');
    const page = await openPage();
    await startImport(page, 'cancelled.csv', file.bytes);
    await page
      .getByTestId('upload-progress-text')
      .getByText(/^Complete/)
      .waitFor(LONG);
    await pressAndConfirm(page, 'cancel', 'Yes, cancel it');
    await untilEnd(page, 'Cancelled');
    expect(await focused(page), 'the button is gone').toBe('run-title');
    const total = await numberOf(page, 'rows-total');
    expect(await sumOfBuckets(page)).toBe(total);
    expect(await numberOf(page, 'bucket-cancelled')).toBeGreaterThan(0);
    await said(page, /^Cancelled\. /);
    expect(await page.getByTestId('problem').count()).toBe(0);

    const created = await numberOf(page, 'bucket-created');
    await page.getByTestId('take-back').click();
    expect(await page.getByTestId('take-back-question').innerText()).toContain(
      `${created.toLocaleString('en')} contacts that it added are deleted.`,
    );
    await page.getByRole('button', { name: 'Yes, take it back' }).click();
    await status(page, 'Taken back').waitFor(LONG);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(
      `Taken back: ${created.toLocaleString('en')} contacts`,
    );
    expect(await focused(page)).toBe('run-title');
  });

  test('while its file is on the way cuts the upload off, and sends nothing again', async () => {
    const file = makeContactsFile(60_000, 'cut-off.example');
    const page = await openPage();
    await limitUpload(page, 500_000);
    await startImport(page, 'cut-off.csv', file.bytes);
    await untilRowsAreCreated(page);
    await page.getByTestId('cancel').click();
    expect(await page.getByTestId('cancel-question').innerText()).toContain(
      'The rest of the file is not sent.',
    );
    await page.getByRole('button', { name: 'Yes, cancel it' }).click();
    await untilEnd(page, 'Cancelled');
    const total = await numberOf(page, 'rows-total');
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThan(file.rows);
    expect(await sumOfBuckets(page)).toBe(total);
    expect(await page.getByTestId('reconciled').innerText()).toContain(
      `${total.toLocaleString('en')} rows received before it was cancelled`,
    );
    expect(await page.locator('main').innerText()).not.toMatch(/Broken off|Not imported|sent again/);
    expect(await page.getByTestId('send-again').count()).toBe(0);
  });

  test('goes on where the person thinks better of it, and the focus is back on the button', async () => {
    const page = await openPage();
    // So slow that nothing can end before the person has decided.
    await limitUpload(page, 50_000);
    await startImport(page, 'goes-on.csv', makeContactsFile(10_000, 'goes-on.example').bytes);
    await page.getByTestId('cancel').click();
    await page.keyboard.press('Escape');
    await page.getByTestId('cancel').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel this import');
    await limitUpload(page, -1);
    await untilEnd(page, 'Rows to fix');
    expect(await numberOf(page, 'rows-total')).toBe(10_000);
  });
});

describe('an import that is taken back', () => {
  test('leaves what was edited since, and lists it with the reason', async () => {
    const page = await openPage();
    const domain = freshName('back.example');
    const people = Array.from({ length: 40 }, (_, number) => `person.${number}@${domain},Name ${number}`);
    await startImport(page, 'back.csv', `email,first name\n${people.join('\n')}\n`);
    await status(page, 'Completed').waitFor(LONG);
    const token = await page.evaluate(
      () =>
        (JSON.parse(localStorage.getItem('tidings.imports') ?? '[]') as { token: string }[])[0]?.token ?? '',
    );
    const api = createApi({ baseUrl: stack.url, token: () => token });
    const [edited] = await findContacts(api, `person.7@${domain}`);
    await api.patchContact(edited?.id ?? '', { company: 'Since Then Ltd' });

    await pressAndConfirm(page, 'take-back', 'Yes, take it back');
    await status(page, 'Taken back').waitFor(LONG);
    await said(page, '39 contacts were taken back, 1 kept.');
    expect(await focused(page)).toBe('run-title');
    await page.getByTestId('show-kept').focus();
    await page.keyboard.press('Enter');
    const kept = page.getByTestId('kept-contacts').getByRole('listitem');
    await kept.waitFor(LONG);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe(
      'kept-contacts',
    );
    const [whose, ...why] = (await kept.innerText()).split(/\s+/);
    expect([whose, why.join(' ')]).toEqual([
      `person.7@${domain}`,
      expect.stringMatching(/^Kept: edited by hand since/),
    ]);
    const left = await findContacts(api, `@${domain}`);
    expect(left.map(({ email, company }) => [email, company])).toEqual([
      [`person.7@${domain}`, 'Since Then Ltd'],
    ]);
  });
});
