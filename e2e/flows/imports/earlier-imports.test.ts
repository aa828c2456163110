/** The imports of an owner are the same in each of the owner’s browsers: listed, live, with those that mend them, and through outages. */
import type { Page } from 'playwright-core';
import { v7 as uuidv7 } from 'uuid';
import { beforeEach, expect, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { letsAxeIn, openFreshPage } from '../../test/browser.ts';
import { pickFile } from '../../test/checked-file.ts';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';
import { limitUpload, sumOfBuckets } from '../../test/import-page.ts';

/** Milliseconds for what takes a whole import. */
const LONG = { timeout: 90_000 };

const [stack, browser] = await startFileStackAndBrowser();
beforeEach(() => (stack.isRunning() ? undefined : stack.start()));

/** A browser that has never been here, as another one of the same owner. */
const openBrowser = (address = stack.url): Promise<Page> => openFreshPage(browser, address, letsAxeIn);

async function importFile(page: Page, name: string, lines: readonly string[]): Promise<string> {
  await pickFile(page, lines.join('\r\n'), name);
  await page.getByTestId('start-import').click();
  await page.getByTestId('summary').waitFor(LONG);
  return new URL(page.url()).searchParams.get('import') ?? '';
}

const lineOf = (page: Page, importId: string) => page.locator(`[data-import="${importId}"]`);

test('an import of one browser is listed, opened and mended in another, and its mended rows stand under it', async () => {
  const domain = freshName('two-browsers.example');
  const name = freshName('fair.csv');
  const first = await openBrowser();
  await first.getByTestId('no-imports').waitFor(LONG);
  const importId = await importFile(first, name, ['email', `one@${domain}`, `two at ${domain}`]);

  const other = await openBrowser();
  const line = lineOf(other, importId);
  await line.getByText('Rows to fix').waitFor(LONG);
  expect(await line.innerText()).toMatch(/2 rows[\s\S]*1 added[\s\S]*1 to fix/);
  expect(await seriousViolations(other)).toEqual([]);
  const support = await openBrowser(`${stack.url}/support#token=${stack.supportToken}`);
  const supported = support.locator(`[data-import="${importId}"]`).getByTestId('support-status');
  await supported.getByText('Rows to fix').waitFor(LONG);
  const story = await support.context().newPage();
  await story.goto(`${stack.url}/support/imports/${importId}`);
  await story.getByTestId('story-status').getByText('Rows to fix').waitFor(LONG);
  await line.getByRole('link', { name }).click();
  await other.getByRole('heading', { level: 1, name: '1 contact added. 1 row needs you.' }).waitFor(LONG);
  await other.getByTestId('fix-here').click();
  const cell = other.getByRole('textbox', { name: 'email, line 3', exact: true });
  await cell.fill(`two@${domain}`);
  await cell.press('Tab');
  await other.getByTestId('fix-row').filter({ hasText: 'Mended' }).waitFor(LONG);
  await other.getByTestId('import-mended').click();
  await other.getByTestId('left-to-fix').getByText('1 of 1 row mended').waitFor(LONG);

  // The page of the import and support's went on to say that rows are to be fixed.
  for (const page of [other, first]) await page.getByTestId('status').getByText('Rows mended').waitFor(LONG);
  await supported.getByText('Rows mended').waitFor(LONG);
  await story.getByTestId('story-status').getByText('Rows mended').waitFor(LONG);

  await first.getByRole('link', { name: 'Import another file' }).click();
  const mended = first.getByRole('listitem').filter({ has: lineOf(first, importId) });
  await mended.getByText('1 of 1 mended').waitFor(LONG);
  expect(await lineOf(first, importId).innerText()).toMatch(/\bRows mended$|\bRows mended\n/);
  await mended
    .getByRole('list', { name: 'Imports of mended rows' })
    .getByRole('link', { name: name.replace('.csv', '-rejected.csv') })
    .click();
  await first.getByRole('heading', { level: 1, name: '1 contact added.' }).waitFor(LONG);
});

test('an import that runs is live in the list of another browser, and on its page there to the same end', async () => {
  const sender = await openBrowser();
  // Long enough that it still runs when the other browser opens it.
  const file = makeContactsFile(60_000, 'watched.example');
  const name = freshName('watched.csv');
  await pickFile(sender, file.bytes, name);
  await sender.getByTestId('start-import').waitFor();
  await limitUpload(sender, 200_000);
  await sender.getByTestId('start-import').click();
  await sender.getByTestId('import-progress').waitFor(LONG);

  const other = await openBrowser();
  const line = other.locator('[data-import]').filter({ hasText: name });
  await line.getByText('Importing').waitFor(LONG);
  const text = await line.innerText();
  await other.waitForFunction(
    ([shown, fileName]) =>
      [...document.querySelectorAll<HTMLElement>('[data-import]')].some(
        (entry) => entry.innerText.includes(fileName ?? '') && entry.innerText !== shown,
      ),
    [text, name],
    LONG,
  );
  await line.getByRole('link').click();
  await other.getByTestId('connection').getByText('Live').waitFor(LONG);
  await Promise.all([sender, other].map((page) => page.getByTestId('summary').waitFor(LONG)));
  expect(await sumOfBuckets(other)).toBe(file.rows);
  expect(await other.getByRole('heading', { level: 1 }).innerText()).toBe(
    await sender.getByRole('heading', { level: 1 }).innerText(),
  );
});

test('without the server the list says as of when it is, and after a reload what this browser remembers', async () => {
  const page = await openBrowser();
  const name = freshName('kept.csv');
  const importId = await importFile(page, name, ['email', `a@${freshName('kept.example')}`]);
  await page.getByRole('link', { name: 'Import another file' }).click();
  await lineOf(page, importId).getByText('Completed').waitFor(LONG);
  await stack.kill();
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  const problem = page.getByTestId('problem');
  await problem.waitFor(LONG);
  expect(await problem.innerText()).toMatch(/asks again by itself[\s\S]*as of \d{1,2}:\d{2}/);
  expect(await lineOf(page, importId).innerText()).toContain(name);
  await stack.start();
  await problem.getByRole('button', { name: 'Try again' }).click();
  await problem.waitFor({ state: 'detached', ...LONG });

  await page.route('**/imports?*', (route) => route.abort());
  await page.reload();
  await problem.waitFor(LONG);
  expect(await problem.innerText()).toContain('what this browser remembers');
  await page.getByTestId('recent-imports').getByRole('link', { name }).waitFor();
  await page.unroute('**/imports?*');
  await problem.waitFor({ state: 'detached', ...LONG });
  await lineOf(page, importId).waitFor(LONG);
});

test('an import that there is not is told in words, and leads back', async () => {
  const page = await openBrowser(`${stack.url}/?import=${uuidv7({ msecs: Date.UTC(2026, 0) })}`);
  await page.getByTestId('no-token').waitFor(LONG);
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole('link', { name: 'Import a file' }).click();
  await page.getByTestId('drop-zone').waitFor();
});
