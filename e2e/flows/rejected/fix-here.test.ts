/** A person mends rejected rows on the page that shows the end of their import: by mouse, by keyboard, and by what is read out. */
import { eventually } from '@tidings/testing/eventually.ts';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { letsAxeIn, openFreshPage } from '../../test/browser.ts';
import { pickFile } from '../../test/checked-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';

/** Milliseconds for what takes a whole import. */
const LONG = { timeout: 90_000 };

const [stack, browser] = await startFileStackAndBrowser();

const openPage = (): Promise<Page> => openFreshPage(browser, stack.url, letsAxeIn);

async function importFile(page: Page, name: string, lines: readonly string[]): Promise<void> {
  await pickFile(page, lines.join('\r\n'), name);
  await page.getByTestId('start-import').click();
  await page.getByTestId('summary').waitFor(LONG);
}

const heading = (page: Page, text: string) =>
  page.getByRole('heading', { level: 1, name: text, exact: true });

test('from a file with bad rows to contacts: mended here, imported, shown under the first, and taken back', async () => {
  const page = await openPage();
  const domain = freshName('mended.example');
  await importFile(page, 'fair.csv', [
    'email,country,note',
    `one@${domain},DE,good`,
    `two at ${domain},DE,"a, ""b"""`,
    `three@${domain},Atlantis,x`,
    `four at ${domain},DE,y`,
  ]);
  await heading(page, '1 contact added. 3 rows need you.').waitFor();
  expect(await page.title()).toMatch(/^! 3 to fix, fair\.csv/);
  const reasons = page.getByTestId('reasons').getByRole('listitem');
  await reasons.nth(1).waitFor(LONG);
  expect(await reasons.first().innerText()).toMatch(
    new RegExp(`Not a valid e-mail address\\s+2 rows\\s+for example line 3: “two at ${domain}”`),
  );
  expect(await reasons.nth(1).innerText()).toContain('Unknown country');
  const address = page.url();

  const second = await page.context().newPage();
  await second.goto(address);
  await heading(second, '1 contact added. 3 rows need you.').waitFor(LONG);

  await page.bringToFront();
  await page.getByTestId('fix-here').click();
  const cell = (column: string, line: number) =>
    page.getByRole('textbox', { name: `${column}, line ${line}`, exact: true });
  await cell('email', 3).waitFor(LONG);
  expect(await cell('email', 3).getAttribute('aria-invalid')).toBe('true');
  expect(await cell('note', 3).inputValue()).toBe('a, "b"');
  const columns = () => page.locator('.fix thead th').allInnerTexts();
  const columnsBefore = await columns();
  expect(await seriousViolations(page)).toEqual([]);
  await cell('email', 3).fill('two at home');
  await cell('email', 3).press('Tab');
  const row = page.getByTestId('fix-row').first();
  await row.getByText('Saved, but still not valid').waitFor(LONG);
  expect(await row.innerText(), 'the server has looked at what was kept').toContain(
    'Not a valid e-mail address',
  );
  await cell('email', 3).fill(`two@${domain}`);
  // The change is kept as soon as the cell is left, which the Tab key does.
  await cell('email', 3).press('Tab');
  await cell('country', 4).fill('France');
  await cell('country', 4).press('Tab');
  const mended = page.getByTestId('fix-row').filter({ hasText: 'Mended' });
  await mended.nth(1).waitFor(LONG);
  expect(await columns(), 'columns keep their places').toEqual(columnsBefore);

  await page.reload();
  // Two of the three rows that are left were in no line of the reasons, and nothing said that they waited to be imported.
  await page.getByTestId('mended-here').waitFor(LONG);
  expect(await reasons.allInnerTexts()).toEqual([
    expect.stringMatching(/^Not a valid e-mail address\s+1 row/),
    expect.stringMatching(/^Mended, not imported yet\s+2 rows$/),
  ]);
  await page.getByTestId('fix-here').click();
  await mended.nth(1).waitFor(LONG);
  expect(await cell('email', 3).inputValue(), 'a change outlives the page').toBe(`two@${domain}`);
  await page.getByTestId('import-mended').focus();
  await page.keyboard.press('Enter');
  const mender = page.getByTestId('mended-imports').getByRole('listitem');
  await mender.getByText('2 of 2 mended').waitFor(LONG);
  for (const tab of [page, second]) {
    await tab.getByTestId('left-to-fix').getByText('1 of 3 rows left to fix').waitFor(LONG);
    await heading(tab, '1 contact added. 1 row needs you.').waitFor(LONG);
    expect(await tab.title()).toMatch(/^! 1 to fix, fair\.csv/);
  }
  await second.close();
  // Below a table that filled the window, it fell to the last cell.
  expect(
    await page.evaluate(() => document.activeElement?.textContent),
    'the button is gone, and what has come of it is read out',
  ).toContain('1 of 3 rows left to fix');
  await page
    .getByTestId('fix-row')
    .nth(1)
    .waitFor({ state: 'detached', ...LONG });
  expect(await page.getByTestId('fix-row').count(), 'the third row waits').toBe(1);

  await mender.getByRole('link', { name: 'fair-rejected.csv' }).click();
  await heading(page, '2 contacts added.').waitFor(LONG);
  await page.getByTestId('take-back').click();
  expect(await page.getByTestId('take-back-question').innerText()).toContain(
    '2 contacts that it added are deleted.',
  );
  await page.getByRole('button', { name: 'Yes, take it back' }).click();
  await heading(page, 'Taken back: 2 contacts').waitFor(LONG);
  await page.goto(stack.url);
  const listed = page.locator('[data-import]').filter({ hasText: 'fair-rejected.csv' });
  await listed.getByText('Taken back').waitFor(LONG);
  expect(await listed.innerText()).not.toContain('added');

  await page.goto(address);
  await page.getByTestId('left-to-fix').getByText('of 3 rows left to fix').waitFor(LONG);
});

