/**
 * `npm run pictures`: takes a picture of every state of every page, in light and dark, wide and narrow, zoomed and in forced colours, puts
 * all of them on one contact sheet, and tells what axe and the rules of layout find in each.
 *
 *     npm run pictures -- [part of a name] [--folder FOLDER] [--language TAG] [--look PART] [--no-axe]
 *
 * The sheet is e2e/artifacts/pages/index.html unless a folder is named. Exits with 1 when something is found.
 * `CHROMIUM_PATH` is the browser, as in the browser suites; default: the one that is installed.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromiumArguments, findChromium } from '@tidings/testing/chromium.mjs';
import { chromium } from 'playwright-core';
import { layoutFaults } from './layout-faults.mjs';
import { serveGallery } from './serve-gallery.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    folder: { type: 'string', default: fileURLToPath(new URL('../../e2e/artifacts/pages', import.meta.url)) },
    language: { type: 'string', default: 'en' },
    look: { type: 'string', default: '' },
    axe: { type: 'boolean', default: true },
  },
});
const { folder } = options;
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** @typedef {{ name: string, width: number, zoom?: number, colorScheme?: 'light' | 'dark', forcedColors?: 'none' | 'active' }} Look */

/** @type {readonly Look[]} */
const looks = [
  { name: 'light-1440', width: 1440 },
  { name: 'dark-1440', width: 1440, colorScheme: 'dark' },
  { name: 'zoom-1440', width: 1440, zoom: 2 },
  { name: 'light-768', width: 768 },
  { name: 'dark-320', width: 320, colorScheme: 'dark' },
  { name: 'light-320', width: 320 },
  { name: 'forced-768', width: 768, colorScheme: 'dark', forcedColors: 'active' },
];
/** States that are drawn at once. */
const AT_ONCE = 2;

/** By state and look: what is wrong there. @type {Map<string, readonly string[]>} */
const faults = new Map();
await mkdir(folder, { recursive: true });
const gallery = await serveGallery();
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments });
try {
  const pages = await listStates();
  const names = [...pages.values()].flat();
  const chosen = looks.filter(({ name }) => name.includes(options.look));
  for (const look of chosen) await takePictures(names, look);
  await writeFile(join(folder, 'index.html'), contactSheet(pages));
  const count = [...faults.values()].flat().length;
  console.log(
    `${names.length} states in ${chosen.length} looks, ${count} faults: ${join(folder, 'index.html')}`,
  );
  process.exitCode = count === 0 ? 0 : 1;
} finally {
  await browser.close();
  await gallery.close();
}

/** @returns {Promise<Map<string, string[]>>} the names of states by their page */
async function listStates() {
  const page = await browser.newPage();
  await page.goto(gallery.addressOf());
  await page.waitForSelector('#app a');
  const all = await page
    .locator('#app a')
    .evaluateAll((links) => links.map((link) => [link.dataset.page ?? '', link.textContent ?? '']));
  await page.close();
  /** @type {Map<string, string[]>} */
  const pages = new Map();
  for (const [pageName = '', name = ''] of all)
    if (name.includes(positionals[0] ?? '')) pages.set(pageName, [...(pages.get(pageName) ?? []), name]);
  return pages;
}

/**
 * @param {readonly string[]} names
 * @param {Look} look
 */
async function takePictures(
  names,
  { name: lookName, width, zoom = 1, colorScheme = 'light', forcedColors = 'none' },
) {
  const context = await browser.newContext({
    ...{ colorScheme, forcedColors, locale: options.language },
    viewport: { width: width / zoom, height: 800 / zoom },
    deviceScaleFactor: zoom,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
  });
  const waiting = [...names];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const found = await takePicture(context, name, join(folder, `${name}.${lookName}.png`));
      for (const fault of found) console.log(`${name} ${lookName}: ${fault}`);
      faults.set(`${name}.${lookName}`, found);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await context.close();
}

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} name of the state
 * @param {string} path of the picture
 */
async function takePicture(context, name, path) {
  const page = await context.newPage();
  /** @type {string[]} */
  const found = [];
  page.on('pageerror', (error) => found.push(`error: ${error.message}`));
  await page.goto(gallery.addressOf(name));
  await page.waitForSelector('#main > *');
  await page.waitForFunction(() => !document.body.textContent?.includes('Loading…'));
  await page.screenshot({ path, fullPage: true });
  found.push(...(await page.evaluate(layoutFaults)));
  if (options.axe) found.push(...(await judge(page)));
  await page.close();
  return found;
}

/** @param {import('playwright-core').Page} page */
async function judge(page) {
  await page.addScriptTag({ content: axeSource });
  const { violations } = await page.evaluate(() =>
    Reflect.get(window, 'axe').run({ rules: { 'target-size': { enabled: true } } }),
  );
  /** @type {{ id: string, impact: string, nodes: { html: string }[] }[]} */
  const typed = violations;
  return typed.map(({ id, impact, nodes }) => {
    const where = nodes.slice(0, 3).map(({ html }) => html.slice(0, 120));
    return `axe ${impact} ${id}: ${where.join(' | ')}`;
  });
}

/** @param {ReadonlyMap<string, readonly string[]>} pages */
function contactSheet(pages) {
  const sections = [...pages].map(([page, names]) => {
    const rows = names.map(
      (name) =>
        `<section><h3 id="${name}">${name}</h3><div>${looks.map((look) => figure(name, look)).join('')}</div></section>`,
    );
    return `<h2>${page} (${names.length})</h2>${rows.join('\n')}`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Every state of every page</title><style>
body{font:14px/1.4 system-ui,sans-serif;margin:16px;background:#777;color:#fff}
div{display:flex;gap:12px;align-items:start;overflow-x:auto;padding-block-end:12px}
figure{margin:0;flex:none} img{display:block;height:auto;background:#fff} figcaption.bad{background:#b00}
</style></head><body><h1>Every state of every page</h1>
${sections.join('\n')}
</body></html>`;
}

/**
 * @param {string} name
 * @param {Look} look
 */
function figure(name, look) {
  const file = `${name}.${look.name}`;
  const found = faults.get(file) ?? [];
  const words = [look.name, ...found].map((text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));
  // Wide pages at a third, narrow ones larger: each shows what matters.
  const width = Math.round(look.width / (look.width > 700 ? 3 : 1.6));
  return `<figure><a href="${file}.png"><img loading="lazy" width="${width}" src="${file}.png" alt="${file}"></a><figcaption class="${found.length > 0 ? 'bad' : ''}">${words.join('<br>')}</figcaption></figure>`;
}
