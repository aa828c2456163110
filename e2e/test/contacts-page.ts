/** What flows do with the contacts page. */
import { acceptImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import type { Browser, Page } from 'playwright-core';
import { openFreshPage } from './browser.ts';

/** Imports `person.0@<domain>`, `person.1@<domain>` and so on, and waits for the end. */
export async function importPersons(url: string, count: number, domain: string): Promise<void> {
  const rows = Array.from({ length: count }, (_, row) => `person.${row}@${domain},Ada\n`).join('');
  await importFile(url, `email,name\n${rows}`);
}

/** Imports the text of a file, and waits for the end. @returns the import's id */
export async function importFile(url: string, file: string): Promise<string> {
  const { importId, channelToken } = await acceptImport(url, { file });
  await untilEnded(url, importId, channelToken);
  return importId;
}

/** The contacts page with its first rows. */
export async function openContacts(browser: Browser, url: string): Promise<Page> {
  const page = await openFreshPage(browser, `${url}/contacts`);
  await page.getByTestId('contact-row').first().waitFor();
  return page;
}