// The last of two tabs won, and nobody was told.
test('a cell that another tab has mended meanwhile says what was written there, and the person chooses', async () => {
  const page = await openPage();
  const domain = freshName('two-tabs.example');
  await importFile(page, 'two-tabs.csv', ['email', `good@${domain}`, `bad at ${domain}`]);
  const other = await page.context().newPage();
  await other.goto(page.url());
  const cellOf = (tab: Page) => tab.getByRole('textbox', { name: 'email, line 3', exact: true });
  for (const tab of [page, other]) {
    await tab.getByTestId('fix-here').click();
    await cellOf(tab).waitFor(LONG);
  }
  const write = async (tab: Page, text: string) => {
    await cellOf(tab).fill(`${text}@${domain}`);
    await cellOf(tab).press('Tab');
  };
  await write(other, 'theirs');
  await other.getByTestId('fix-row').getByText('Mended').waitFor(LONG);
  await write(page, 'mine');
  const note = page.getByTestId('overtaken');
  await note.getByText(`“theirs@${domain}” in email`).waitFor(LONG);
  expect(await cellOf(page).inputValue()).toBe(`mine@${domain}`);
  expect(await seriousViolations(page)).toEqual([]);
  await note.getByTestId('keep-mine').click();
  await page.getByTestId('fix-row').getByText('Mended').waitFor(LONG);
  await write(other, 'again');
  await other.getByTestId('take-theirs').click();
  await other.getByTestId('overtaken').waitFor({ state: 'detached', ...LONG });
  expect(await cellOf(other).inputValue()).toBe(`mine@${domain}`);
});

