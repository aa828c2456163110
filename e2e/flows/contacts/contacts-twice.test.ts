/** Contacts that an earlier release has stored twice, under two spellings of one address: the page names them, and a person deletes one. */
import { join } from 'node:path';
import { openPglite } from '@tidings/contact-store/databases/pglite.ts';
import { acceptImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../../test/browser.ts';
import { openContacts } from '../../test/contacts-page.ts';

const [key, puny] = ['info@müller.example', 'info@xn--mller-kva.example'];

let stack: Stack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});
afterAll(async () => {
  await Promise.allSettled([stack?.dispose(), browser?.close()]);
});

async function importRows(rows: string): Promise<void> {
  const { importId, channelToken } = await acceptImport(stack.url, { file: `email,company\n${rows}\n` });
  await untilEnded(stack.url, importId, channelToken);
}

/** As the migration leaves a contact whose key another one has. */
async function storeTwice(): Promise<void> {
  await stack.interrupt();
  const database = await openPglite(join(stack.directory, 'data', 'contacts'));
  await database.query(
    `INSERT INTO contacts (id, owner, email, first_name, last_name, phone, company, country, time_zone, attributes, version, spelling_of)
     SELECT gen_random_uuid(), owner, $2, '', '', '', 'Old', '', '', '{}', 1, email FROM contacts WHERE email = $1`,
    [key, puny],
  );
  await database.close();
  await stack.start();
}

test('two contacts of one address are named, one is deleted, and imports find the other', async () => {
  await importRows(`Info@Müller.example,New`);
  await storeTwice();
  const page = await openContacts(browser, stack.url);
  const note = page.getByTestId('duplicates');
  await note.getByText('Stored twice: 1 contact', { exact: true }).click();
  expect(await note.getByRole('button').allInnerTexts()).toEqual(['Info@Müller.example', puny]);
  await note.getByRole('button').first().click();
  const dialog = page.getByTestId('contact-dialog');
  await dialog.getByText('Info@Müller.example', { exact: true }).waitFor();
  expect(await dialog.locator('[name=company]').inputValue()).toBe('New');
  await dialog.getByTestId('delete').click();
  await note.waitFor({ state: 'detached' });
  await page.getByTestId('undo-deletion').click();
  await note.waitFor();
  await note.locator('summary').click();
  await note.getByRole('button').first().click();
  await dialog.getByTestId('delete').click();
  // The deletion is sent when the page is left.
  const deleted = page.waitForResponse(
    (response) => response.request().method() === 'DELETE' && response.status() === 204,
  );
  await page.getByRole('link', { name: 'Import' }).first().click();
  await deleted;
  await importRows(`INFO@müller.example,Newest`);
  const again = await openContacts(browser, stack.url);
  expect(await again.getByTestId('contact-row').allInnerTexts()).toEqual([expect.stringContaining('Newest')]);
  expect(await again.getByTestId('contact-row').first().innerText()).toContain(puny);
  expect(await again.getByTestId('duplicates').count()).toBe(0);
});
