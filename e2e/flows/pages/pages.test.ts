/** The pages for everyone: by keyboard, for screen readers, in dark and light, on a phone. */
import { acceptImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';

const [stack, browser] = await startFileStackAndBrowser();
const addresses: { name: string; url(): string; ready: string }[] = [
  { name: 'import', url: () => stack.url, ready: 'drop-zone' },
  { name: 'contacts', url: () => `${stack.url}/contacts`, ready: 'contacts-search' },
  { name: 'support', url: () => stack.supportUrl, ready: 'support-row' },
];

beforeAll(async () => {
  const { importId, channelToken } = await acceptImport(stack.url, { file: makeContactsFile(500).bytes });
  await untilEnded(stack.url, importId, channelToken);
});

async function openPage(url: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ bypassCSP: true, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

describe.each(addresses)('the $name page', ({ url, ready }) => {
  test.each(['light', 'dark'] as const)('shows axe nothing serious in %s', async (colorScheme) => {
    const page = await openPage(url(), { colorScheme });
    await page.getByTestId(ready).first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });

  test('fits the width of a phone', async () => {
    const page = await openPage(url(), { viewport: { width: 360, height: 740 } });
    await page.getByTestId(ready).first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
});

test('an import by keyboard alone: the input is reached, the import started, and its end is told to screen readers', async () => {
  const page = await openPage(stack.url);
  await page.getByTestId('drop-zone').waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid'));
  for (let presses = 0; presses < 15 && (await focused()) !== 'file-input'; presses += 1)
    await page.keyboard.press('Tab');
  expect(await focused()).toBe('file-input');
  const file = makeContactsFile(300, 'keyboard.example');
  await page
    .getByTestId('file-input')
    .setInputFiles({ name: 'keyboard.csv', mimeType: 'text/csv', buffer: file.bytes });
  await page.getByTestId('start-import').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('summary').waitFor();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain(
    `${file.expected.created} contacts added.`,
  );
  expect(await page.locator('[aria-live="polite"]').count()).toBe(1);
  await page
    .getByTestId('announcer')
    .getByText(`${file.expected.created} created`)
    .waitFor({ state: 'attached' });
  expect(await seriousViolations(page)).toEqual([]);
});

test('a mistyped address shows the page that says so', async () => {
  const page = await openPage(`${stack.url}/contact`);
  await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
});

test('the policy of contents stops scripts that are not ours', async () => {
  const response = await fetch(stack.url, { headers: { Accept: 'text/html' } });
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toContain('unsafe');
});

describe('the languages of the pages', () => {
  const titles = {
    de: 'Kontakte importieren',
    uk: 'Імпорт контактів',
    es: 'Importar contactos',
    zh: '导入联系人',
  };

  test.each(Object.entries(titles))('speak %s to a browser that prefers it', async (locale, title) => {
    const page = await openPage(stack.url, { locale });
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(locale);
    expect(await page.title()).toContain(title);
    expect(await seriousViolations(page)).toEqual([]);
  });

  test('are chosen by a person, at once and for the next visit', async () => {
    const page = await openPage(stack.url, { locale: 'fr-FR' });
    await page.getByRole('heading', { level: 1, name: 'Import contacts' }).waitFor();
    await page.getByRole('combobox', { name: 'Language' }).selectOption('uk');
    await page.getByRole('heading', { level: 1, name: titles.uk }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Мова' }).inputValue()).toBe('uk');
    expect(await page.title()).toContain(titles.uk);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: titles.uk }).waitFor();
  });

  test('stay as they are where the words cannot be fetched, and the page says so', async () => {
    const page = await openPage(stack.url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.route('**/assets/**', (route) => route.abort());
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
    await page.getByRole('alert').filter({ hasText: 'Please try again' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Language' }).inputValue()).toBe('en');
    await page.getByRole('heading', { level: 1, name: 'Import contacts' }).waitFor();
  });
});