// The row went on to offer a choice that nobody had any more, and refused it in English, whatever the page spoke.
test('a row whose overtaken cell waits for a choice says so when another tab has had it imported', async () => {
  const page = await openFreshPage(browser, stack.url, { locale: 'de' });
  const domain = freshName('taken.example');
  await importFile(page, 'taken.csv', ['email', `good@${domain}`, `bad at ${domain}`, `worse at ${domain}`]);
  const other = await page.context().newPage();
  await other.goto(page.url());
  const cellOf = (tab: Page) => tab.getByTestId('fix-row').first().locator('input');
  for (const tab of [page, other]) {
    await tab.getByTestId('fix-here').click(LONG);
    await cellOf(tab).waitFor(LONG);
  }
  await cellOf(other).fill(`theirs@${domain}`);
  await cellOf(other).press('Tab');
  await other.getByTestId('fix-row').getByText('Korrigiert').waitFor(LONG);
  await cellOf(page).fill(`mine@${domain}`);
  await cellOf(page).press('Tab');
  await page.getByTestId('overtaken').waitFor(LONG);
  await other.getByTestId('import-mended').click();
  const row = page.getByTestId('fix-row').first();
  await row.getByText('Diese Zeile wurde inzwischen übergeben').waitFor(LONG);
  expect(await page.getByTestId('overtaken').count()).toBe(0);
  expect(await cellOf(page).inputValue()).toBe(`mine@${domain}`);
});

// A release that came while an import ran took the files of its end from the server: the page had no reasons, no table and no file.
test('a page that shows an import goes on to its end, its rows and their file with what it has fetched before', async () => {
  const page = await openPage();
  const domain = freshName('released.example');
  const parts = ['rejected-access', 'fix-table', 'save-rejected', 'tell-when-done'].map((name) =>
    page.waitForResponse((response) => response.url().includes(`/assets/${name}-`) && response.ok()),
  );
  const lines = ['email', `good@${domain}`, `bad at ${domain}`];
  await pickFile(page, lines.join('\r\n'), 'released.csv');
  await page.getByTestId('start-import').click();
  for (const part of parts) await (await part).finished();
  await page.route('**/assets/**', (route) => route.fulfill({ status: 404 }));
  await page.getByTestId('fix-here').click(LONG);
  await page.getByRole('textbox', { name: 'email, line 3', exact: true }).waitFor(LONG);
  const download = page.waitForEvent('download');
  await page.getByTestId('download-rejected').click();
  expect((await download).suggestedFilename()).toBe('released-rejected.csv');
  expect(await page.getByTestId('problem').count()).toBe(0);
});

test('a change that the server does not take stays in its cell, and says so there', async () => {
  const page = await openPage();
  const domain = freshName('unsaved.example');
  await importFile(page, 'unsaved.csv', ['email', `good@${domain}`, `bad at ${domain}`]);
  await page.getByTestId('fix-here').click();
  const cell = page.getByRole('textbox', { name: 'email, line 3', exact: true });
  await cell.waitFor(LONG);
  const rejected = '**/rejected?*';
  await page.route(rejected, (route) =>
    route.request().method() === 'PATCH' ? route.abort() : route.continue(),
  );
  await cell.fill(`better@${domain}`);
  await cell.press('Tab');
  await page.getByTestId('fix-row').getByText('Not saved').waitFor(LONG);
  expect(await cell.inputValue()).toBe(`better@${domain}`);
  // Of many rows it may be far from the button, of whose press nothing was seen to come.
  const beside = page.getByTestId('unsaved-lines');
  expect(await beside.innerText()).toBe('Not saved yet: line 3. Nothing is imported before that.');
  await page.getByTestId('import-mended').click();
  await page.getByTestId('fix-row').getByText('Not saved').waitFor(LONG);
  expect(await beside.innerText()).toContain('line 3');
  await page.unroute(rejected);
  await page.getByTestId('import-mended').click();
  await page.getByTestId('left-to-fix').getByText('1 of 1 row mended').waitFor(LONG);
});

