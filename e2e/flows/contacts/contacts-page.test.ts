/** The contacts page: long lists as they are seen, a deletion within its ten seconds, and axe over its widths. */
import { eventually } from '@tidings/testing/eventually.ts';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { letsAxeIn, openFreshPage } from '../../test/browser.ts';
import { importPersons, openContacts } from '../../test/contacts-page.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';

/** Rows from which on the page draws those alone that are seen. */
const LONG_ROWS = 200;

/** Milliseconds in which a person can take a deletion back. */
const UNDO_MS = 10_000;
/** Milliseconds between two questions for the imports. */
const ASK_MS = 20_000;
/** Milliseconds of a few frames. */
const DRAW_MS = 200;

const [stack, browser] = await startFileStackAndBrowser();
beforeAll(async () => {
  await importPersons(stack.url, 400, 'long.example');
});

/** What of the table a person sees, and what stands in the document. */
const lookAtTable = (page: Page) =>
  page.evaluate(() => {
    const rows = [...document.querySelectorAll('[data-testid="contact-row"]')];
    const seen = rows.filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
    const table = document.querySelector('tbody')?.getBoundingClientRect();
    const indexes = seen.map((row) => Number(row.getAttribute('aria-rowindex')));
    return {
      drawn: rows.length,
      seen: seen.length,
      first: indexes[0] ?? 0,
      isWithoutGap: indexes.every((index, place) => index === (indexes[0] ?? 0) + place),
      height: table?.height ?? 0,
      top: table?.top ?? 0,
    };
  });

// Twenty thousand contacts once were as many rows of the document.
test('of a long list only the rows are drawn that are seen, each in its place', async () => {
  const page = await openContacts(browser, stack.url);
  const rowCount = async () =>
    Number(await page.getByTestId('contacts-table').getAttribute('aria-rowcount')) - 1;
  for (let rows = await rowCount(); rows <= LONG_ROWS; rows = await rowCount()) {
    await page.getByTestId('load-more').click();
    await eventually(async () => expect(await rowCount()).toBeGreaterThan(rows));
  }
  const rows = await rowCount();
  await eventually(async () => expect((await lookAtTable(page)).drawn).toBeLessThan(rows));
  const start = await lookAtTable(page);
  const rowHeight = start.height / rows;
  for (const share of [0.5, 1, 0]) {
    await page.evaluate((part) => {
      const body = document.querySelector('tbody');
      if (body !== null)
        scrollTo(0, body.getBoundingClientRect().top + scrollY + part * (body.offsetHeight - innerHeight));
    }, share);
    await eventually(async () => {
      const { drawn, seen, first, isWithoutGap, height, top } = await lookAtTable(page);
      expect(seen).toBeGreaterThan(3);
      expect(isWithoutGap).toBe(true);
      expect(drawn).toBeLessThan(LONG_ROWS);
      // The heading is row 1. What stands at the top of the window is the row whose place it is.
      expect(Math.abs(first - 2 - Math.max(0, Math.floor(-top / rowHeight)))).toBeLessThanOrEqual(1);
      expect(Math.abs(height - start.height)).toBeLessThanOrEqual(rowHeight);
    });
  }
});

