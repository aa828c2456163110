/**
 * Measures a first visit of the import page in a real Chromium as a phone makes it: a core of a quarter of this machine's speed, and a mobile
 * network. The baseline is the same visit of the same run without either.
 */
import { chromiumArguments, findChromium } from '@tidings/testing/chromium.mjs';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { type Browser, chromium, type Page } from 'playwright-core';
import { median, numberOption, textOption } from '../measure.ts';

/** How many times slower the page's thread is. */
const CPU_SLOWDOWN = 4;

/** Bits per second, and milliseconds of a round trip; `null`: as they are. */
const networks = {
  'no limits': null,
  '4G (9 Mbit/s, 170 ms)': { bits: 9_000_000, roundTrip: 170 },
  'slow 4G (1.6 Mbit/s, 150 ms)': { bits: 1_600_000, roundTrip: 150 },
} as const;
type Network = (typeof networks)[keyof typeof networks];

/** Milliseconds since the visit began, but `shift`, as browsers measure it, and `bytes`, of the network until then. */
interface Visit {
  readonly firstPaint: number;
  readonly largestPaint: number;
  readonly shift: number;
  readonly bytes: number;
}

/** `--visits 9`: prints medians. `--language de`: of a browser that prefers that language. */
export async function run(words: readonly string[]): Promise<void> {
  const visits = numberOption(words, 'visits', 9);
  const locale = textOption(words, 'language') ?? 'en';
  const [stack, browser] = await Promise.all([
    startStack(),
    chromium.launch({ executablePath: findChromium(), args: chromiumArguments }),
  ]);
  try {
    for (const [name, network] of Object.entries(networks)) {
      const seen: Visit[] = [];
      for (let visit = 0; visit < visits; visit += 1)
        seen.push(await visitOnce(browser, stack.url, network, locale));
      const of = (field: keyof Visit) => median(seen.map((visit) => visit[field]));
      console.log(
        `${name}${network === null ? '' : `, CPU ÷ ${CPU_SLOWDOWN}`}: first paint ${of('firstPaint').toFixed(0)} ms, largest paint ${of('largestPaint').toFixed(0)} ms ` +
          `(${Math.min(...seen.map(({ largestPaint }) => largestPaint)).toFixed(0)}–${Math.max(...seen.map(({ largestPaint }) => largestPaint)).toFixed(0)}), ` +
          `layout shift ${of('shift').toFixed(3)}, ${(of('bytes') / 1_000).toFixed(0)} KB`,
      );
    }
  } finally {
    await browser.close();
    await stack.dispose();
  }
}

async function visitOnce(
  browser: Browser,
  address: string,
  network: Network,
  locale: string,
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, locale });
  try {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    if (network !== null) {
      await cdp.send('Network.enable');
      const throughput = network.bits / 8;
      await cdp.send('Network.emulateNetworkConditions', {
        ...{ offline: false, latency: network.roundTrip },
        ...{ downloadThroughput: throughput, uploadThroughput: throughput },
      });
      await cdp.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
    }
    await page.goto(address);
    // The earlier imports are what comes last.
    await page.getByTestId('no-imports').waitFor({ timeout: 60_000 });
    return await paintsOf(page);
  } finally {
    await context.close();
  }
}

const paintsOf = (page: Page): Promise<Visit> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const seen = { shift: 0, largestPaint: 0 };
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            seen.shift += (entry as PerformanceEntry & { value: number }).value;
        }).observe({ type: 'layout-shift', buffered: true });
        new PerformanceObserver((list) => {
          seen.largestPaint = list.getEntries().at(-1)?.startTime ?? 0;
        }).observe({ type: 'largest-contentful-paint', buffered: true });
        // Both are told in later turns.
        setTimeout(() => {
          const firstPaint =
            performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN;
          const files = [
            ...performance.getEntriesByType('navigation'),
            ...performance.getEntriesByType('resource'),
          ] as PerformanceResourceTiming[];
          const bytes = files
            .filter(({ responseEnd }) => responseEnd <= seen.largestPaint)
            .reduce((sum, { transferSize }) => sum + transferSize, 0);
          resolve({ ...seen, firstPaint, bytes });
        }, 200);
      }),
  );
