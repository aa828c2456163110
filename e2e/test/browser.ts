/** A real Chromium, driven by Playwright. */

import { chromiumArguments, findChromium } from '@tidings/testing/chromium.mjs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: install it, or set CHROMIUM_PATH');
  return chromium.launch({
    executablePath,
    args: chromiumArguments,
  });
}

/** Options of a page that axe is to judge: axe is a script, which the policy of contents would stop. */
export const letsAxeIn = { bypassCSP: true } satisfies BrowserContextOptions;

/** Opens the address for one test, as a browser that has never been there. An error on the page fails the test. */
export async function openFreshPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(address);
  return page;
}
