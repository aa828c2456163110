/** What a first visit of the import page waits for, and what the page of an import costs under a storm of events. */
import {
  exposeSocket,
  STORM_BURST,
  STORM_EVENTS_PER_SECOND,
  storm,
  stormState,
  taskMilliseconds,
} from '@tidings/testing/pages/support-storm.ts';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';
import { limitUpload } from '../../test/import-page.ts';

/** Milliseconds for what takes long on a busy machine. */
const LONG = { timeout: 90_000 };
const SECONDS = 5;
/** Of layout shift, as browsers measure it. */
const MOST_SHIFT = 0.02;

const [stack, browser] = await startFileStackAndBrowser();

async function newPage(locale = 'en'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale });
  onTestFinished(() => context.close());
  return context.newPage();
}

interface Paint {
  /** When it was painted. */
  readonly at: number;
  readonly largest: string;
  readonly shift: number;
}

/** The text of the largest thing that was painted, and what has moved. */
const paintOf = (page: Page): Promise<Paint> =>
  page.evaluate(
    () =>
      new Promise<Paint>((resolve) => {
        let shift = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            shift += (entry as PerformanceEntry & { value: number }).value;
        }).observe({ type: 'layout-shift', buffered: true });
        new PerformanceObserver((list) => {
          const last = list.getEntries().at(-1) as
            | (PerformanceEntry & { element: Element | null })
            | undefined;
          // The shifts that came before are told in the same turn.
          const at = last?.startTime ?? 0;
          setTimeout(() => resolve({ at, largest: last?.element?.textContent ?? '', shift }));
        }).observe({ type: 'largest-contentful-paint', buffered: true });
      }),
  );

/** Scripts and styles that the document or its answer names come at once; all else is held back until it is let go. */
async function holdWhatComesLater(page: Page, locale: string): Promise<() => void> {
  const answer = await fetch(stack.url, { headers: { Accept: 'text/html', 'Accept-Language': locale } });
  const named = [
    ...(await answer.text()).matchAll(/(?:src|href)="(\/[^"]+)"/g),
    ...(answer.headers.get('Link') ?? '').matchAll(/<([^>]+)>/g),
  ];
  const first = new Set(named.map(([, path = '']) => path));
  let letGo = (): void => undefined;
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let entry = '';
  await page.route('**/*', async (route) => {
    const request = route.request();
    const { pathname } = new URL(request.url());
    if (first.has(pathname) && pathname.endsWith('.js')) entry = await (await fetch(request.url())).text();
    // What the entry imports as it loads is part of the first visit.
    const isFirst =
      pathname === '/' || first.has(pathname) || entry.includes(`from"./${pathname.split('/').at(-1)}"`);
    if (!isFirst) await gone;
    await route.continue().catch(() => undefined);
  });
  return letGo;
}

test.each([
  ['en', 'Import contacts'],
  ['zh', '导入联系人'],
])(
  'in %s the page is there with the bytes that it begins with: no answer of the API and no later code is waited for',
  async (locale, title) => {
    const page = await newPage(locale);
    const letGo = await holdWhatComesLater(page, locale);
    await page.goto(stack.url, { waitUntil: 'commit' });
    await page.getByTestId('drop-zone').waitFor(LONG);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(title);
    const before = await paintOf(page);
    expect(before.largest).not.toBe('');
    letGo();
    await page.getByTestId('no-imports').waitFor(LONG);
    const after = await paintOf(page);
    expect(after.at, 'what comes later is no larger part of the page').toBe(before.at);
    expect(after.shift).toBeLessThan(MOST_SHIFT);
  },
);

test('a thousand events a second of one import cost its page as little as those that it draws', async () => {
  const page = await newPage();
  await exposeSocket(page);
  await page.goto(stack.url);
  const file = makeContactsFile(20_000, 'storm.example');
  await page
    .getByTestId('file-input')
    .setInputFiles({ name: 'storm.csv', mimeType: 'text/csv', buffer: file.bytes });
  await page.getByTestId('start-import').waitFor(LONG);
  // It is being sent for as long as the storm lasts.
  await limitUpload(page, 10_000);
  await page.getByTestId('start-import').click();
  await page.waitForURL(/\?import=/, LONG);
  await page.getByTestId('connection').getByText('Live').waitFor(LONG);
  const importId = new URL(page.url()).searchParams.get('import') ?? '';
  const channelId = await page.evaluate(
    (id) =>
      (
        JSON.parse(localStorage.getItem('tidings.imports') ?? '[]') as {
          importId: string;
          channelId: string;
        }[]
      ).find((entry) => entry.importId === id)?.channelId ?? '',
    importId,
  );
  // Newer than all that the services tell meanwhile.
  const far = 2 ** 40;
  const events = Array.from({ length: STORM_EVENTS_PER_SECOND * SECONDS }, (_, index) => ({
    ...stormState(0, far + index),
    ...{ importId, channelId, upload: 'receiving' as const },
    rows: { ...stormState(0, 0).rows, total: null, created: index * 10 },
  }));
  const created = page.getByTestId('bucket-created');
  const shown = await created.innerText();
  await storm(page, events.slice(0, STORM_EVENTS_PER_SECOND), channelId);
  expect(await created.innerText(), 'the page takes the events for its own').not.toBe(shown);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await taskMilliseconds(cdp);
  const rest = events.slice(STORM_EVENTS_PER_SECOND);
  const { long, drawn } = await storm(page, rest, channelId);
  const tasks = (await taskMilliseconds(cdp)) - before;
  // Long tasks are told and not judged: beside other work of the machine a short one takes long.
  console.log(JSON.stringify({ events: rest.length, tasks, drawn, long }));
  expect(drawn).toBeLessThanOrEqual((2 * rest.length) / STORM_BURST + 60);
  // A thousand events, with what they draw, are less than a second's work, so the page keeps up.
  expect(tasks / rest.length).toBeLessThanOrEqual(0.75);
});
