/** The search of the contacts page: the rows match the text in the field, or they are dimmed and cannot be used. */

import { eventually } from '@tidings/testing/eventually.ts';
import type { Page, Route } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { importPersons, openContacts } from '../../test/contacts-page.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';

const [stack, browser] = await startFileStackAndBrowser();
beforeAll(async () => {
  await importPersons(stack.url, 60, 'search.example');
});

/** Holds the answers to this search until the test releases them. */
async function holdSearch(
  page: Page,
  query: string,
): Promise<{ asked: Promise<void>; letGo(): Promise<void> }> {
  const held: Route[] = [];
  let tellAsked: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    tellAsked = resolve;
  });
  await page.route(
    (url) => url.pathname === '/contacts' && url.searchParams.get('query') === query,
    (route) => {
      held.push(route);
      tellAsked();
    },
  );
  return {
    asked,
    letGo: async () => {
      await Promise.all(held.map((route) => route.continue()));
    },
  };
}

/** Checks in every frame that no undimmed row lacks the text in the field. */
async function watchForLies(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const lies = new Set<string>();
    const look = (): void => {
      const wanted = document.querySelector<HTMLInputElement>('[data-testid="contacts-search"]')?.value ?? '';
      for (const row of document.querySelectorAll<HTMLElement>('[data-testid="contact-row"]')) {
        const body = row.closest('tbody');
        const dimmed = body?.inert === true && Number(getComputedStyle(body).opacity) < 0.9;
        if (!dimmed && !row.innerText.includes(wanted)) lies.add(`${wanted}: ${row.innerText}`);
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    Object.assign(globalThis, { liesSeen: () => [...lies] });
  });
  return () => page.evaluate(() => (globalThis as unknown as { liesSeen(): string[] }).liesSeen());
}

test('what does not match is dimmed from the first letter on, and “Searching…” is said until the answer comes', async () => {
  const page = await openContacts(browser, stack.url);
  const liesSeen = await watchForLies(page);
  const held = await holdSearch(page, 'zzz-nobody');
  const table = page.getByTestId('contacts-table');
  expect(await table.getAttribute('aria-busy')).toBe('false');
  await page.getByTestId('contacts-search').pressSequentially('zzz-nobody');
  await page.getByTestId('contacts-count').getByText('Searching…', { exact: true }).waitFor();
  await held.asked;
  expect(await table.getAttribute('aria-busy')).toBe('true');
  await page.keyboard.press('Tab');
  expect(await table.evaluate((element) => element.contains(document.activeElement))).toBe(false);
  expect(await page.getByTestId('load-more').count()).toBe(0);
  expect(await page.getByTestId('announcer').innerText()).toBe('Searching…');

  await held.letGo();
  await page.getByTestId('contacts-empty').waitFor();
  expect(await page.getByTestId('contacts-empty').innerText()).toContain('No contact fits “zzz-nobody”');
  expect(await page.getByTestId('announcer').innerText()).toBe('Nothing found for zzz-nobody.');

  await page.getByTestId('contacts-search').fill('person.7@');
  await eventually(async () => expect(await page.getByTestId('contact-row').count()).toBe(1));
  expect(await table.getAttribute('aria-busy')).toBe('false');
  expect(await page.getByTestId('announcer').innerText()).toBe('one contact shown for person.7@.');
  expect(await liesSeen()).toEqual([]);
});

test('a search that fails shows no rows of another one, and can be tried again', async () => {
  const page = await openContacts(browser, stack.url);
  const liesSeen = await watchForLies(page);
  const failing = (url: URL) =>
    url.pathname === '/contacts' && url.searchParams.get('query') === 'person.12@';
  await page.route(failing, (route) => route.abort());
  await page.getByTestId('contacts-search').fill('person.12@');
  await page.getByTestId('problem').waitFor();
  expect(await page.getByTestId('contact-row').count()).toBe(0);
  await page.unroute(failing);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('rowheader', { name: 'person.12@search.example' }).waitFor();
  expect(await page.getByTestId('problem').count()).toBe(0);
  expect(await liesSeen()).toEqual([]);
});

test('one request too many waits as long as the server asks for, and the search is answered', async () => {
  const page = await openContacts(browser, stack.url);
  let refused = 0;
  await page.route(
    (url) => url.pathname === '/contacts' && url.searchParams.get('query') === 'person.33@',
    (route) => {
      refused += 1;
      return refused < 3 ? route.fulfill({ status: 429, headers: { 'Retry-After': '0' } }) : route.continue();
    },
  );
  await page.getByTestId('contacts-search').fill('person.33@');
  await eventually(async () => expect(await page.getByTestId('contact-row').count()).toBe(1));
  expect(refused).toBe(3);
  expect(await page.getByTestId('problem').count()).toBe(0);
});

test('a search without an answer says so, and as of when the rows are', async () => {
  // The page said "Searching…" for as long as PostgreSQL was away, and not a word more.
  const page = await openContacts(browser, stack.url);
  const { asked, letGo } = await holdSearch(page, 'search.example');
  await page.getByTestId('contacts-search').fill('search.example');
  await asked;
  const note = page.getByTestId('contacts-silent');
  await note.waitFor();
  expect(await note.innerText()).toMatch(/does not answer yet.* As of /u);
  await letGo();
  await note.waitFor({ state: 'hidden' });
  await page.close();
});
