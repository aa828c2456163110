/** The page of an import stays steady: nothing jumps while it runs and when it ends, no bar runs backwards, every look passes axe. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { seriousViolations } from '../../test/accessibility.ts';
import { letsAxeIn, openFreshPage } from '../../test/browser.ts';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { limitUpload } from '../../test/import-page.ts';

/** Milliseconds for what takes a whole import. */
const LONG = { timeout: 90_000 };
/** Bytes per second of an upload that takes some seconds. */
const SLOW_UPLOAD = 400_000;
/** Of layout shift, as browsers measure it, in each of both. */
const MOST_SHIFT = 0.02;

const [stack, browser] = await startFileStackAndBrowser();

const openPage = (address: string): Promise<Page> => openFreshPage(browser, address, letsAxeIn);

interface Watched {
  shifts: { at: number; value: number }[];
  shares: number[];
  texts: string[];
  endedAt: number;
}

/** Notes in the page what a person would see move, from the moment that the progress is shown. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watched: Watched = { shifts: [], shares: [], texts: [], endedAt: Number.POSITIVE_INFINITY };
    Object.assign(globalThis, { watched });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput, startTime } = entry as PerformanceEntry & {
          value: number;
          hadRecentInput: boolean;
        };
        if (!hadRecentInput) watched.shifts.push({ at: startTime, value });
      }
    }).observe({ type: 'layout-shift' });
    new MutationObserver(() => {
      const bar = document.querySelector('[data-testid="import-progress"]');
      const share = bar?.getAttribute('aria-valuenow');
      if (share != null) watched.shares.push(Number(share));
      if (bar !== null) watched.texts.push(bar.getAttribute('aria-valuetext') ?? '');
      if (document.querySelector('[data-testid="summary"]') !== null)
        watched.endedAt = Math.min(watched.endedAt, performance.now());
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  });
}

const watchedOf = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched);

test('nothing jumps while an import runs or when it ends, and its bar never runs backwards', async () => {
  const page = await openPage(stack.url);
  const file = makeContactsFile(60_000, 'steady.example');
  await page
    .getByTestId('file-input')
    .setInputFiles({ name: 'steady.csv', mimeType: 'text/csv', buffer: file.bytes });
  await page.getByTestId('start-import').waitFor();
  await limitUpload(page, SLOW_UPLOAD);
  await page.getByTestId('start-import').click();
  await page.getByTestId('import-progress').waitFor(LONG);
  await watch(page);
  expect(await page.getByTestId('may-close').innerText()).toContain('Keep this page open');
  expect(await page.getByTestId('import-progress').getAttribute('role')).toBe('progressbar');
  await page.getByTestId('summary').waitFor(LONG);
  await page.getByTestId('reconciled').getByText('Checked').waitFor(LONG);
  await page.getByTestId('reasons').getByRole('listitem').first().waitFor(LONG);

  const { shifts, shares, texts, endedAt } = await watchedOf(page);
  const sum = (part: typeof shifts) => part.reduce((total, { value }) => total + value, 0);
  expect(sum(shifts.filter(({ at }) => at < endedAt))).toBeLessThan(MOST_SHIFT);
  expect(sum(shifts.filter(({ at }) => at >= endedAt))).toBeLessThan(MOST_SHIFT);
  expect(
    texts.some((text) => / of about [\d,]+ rows$/.test(text)),
    'an estimated total',
  ).toBe(true);
  expect(new Set(shares).size, 'shares that were shown').toBeGreaterThan(3);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));

  for (const width of [320, 768, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const media of [
      { colorScheme: 'light', forcedColors: 'none' },
      { colorScheme: 'dark', forcedColors: 'none' },
      { colorScheme: 'dark', forcedColors: 'active' },
    ] as const) {
      await page.emulateMedia(media);
      expect(await seriousViolations(page), `${width} ${JSON.stringify(media)}`).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
});

test('the browser tells the end to a person who has asked for that, and asks nobody else', async () => {
  const page = await openPage('about:blank');
  // Chromium shows no notifications without a window, so this one notes them.
  await page.addInitScript(() => {
    const told: string[] = [];
    class NotedNotification {
      static asked = 0;
      static async requestPermission(): Promise<string> {
        NotedNotification.asked += 1;
        return 'granted';
      }
      constructor(title: string, options?: { body?: string }) {
        told.push(`${title} ${options?.body}`);
      }
    }
    Object.assign(globalThis, { Notification: NotedNotification, told });
  });
  await page.goto(stack.url);
  const file = makeContactsFile(5_000, 'told.example');
  await page
    .getByTestId('file-input')
    .setInputFiles({ name: 'told.csv', mimeType: 'text/csv', buffer: file.bytes });
  await page.getByTestId('start-import').waitFor();
  await limitUpload(page, SLOW_UPLOAD / 4);
  await page.getByTestId('start-import').click();
  await page.getByTestId('tell-when-done').waitFor(LONG);
  const asked = () =>
    page.evaluate(() => (globalThis as unknown as { Notification: { asked: number } }).Notification.asked);
  expect(await asked()).toBe(0);
  await page.getByTestId('tell-when-done').focus();
  await page.keyboard.press('Enter');
  await page.getByText('This browser tells you when it is done').waitFor();
  expect(await asked()).toBe(1);
  await page.getByTestId('summary').waitFor(LONG);
  const title = await page.getByRole('heading', { level: 1 }).innerText();
  expect(await page.evaluate(() => (globalThis as unknown as { told: string[] }).told)).toEqual([
    `${title} told.csv`,
  ]);
});