test('rows that nobody is to mend are ignored: the import needs nobody then, here and in the list, until they are shown again', async () => {
  const page = await openPage();
  const domain = freshName('ignored.example');
  await importFile(page, 'ignored.csv', ['email', `good@${domain}`, `bad at ${domain}`]);
  await heading(page, '1 contact added. 1 row needs you.').waitFor(LONG);
  const ignore = page.getByTestId('ignore-rejected');
  await ignore.focus();
  await page.keyboard.press('Enter');
  await heading(page, '1 contact added.').waitFor(LONG);
  await page.getByTestId('left-to-fix').getByText('1 row ignored').waitFor();
  expect(await page.getByTestId('status').innerText()).toBe('Rows ignored');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Show again');
  // A reader hears of the change in the frame after the one that shows it.
  await page
    .getByTestId('announcer')
    .getByText('not imported')
    .waitFor({ state: 'attached', ...LONG });
  const title = page.getByTestId('to-fix').getByRole('heading', { level: 2 });
  expect(await title.innerText()).toBe('Ignored rows');
  expect(await page.getByTestId('reasons').count()).toBe(0);
  await page.reload();
  await heading(page, '1 contact added.').waitFor(LONG);
  expect(await seriousViolations(page)).toEqual([]);
  // Nothing has changed for who opens the page.
  expect(await page.getByTestId('announcer').innerText()).not.toContain('not imported');

  await page.goto(stack.url);
  const line = page.locator('.earlier-line').filter({ hasText: 'ignored.csv' });
  await line.getByText('1 ignored').waitFor(LONG);
  await line.getByRole('link', { name: 'ignored.csv' }).click();
  await page.getByRole('button', { name: 'Show again' }).click();
  await heading(page, '1 contact added. 1 row needs you.').waitFor(LONG);
  await page.getByTestId('reasons').getByRole('listitem').first().waitFor(LONG);
});

// A second tab and support learned of it only when they were loaded again, and support went on counting the import.
test('rows that are ignored in one tab are so at once in a second tab, in support’s list and in its story', async () => {
  const page = await openPage();
  const domain = freshName('followed.example');
  const name = freshName('followed.csv');
  await importFile(page, name, ['email', `good@${domain}`, `bad at ${domain}`]);
  await heading(page, '1 contact added. 1 row needs you.').waitFor(LONG);
  const second = await page.context().newPage();
  await second.goto(page.url());
  await heading(second, '1 contact added. 1 row needs you.').waitFor(LONG);
  await second.getByTestId('fix-here').click();
  const typed = second.getByRole('textbox', { name: 'email, line 3', exact: true });
  await typed.fill('somebody still types');

  const support = await openFreshPage(browser, stack.supportUrl);
  await support.getByTestId('support-filter').waitFor(LONG);
  const importId = new URL(page.url()).searchParams.get('import') ?? '';
  const story = await support.context().newPage();
  await story.goto(`${stack.url}/support/imports/${importId}`);
  await story.getByTestId('story-status').getByText('Rows to fix').waitFor(LONG);
  await support.goto(`${stack.url}/support?status=look&q=${importId}`);
  const row = support.locator(`[data-import="${importId}"]`);
  await row.getByText('Rows to fix').waitFor(LONG);

  await page.bringToFront();
  await page.getByTestId('ignore-rejected').click();
  await heading(second, '1 contact added.').waitFor(LONG);
  const card = second.getByTestId('to-fix');
  await card.getByRole('heading', { name: 'Ignored rows' }).waitFor(LONG);
  await second
    .getByTestId('announcer')
    .getByText('not imported')
    .waitFor({ state: 'attached', ...LONG });
  expect(await typed.inputValue()).toBe('somebody still types');
  await story.getByTestId('story-status').getByText('Rows ignored').waitFor(LONG);
  await story.getByText('The owner was told: what is left to fix is ignored').waitFor(LONG);
  // The import needs nobody any more, so the list drops its row.
  await row.waitFor({ state: 'detached', timeout: LONG.timeout });

  await second.bringToFront();
  await second.getByRole('button', { name: 'Show again' }).click();
  await heading(page, '1 contact added. 1 row needs you.').waitFor(LONG);
  expect(await typed.inputValue(), 'the table stays open').toBe('somebody still types');
  await row.getByText('Rows to fix').waitFor(LONG);
});

