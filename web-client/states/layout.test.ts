/**
 * The rules of layout that a browser can check, in every state of every page, in each language, on a phone, at 200 %, on a tablet and on a wide screen.
 * Words differ in length by half between languages, so what fits in one may overlap, be cut, or leave its box in another.
 */
import { chromiumArguments, findChromium } from '@tidings/testing/chromium.mjs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { siteWords as chinese } from '../words/chinese/site.ts';
import { siteWords as english } from '../words/english/site.ts';
import { siteWords as german } from '../words/german/site.ts';
import { siteWords as spanish } from '../words/spanish/site.ts';
import { siteWords as ukrainian } from '../words/ukrainian/site.ts';
import { layoutFaults } from './layout-faults.mjs';
import { serveGallery } from './serve-gallery.mjs';

/** CSS pixels: a phone, a window of 1440 pixels at 200 %, a little more than where most columns begin, and a wide one. */
const widths = [320, 720, 848, 1440];
/** Frames in which a state draws what it fetches, at most: a minute where nothing holds the browser up. */
const MOST_FRAMES = 3_600;
const languages = { en: english, de: german, uk: ukrainian, es: spanish, zh: chinese };

let gallery: Awaited<ReturnType<typeof serveGallery>>;
let browser: Browser;

beforeAll(async () => {
  gallery = await serveGallery();
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments });
});

afterAll(async () => {
  await browser.close();
  await gallery.close();
});

interface Look {
  readonly locale: string;
  readonly width: number;
  /** What a page says while a part of it is fetched. */
  readonly loading: string;
}

async function openGallery({ locale, width }: Look): Promise<Page> {
  const page = await browser.newPage({
    ...{ locale, reducedMotion: 'reduce', timezoneId: 'UTC' },
    viewport: { width, height: 800 },
  });
  await page.goto(gallery.addressOf());
  await page.waitForSelector('#app a');
  await page.addScriptTag({ content: `window.layoutFaults = ${layoutFaults}` });
  return page;
}

/** Draws one state after another in the same page: loading it anew for each takes five times as long. */
const faultsOfStates = (page: Page, { loading }: Look): Promise<{ states: number; faults: string[] }> =>
  page.evaluate(
    async ({ waits, most }) => {
      const { layoutFaults: find } = window as unknown as { layoutFaults: () => string[] };
      const names = [...document.querySelectorAll('#app a')].map(({ textContent }) => textContent);
      const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const isReady = () =>
        document.querySelector('#main > *') !== null && !document.body.textContent.includes(waits);
      const faults: string[] = [];
      for (const name of names) {
        history.replaceState(null, '', `?show=${name}`);
        dispatchEvent(new PopStateEvent('popstate'));
        // Effects, and what they fetch, come with the frame after the first.
        let frames = 0;
        do await drawn();
        while (!isReady() && ++frames < most);
        // A state that waits for ever held up the whole file, which did not say which it was.
        if (!isReady()) throw new Error(`${name} goes on to say “${waits}”, or shows nothing`);
        await drawn();
        faults.push(...find().map((fault) => `${name}: ${fault}`));
      }
      return { states: names.length, faults };
    },
    { waits: loading, most: MOST_FRAMES },
  );

const looks = Object.entries(languages).flatMap(([locale, { loading }]) =>
  widths.map((width): Look => ({ locale, width, loading })),
);

test.concurrent.each(looks)('every state is laid out well in $locale at $width px', async (look) => {
  const page = await openGallery(look);
  const { states, faults } = await faultsOfStates(page, look);
  await page.close();
  expect(states).toBeGreaterThan(100);
  expect(faults).toEqual([]);
});

test.each([
  ['overlap', '<p style="height: 10px">Upper words</p><p>Lower words</p>'],
  ['overlap', '<button style="margin-bottom: -20px">Upper</button><p>Lower words</p>'],
  ['touch', '<button>Above</button><br><button>Below</button>'],
  ['is cut by', '<p style="width: 40px; overflow: hidden; white-space: nowrap">Words that are cut</p>'],
  ['is cut by', '<p style="height: 30px; overflow: hidden">One line<br>and another one</p>'],
  ['leaves', '<p style="width: 40px; border: 1px solid; white-space: nowrap">Words that leave</p>'],
  // A button did, by a pixel and the room around it.
  ['leaves', '<p style="width: 100px; border: 1px solid"><button style="width: 103px">Words</button></p>'],
  ['a target of', '<a href="/" style="display: block; width: 20px">x</a>'],
  ['scrolls sideways', '<p style="width: 2000px">Words</p>'],
  // A panel did in German, and only its page was looked at.
  [
    'scrolls sideways',
    '<dialog open style="width: 80px; overflow: auto"><p style="width: 90px">Words</p></dialog>',
  ],
])('“%s” is told where it is so: %s', async (fault, html) => {
  const page = await browser.newPage({ viewport: { width: 400, height: 400 } });
  await page.setContent(`<style>p { margin: 0 } button { height: 30px }</style><div id="app">${html}</div>`);
  const found = await page.evaluate(layoutFaults);
  await page.close();
  expect(found).toContainEqual(expect.stringContaining(fault));
});
