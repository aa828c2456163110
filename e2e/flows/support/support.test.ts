/** Support’s pages as a person uses them: the key, the list, an import's story, and orders with their reason. */
import { acceptImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';

const [stack, browser] = await startFileStackAndBrowser();

async function newContext(options: Parameters<Browser['newContext']>[0] = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  onTestFinished(() => context.close());
  return context;
}

async function openSupport(context: BrowserContext, place = ''): Promise<Page> {
  const page = await context.newPage();
  await page.goto(stack.supportUrl);
  await page.getByTestId('support-filter').waitFor();
  if (place !== '') await page.goto(`${stack.url}/support${place}`);
  return page;
}

/** An import that has ended, under a file name of its own. */
async function endedImport(rows = 200): Promise<{ readonly importId: string; readonly fileName: string }> {
  const { bytes } = makeContactsFile(rows);
  const fileName = `story-${Math.random().toString(36).slice(2)}.csv`;
  const { importId, channelToken } = await acceptImport(stack.url, { file: bytes, fileName });
  await untilEnded(stack.url, importId, channelToken);
  return { importId, fileName };
}

const focused = (page: Page, attribute: string) =>
  page.evaluate((name) => document.activeElement?.getAttribute(name) ?? null, attribute);

describe('support’s key', () => {
  // A new tab had lost it, and a wrong one was told of in the words for an import's link.
  test('leaves the address, is no script’s, and opens every tab of the browser until somebody signs out', async () => {
    const { importId } = await endedImport();
    const context = await newContext();
    const page = await openSupport(context);
    expect(page.url()).toBe(`${stack.url}/support`);
    const stored = await page.evaluate(() => JSON.stringify([document.cookie, localStorage, sessionStorage]));
    expect(stored).not.toContain(stack.supportToken);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: 'tidings-support', httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(cookie?.value).not.toContain(stack.supportToken);
    const tab = await context.newPage();
    await tab.goto(`${stack.url}/support/imports/${importId}`);
    await tab.getByTestId('story-status').waitFor();
    await page.getByTestId('support-leave').click();
    await page.getByTestId('no-support-token').waitFor();
    // A tab that was left open went on by its socket, and showed every import to whoever sat down.
    await tab.getByTestId('no-support-token').waitFor();
    await tab.reload();
    await tab.getByTestId('no-support-token').waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  test('that is wrong says so in words of its own, and is not kept', async () => {
    const page = await (await newContext()).newPage();
    await page.goto(`${stack.url}/support#token=wrong-key-of-somebody`);
    await page.getByText('This support key is not valid').waitFor();
    expect(await page.getByTestId('problem').innerText()).toContain('Copy the address again');
    expect(page.url()).toBe(`${stack.url}/support`);
    const gap = await page.evaluate(() => {
      const [heading, note] = [document.querySelector('h1'), document.querySelector('[data-testid=problem]')];
      return (note?.getBoundingClientRect().top ?? 0) - (heading?.getBoundingClientRect().bottom ?? 0);
    });
    expect(gap).toBeGreaterThanOrEqual(12);
    await page.reload();
    await page.getByTestId('no-support-token').waitFor();
  });
});

test('each part has a title of its own, by its link and by its address', async () => {
  const { importId, fileName } = await endedImport();
  const page = await openSupport(await newContext(), `/imports/${importId}`);
  await page.getByTestId('story-status').waitFor();
  await page.waitForFunction((name) => document.title.startsWith(name), fileName);
  const links = page.getByRole('navigation', { name: 'Parts of support' }).getByRole('link');
  const titles: string[] = [];
  for (let index = 0; index < (await links.count()); index += 1) {
    const before = await page.title();
    await links.nth(index).click();
    await page.waitForFunction((old) => document.title !== old, before);
    titles.push(await page.title());
  }
  expect(new Set(titles).size).toBe(6);
  await page.reload();
  await page.waitForFunction((last) => document.title === last, titles.at(-1));
});

describe('the list', () => {
  test('keeps what it is asked for in the address, over a reload and the way back', async () => {
    const [one, other] = [await endedImport(), await endedImport()];
    const page = await openSupport(await newContext());
    await page.getByTestId('support-search').fill(one.fileName.toUpperCase());
    await page.locator(`[data-import="${other.importId}"]`).waitFor({ state: 'detached' });
    await page.locator(`[data-import="${one.importId}"]`).waitFor();
    await page.waitForURL(/\?q=STORY/);
    const announcer = page.getByTestId('announcer');
    await announcer.getByText('Imports that match: 1').waitFor({ state: 'attached' });
    await page.getByTestId('support-filter').selectOption('running');
    await page.getByTestId('support-empty').waitFor();
    await announcer.getByText('No import matches').waitFor({ state: 'attached' });
    await page.waitForURL(/status=running/);
    await page.reload();
    await page.getByTestId('support-empty').waitFor();
    expect(await page.getByTestId('support-search').inputValue()).toBe(one.fileName.toUpperCase());
    await page.getByTestId('support-filter').selectOption('all');
    await page.getByRole('link', { name: one.fileName }).click();
    await page.getByTestId('story-status').waitFor();
    await page.goBack();
    await page.locator(`[data-import="${one.importId}"]`).waitFor();
    expect(await page.getByTestId('support-row').count()).toBe(1);
  });

  // Each filter took the place of the one before, so that the way back led out of support.
  test('goes back to the former filters, with one step for a text that was typed', async () => {
    const page = await openSupport(await newContext());
    const [filter, search] = [page.getByTestId('support-filter'), page.getByTestId('support-search')];
    const asked = async () => [await filter.inputValue(), await search.inputValue()];
    await filter.selectOption('completed');
    await page.waitForURL(/\/support\?status=completed$/);
    await page.getByTestId('support-look').click();
    await page.waitForURL(/\/support\?status=look$/);
    for (const text of ['sto', 'story-of-none']) {
      await search.fill(text);
      await page.waitForURL(`**/support?status=look&q=${text}`);
    }
    await page.goBack();
    await eventually(async () => expect(await asked()).toEqual(['look', '']));
    await page.goBack();
    await eventually(async () => expect(await asked()).toEqual(['completed', '']));
    await page.goBack();
    await eventually(async () => expect(await asked()).toEqual(['all', '']));
    await page.goForward();
    await page.goForward();
    await page.goForward();
    await eventually(async () => expect(await asked()).toEqual(['look', 'story-of-none']));

    // What is typed is asked for after a moment, also where somebody goes back within it: that led on again.
    await search.evaluate((input: HTMLInputElement) => {
      input.value = 'story-of-none-either';
      input.dispatchEvent(new InputEvent('input', { bubbles: true }));
      history.replaceState(null, '', '/support?status=completed&q=story-of-none');
      dispatchEvent(new PopStateEvent('popstate'));
    });
    await eventually(async () => expect(await asked()).toEqual(['completed', 'story-of-none']));
    await page.waitForURL(/\/support\?status=completed&q=story-of-none$/);

    await page.goto(`${stack.url}/support/audit`);
    await page.getByTestId('audit-action').selectOption('erase');
    await page.waitForURL(/action=erase/);
    await page.goBack();
    await eventually(async () => expect(await page.getByTestId('audit-action').inputValue()).toBe(''));
  });

  test('has rows of one height, and stays as it is under the pointer until somebody wants the new ones', async () => {
    await endedImport();
    const page = await openSupport(await newContext());
    const rows = page.getByTestId('support-row');
    await rows.first().waitFor();
    const heights = await rows.evaluateAll((found) => found.map((row) => row.getBoundingClientRect().height));
    expect(new Set(heights)).toEqual(new Set([48]));
    // A rule was lost once, and names stood over the row above.
    const standOut = await rows.evaluateAll(
      (found) =>
        found.filter((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          const cells = [...row.querySelectorAll('a, span, button')].map((cell) =>
            cell.getBoundingClientRect(),
          );
          return cells.some((cell) => cell.height > 0 && (cell.top < top - 1 || cell.bottom > bottom + 1));
        }).length,
    );
    expect(standOut).toBe(0);
    const top = await rows.first().getAttribute('data-import');
    await rows.first().hover();
    const { importId } = await endedImport();
    await page.getByTestId('support-fresh').getByText('1 new – show').waitFor();
    expect(await rows.first().getAttribute('data-import')).toBe(top);
    await page.getByTestId('support-fresh').click();
    await page.locator(`[data-import="${importId}"]`).waitFor();
    expect(await rows.first().getAttribute('data-import')).toBe(importId);
  });
});

describe('what somebody has asked for more of', () => {
  const focusedImport = (page: Page) =>
    page.evaluate(
      () => document.activeElement?.closest('[data-import]')?.getAttribute('data-import') ?? null,
    );

  // The button went away, the focus went to the heading, and nothing was said.
  test('new imports are said, and reading goes on at the first of them', async () => {
    await endedImport();
    const page = await openSupport(await newContext());
    await page.getByTestId('support-row').first().getByRole('link').first().focus();
    const { importId } = await endedImport();
    const fresh = page.getByTestId('support-fresh');
    await fresh.getByText('1 new – show').waitFor();
    await fresh.focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('announcer').getByText('New imports shown: 1.').waitFor({ state: 'attached' });
    expect(await focusedImport(page)).toBe(importId);
  });

  test('more chunks are said, and reading goes on at the first of them', async () => {
    const { importId } = await endedImport(90_000);
    const page = await openSupport(await newContext(), `/imports/${importId}`);
    await page.getByTestId('chunks-all').check();
    const chunks = page.getByTestId('chunk');
    await chunks.nth(49).waitFor();
    expect(await chunks.count()).toBe(50);
    await page.getByTestId('more-chunks').focus();
    await page.keyboard.press('Enter');
    await chunks.nth(50).waitFor();
    const more = (await chunks.count()) - 50;
    await page.getByTestId('announcer').getByText(`More shown: ${more}.`).waitFor({ state: 'attached' });
    expect(await focused(page, 'data-chunk')).toBe('50');
  });
});

test('by keyboard alone: from the list to an import, which is taken back for a reason that its story keeps', async () => {
  const { importId, fileName } = await endedImport();
  const page = await openSupport(await newContext(), `?q=${fileName}`);
  await page.locator(`[data-import="${importId}"]`).waitFor();
  await page.getByTestId('support-filter').focus();
  await page.keyboard.press('Tab');
  expect(await focused(page, 'href')).toBe(`/support/imports/${importId}`);
  await page.keyboard.press('Enter');
  await page.getByTestId('story-undo').waitFor();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  expect(await page.title()).toContain(fileName);

  await page.getByTestId('story-undo').focus();
  await page.keyboard.press('Enter');
  expect(await focused(page, 'data-testid')).toBe('order-reason');
  await page.keyboard.press('Escape');
  expect(await focused(page, 'data-testid')).toBe('story-undo');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByText('Give a reason.').waitFor();
  expect(
    await page.getByTestId('order-reason').evaluate((field) => {
      const [first = ''] = field.getAttribute('aria-describedby')?.split(' ') ?? [];
      return [field.getAttribute('aria-invalid'), document.getElementById(first)?.textContent];
    }),
  ).toEqual(['true', 'Give a reason.']);
  expect(await focused(page, 'data-testid')).toBe('order-reason');
  await page.keyboard.type('The wrong file; ticket 4711');
  await page.keyboard.press('Enter');
  await page.getByTestId('announcer').getByText('Ordered.').waitFor({ state: 'attached' });
  await page.getByTestId('story-status').getByText('Taken back').waitFor({ timeout: 60_000 });
  const timeline = page.getByTestId('timeline');
  await timeline.getByText('The wrong file; ticket 4711').waitFor({ timeout: 60_000 });
  expect(await timeline.innerText()).toMatch(
    /Accepted[\s\S]*The whole file has arrived[\s\S]*Ordered: take back/,
  );
  expect(await timeline.locator('code').count(), 'codes that are not told in words').toBe(0);
  expect(await timeline.innerText()).toContain('Chunk 1');
  expect(await page.getByTestId('chunk-sums').innerText()).toContain('1 done');
});

describe.each([
  ['at 320 px', { viewport: { width: 320, height: 700 } }],
  ['at 768 px', { viewport: { width: 768, height: 900 } }],
  ['at 1440 px, in dark', { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' }],
  ['in forced colours', { viewport: { width: 1280, height: 900 }, forcedColors: 'active' }],
] as const)('support’s pages %s', (_name, options) => {
  test('show axe nothing serious, and do not scroll sideways', async () => {
    const { importId } = await endedImport();
    const context = await newContext({ ...options, bypassCSP: true });
    for (const [place, ready] of [
      ['', 'support-row'],
      [`/imports/${importId}`, 'timeline'],
    ] as const) {
      const page = await openSupport(context, place);
      await page.getByTestId(ready).first().waitFor();
      expect(await seriousViolations(page)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    }
  });
});

/** Notes of another service about an import, `count` of them: they stand in its story. */
async function noteMany(channelId: string, subject: string, count: number): Promise<void> {
  const items = Array.from({ length: count }, (_, data) => ({ subject, type: 'crm.noted', data }));
  for (let from = 0; from < count; from += 100) {
    const answer = await fetch(`${stack.url}/channels/${channelId}/notifications`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${stack.apiKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(items.slice(from, from + 100)),
    });
    expect(answer.status).toBe(202);
  }
}

// Only lists that are short had shown it: nothing read so many events of one import by the button itself.
test('of a story of more than two thousand events: who asks for more reads on where it begins, and who types meanwhile goes on', async () => {
  const { bytes } = makeContactsFile(20);
  const { importId, channelId, channelToken } = await acceptImport(stack.url, { file: bytes });
  await untilEnded(stack.url, importId, channelToken);
  await noteMany(channelId, importId, 2_300);
  const page = await openSupport(await newContext(), `/imports/${importId}`);
  const [more, entries] = [page.getByTestId('more-events'), page.getByTestId('timeline').locator('> li')];
  const announcer = page.getByTestId('announcer');
  /** The place of the entry in focus; -1 where the focus is elsewhere. */
  const placeInFocus = () =>
    entries.evaluateAll((found) => found.findIndex((entry) => entry === document.activeElement));
  await more.waitFor({ timeout: 60_000 });
  const first = await entries.count();
  expect(first).toBeGreaterThan(900);
  await more.focus();
  await page.keyboard.press('Enter');
  await announcer.getByText(/^More shown: 1,\d{3}\.$/).waitFor({ state: 'attached', timeout: 60_000 });
  expect(await placeInFocus()).toBe(first);

  const second = await entries.count();
  expect(second).toBeGreaterThan(first + 900);
  let goOn = () => {};
  const typed = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await page.route('**/events?*', async (route) => {
    await typed;
    await route.continue();
  });
  const asked = page.waitForRequest('**/events?*');
  await more.focus();
  await page.keyboard.press('Enter');
  await asked;
  await page.getByTestId('story-undo').click();
  await page.getByTestId('order-reason').fill('A reason');
  // What gave the order was named as what asks for it, “Take this import back…”, as if one more question came.
  expect(await page.getByTestId('story-undo-yes').innerText()).toBe('Yes, take it back');
  goOn();
  await announcer.getByText(/^More shown: \d{3}\.$/).waitFor({ state: 'attached', timeout: 60_000 });
  expect(await entries.count()).toBeGreaterThan(second + 200);
  expect(await focused(page, 'data-testid')).toBe('order-reason');
  expect(await more.count()).toBe(0);
});