// Each “Show more” added rows to the page for good: with thousands of them every key took a second.
test('of many bad rows those near what is seen alone are drawn, and what is written far down is kept', async () => {
  const page = await openPage();
  const domain = freshName('many.example');
  const bad = Array.from({ length: 450 }, (_, row) => `number ${row} at ${domain},note ${row}`);
  await importFile(page, 'many.csv', ['email,note', ...bad]);
  await page.getByTestId('fix-here').click(LONG);
  const rows = page.getByTestId('fix-row');
  await rows.first().waitFor(LONG);
  const more = page.getByRole('button', { name: 'Show more rows', exact: true });
  const table = page.locator('.fix table');
  while (Number(await table.getAttribute('aria-rowcount')) < bad.length + 1) await more.click(LONG);
  expect(await more.count()).toBe(0);
  const drawn = async () => (await rows.count()) / bad.length;
  expect(await drawn()).toBeLessThan(0.4);
  const scroller = page.locator('.fix .scroller');
  const lastCell = page.getByRole('textbox', { name: `email, line ${bad.length + 1}`, exact: true });
  await eventually(async () => {
    await scroller.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    expect(await lastCell.count()).toBe(1);
  });
  expect(await drawn()).toBeLessThan(0.4);
  await lastCell.fill(`last@${domain}`);
  await scroller.evaluate((box) => box.scrollTo(0, 0));
  await page.getByRole('textbox', { name: 'email, line 2', exact: true }).waitFor();
  expect(await lastCell.inputValue(), 'the cell in which somebody writes stays').toBe(`last@${domain}`);
  await page.getByRole('textbox', { name: 'email, line 2', exact: true }).focus();
  await page.getByTestId('import-mended').waitFor(LONG);
  await eventually(async () => {
    await scroller.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    expect(await lastCell.inputValue()).toBe(`last@${domain}`);
  });
  // Tab leads on into rows that were not drawn before.
  await page.getByRole('textbox', { name: 'note, line 2', exact: true }).focus();
  for (let presses = 0; presses < 200; presses += 1) await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
    'note, line 102',
  );
  expect(await seriousViolations(page)).toEqual([]);
});

// Rows moved from block to block where others above them were gone, and the text in a cell of theirs was lost as it was typed.
test('what is being typed stays where rows above it are imported by another tab meanwhile', async () => {
  const page = await openPage();
  const domain = freshName('moves.example');
  const bad = Array.from({ length: 45 }, (_, row) => `number ${row} at ${domain},note ${row}`);
  await importFile(page, 'moves.csv', ['email,note', ...bad]);
  await page.getByTestId('fix-here').click(LONG);
  const table = page.locator('.fix table');
  await eventually(async () => expect(await table.getAttribute('aria-rowcount')).toBe('46'), {
    withinMs: LONG.timeout,
  });
  // The first one of the second block.
  const cell = page.getByRole('textbox', { name: 'note, line 42', exact: true });
  await eventually(async () => {
    await page.locator('.fix .scroller').evaluate((box) => box.scrollTo(0, box.scrollHeight));
    expect(await cell.count()).toBe(1);
  });
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByTestId('fix-here').click(LONG);
  const mended = other.getByRole('textbox', { name: 'email, line 2', exact: true });
  await mended.fill(`mended@${domain}`, LONG);
  await mended.press('Tab');
  await other.getByTestId('fix-row').first().getByText('Mended').waitFor(LONG);
  await cell.fill('half a wor');
  await other.getByTestId('import-mended').click();
  await eventually(async () => expect(await table.getAttribute('aria-rowcount')).toBe('45'), {
    withinMs: LONG.timeout,
  });
  expect(await cell.inputValue()).toBe('half a wor');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('note, line 42');
});