describe('a deletion', () => {
  /** The page with a clock that stands still, its persons, and the deletions that it has sent. */
  async function openWithClock(domain: string): Promise<{ page: Page; sent: readonly string[] }> {
    await importPersons(stack.url, 3, domain);
    const page = await openFreshPage(browser, 'about:blank');
    await page.clock.install();
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'DELETE') sent.push(request.url());
    });
    await page.goto(`${stack.url}/contacts?query=${domain}`);
    await eventually(async () => expect(await page.getByTestId('contact-row').count()).toBe(3));
    await page.clock.pauseAt(Date.now() + 60_000);
    return { page, sent };
  }
  /** Frames of the stopped clock in which the page draws. */
  const draw = (page: Page) => page.clock.runFor(DRAW_MS);
  /** Ends `DRAW_MS` after the deletion has begun. */
  async function deletePerson(page: Page, email: string): Promise<void> {
    await page.getByRole('button', { name: `Edit ${email}` }).press('Enter');
    await draw(page);
    await page.getByTestId('contact-dialog').getByTestId('delete').press('Enter');
    await draw(page);
    await page.getByTestId('deletion-note').getByText(email).waitFor();
  }

  test('is sent ten seconds later, and not before', async () => {
    const domain = freshName('timer.example');
    const { page, sent } = await openWithClock(domain);
    await deletePerson(page, `person.0@${domain}`);
    expect(await page.getByTestId('contact-row').count()).toBe(2);
    await page.clock.runFor(UNDO_MS - 2 * DRAW_MS);
    expect(sent).toEqual([]);
    expect(await page.getByTestId('deletion-note').count()).toBe(1);
    const answered = page.waitForResponse((response) => response.request().method() === 'DELETE');
    await page.clock.runFor(2 * DRAW_MS);
    expect((await answered).ok()).toBe(true);
    expect(sent).toHaveLength(1);
    expect(await page.getByTestId('deletion-note').count()).toBe(0);
  });

  test('that is taken back is never sent', async () => {
    const domain = freshName('undo.example');
    const { page, sent } = await openWithClock(domain);
    await deletePerson(page, `person.1@${domain}`);
    await page.clock.runFor(UNDO_MS - 2 * DRAW_MS);
    // The note had half of the window, and its button broke within its word.
    await page.setViewportSize({ width: 320, height: 700 });
    const button = await page.getByTestId('undo-deletion').boundingBox();
    expect(button?.height).toBeLessThan(48);
    await page.getByTestId('undo-deletion').press('Enter');
    await page.clock.runFor(2 * UNDO_MS);
    expect(await page.getByTestId('deletion-note').count()).toBe(0);
    expect(sent).toEqual([]);
    expect(await page.getByTestId('contact-row').count()).toBe(3);
  });

  // The note stands behind the rows: with fifty of them nobody reached its button by the Tab key within ten seconds.
  test('is taken back by Ctrl+Z wherever the focus is, but not while something is typed', async () => {
    const domain = freshName('keys.example');
    const { page, sent } = await openWithClock(domain);
    await deletePerson(page, `person.1@${domain}`);
    await page.getByTestId('contacts-search').press('Control+z');
    await draw(page);
    expect(await page.getByTestId('deletion-note').count()).toBe(1);
    await page.getByRole('button', { name: `Edit person.2@${domain}` }).press('Control+z');
    await draw(page);
    expect(await page.getByTestId('deletion-note').count()).toBe(0);
    const focused = () => page.evaluate(() => document.activeElement?.ariaLabel);
    await eventually(async () => expect(await focused()).toBe(`Edit person.1@${domain}`));
    await page.clock.runFor(2 * UNDO_MS);
    expect(sent).toEqual([]);
  });

  test('waits while its note has the focus or the pointer', async () => {
    const domain = freshName('held.example');
    const { page, sent } = await openWithClock(domain);
    await deletePerson(page, `person.1@${domain}`);
    await page.getByTestId('undo-deletion').focus();
    await page.clock.runFor(2 * UNDO_MS);
    expect(await page.getByTestId('deletion-note').count()).toBe(1);
    await page.getByTestId('contacts-search').focus();
    await page.clock.runFor(UNDO_MS - 2 * DRAW_MS);
    await page.getByTestId('deletion-note').hover();
    await page.clock.runFor(2 * UNDO_MS);
    expect(sent).toEqual([]);
    await page.getByTestId('contacts-search').hover();
    await page.clock.runFor(UNDO_MS + DRAW_MS);
    await eventually(() => expect(sent).toHaveLength(1));
  });

  test('is sent at once where another one begins, and each has ten seconds of its own', async () => {
    const domain = freshName('second.example');
    const { page, sent } = await openWithClock(domain);
    await deletePerson(page, `person.0@${domain}`);
    await page.clock.runFor(UNDO_MS / 2);
    await deletePerson(page, `person.2@${domain}`);
    await eventually(() => expect(sent).toHaveLength(1));
    await page.clock.runFor(UNDO_MS - 2 * DRAW_MS);
    expect(sent).toHaveLength(1);
    await page.clock.runFor(2 * DRAW_MS);
    await eventually(() => expect(sent).toHaveLength(2));
    expect(await page.getByTestId('contact-row').count()).toBe(1);
  });
});

// The page went on to show the former list and its total, and said nothing.
test('of an import that ends meanwhile the list says that it is out of date, and is read anew by a button', async () => {
  const domain = freshName('ended.example');
  await importPersons(stack.url, 2, domain);
  const page = await openFreshPage(browser, 'about:blank');
  await page.clock.install();
  const first = page.waitForResponse((response) => new URL(response.url()).pathname === '/imports');
  await page.goto(`${stack.url}/contacts?query=${domain}`);
  await (await first).finished();
  const rows = page.getByTestId('contact-row');
  await eventually(async () => expect(await rows.count()).toBe(2));
  await page.clock.runFor(ASK_MS);
  expect(await page.getByTestId('out-of-date').count(), 'what had ended before is in the list').toBe(0);
  const top = await rows.first().boundingBox();
  await importPersons(stack.url, 3, domain);
  await eventually(async () => {
    await page.clock.runFor(ASK_MS);
    expect(await page.getByTestId('out-of-date').count()).toBe(1);
  });
  expect(await rows.count()).toBe(2);
  expect(await rows.first().boundingBox(), 'no row moves').toEqual(top);
  const said = 'An import has ended. This list is out of date.';
  await page.getByTestId('announcer').getByText(said).waitFor({ state: 'attached' });
  await page.getByTestId('read-anew').press('Enter');
  await page.getByTestId('out-of-date').waitFor({ state: 'detached' });
  expect(await rows.count()).toBe(3);
  await eventually(async () => expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1'));
});

describe.each([320, 768, 1440])('at %d px', (width) => {
  test.each(['none', 'active'] as const)(
    'axe finds nothing serious in the list and in the panel (forced colours: %s)',
    async (forcedColors) => {
      const options = { ...letsAxeIn, forcedColors, viewport: { width, height: 800 } };
      const page = await openFreshPage(browser, `${stack.url}/contacts`, options);
      await page.getByTestId('contact-row').first().waitFor();
      expect(await seriousViolations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await page.getByTestId('contact-row').first().getByRole('button').click();
      await page.getByTestId('contact-dialog').waitFor();
      expect(await seriousViolations(page)).toEqual([]);
      onTestFinished(() => page.close());
    },
  );
});
