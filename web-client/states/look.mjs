/**
 * Takes a picture of every state of the pages, in light and dark, wide and narrow, and lets axe judge each of them.
 *
 *     node web-client/states/look.mjs [name part] [output folder] [language]
 *
 * Pictures go to e2e/artifacts/pages unless a folder is named. Exits with 1 when axe finds something serious or a page
 * scrolls sideways. `CHROMIUM_PATH` is the browser, as in the browser suites; default: the one that is installed.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromiumArguments, findChromium } from '@tidings/testing/chromium.mjs';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const [
  wanted = '',
  folder = fileURLToPath(new URL('../../e2e/artifacts/pages', import.meta.url)),
  locale = 'en',
] = process.argv.slice(2);
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** @typedef {{ name: string, colorScheme: 'light' | 'dark', width: number }} Look */

/** @type {readonly Look[]} */
const looks = [
  { name: 'light-1280', colorScheme: 'light', width: 1280 },
  { name: 'dark-1280', colorScheme: 'dark', width: 1280 },
  { name: 'light-320', colorScheme: 'light', width: 320 },
  { name: 'dark-320', colorScheme: 'dark', width: 320 },
];

await mkdir(folder, { recursive: true });
const server = await createServer({
  configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
  server: { port: 0, host: '127.0.0.1', hmr: false },
  logLevel: 'error',
});
await server.listen();
const [origin] = server.resolvedUrls?.local ?? [];
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: chromiumArguments,
});

let faults = 0;
try {
  const names = await listStates();
  for (const look of looks) faults += await pictures(names, look);
  console.log(`${names.length} states in ${looks.length} looks, ${faults} faults; pictures in ${folder}`);
} finally {
  await browser.close();
  await server.close();
}
process.exitCode = faults === 0 ? 0 : 1;

async function listStates() {
  const page = await browser.newPage();
  await page.goto(`${origin}states/gallery.html`);
  await page.waitForSelector('#app a');
  const names = await page.locator('#app a').allTextContents();
  await page.close();
  return names.filter((name) => name.includes(wanted));
}

/**
 * @param {readonly string[]} names
 * @param {Look} look
 * @returns {Promise<number>} of faults
 */
async function pictures(names, { name: lookName, colorScheme, width }) {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height: 800 },
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale,
  });
  let count = 0;
  for (const name of names) {
    for (const fault of await picture(context, name, `${folder}/${name}.${lookName}.png`)) {
      console.log(`${name} ${lookName}: ${fault}`);
      count += 1;
    }
  }
  await context.close();
  return count;
}

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} name of the state
 * @param {string} path of the picture
 */
async function picture(context, name, path) {
  const page = await context.newPage();
  /** @type {string[]} */
  const found = [];
  page.on('pageerror', (error) => found.push(`error: ${error.message}`));
  await page.goto(`${origin}states/gallery.html?show=${name}`);
  await page.waitForSelector('#main > *');
  await page.waitForFunction(() => !document.body.textContent?.includes('Loading…'));
  await page.screenshot({ path, fullPage: true });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (overflow > 0) found.push(`scrolls sideways by ${overflow} px`);
  await page.addScriptTag({ content: axeSource });
  const { violations } = await page.evaluate(() => Reflect.get(window, 'axe').run());
  for (const { id, impact, nodes } of violations) {
    const where = nodes.slice(0, 3).map((/** @type {{ html: string }} */ node) => node.html.slice(0, 120));
    found.push(`axe ${impact} ${id}: ${where.join(' | ')}`);
  }
  await page.close();
  return found;
}
