/** A real Chromium, driven by Playwright. */

import { chromiumArguments, findChromium } from '@tidings/testing/chromium.mjs';
import { type Browser, chromium } from 'playwright-core';

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: install it, or set CHROMIUM_PATH');
  return chromium.launch({
    executablePath,
    args: chromiumArguments,
  });
}
