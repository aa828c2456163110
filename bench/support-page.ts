/**
 * Measures how long the tasks of support's page take in a real Chromium while a thousand events a second arrive, of 500 imports: on the list, and
 * while somebody scrolls it. The baseline is the same page of the same run without events.
 */
import { chromiumArguments, findChromium } from '@tidings/testing/chromium.mjs';
import {
  openUnderStorm,
  STORM_EVENTS_PER_SECOND,
  storm,
  stormState,
} from '@tidings/testing/pages/support-storm.ts';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { chromium, type Page } from 'playwright-core';
import { numberOption } from './measure.ts';

/** A task that takes longer is felt, and the browser tells of it. */
const LONG_MS = 50;

/** `--imports 500`, `--seconds 10`: prints the tasks of more than 50 ms, in milliseconds. */
export async function run(words: readonly string[]): Promise<void> {
  const imports = numberOption(words, 'imports', 500);
  const seconds = numberOption(words, 'seconds', 10);
  const [stack, browser] = await Promise.all([
    startStack(),
    chromium.launch({ executablePath: findChromium(), args: chromiumArguments }),
  ]);
  try {
    const page = await openUnderStorm(browser, stack.supportUrl);
    // The first events make the rows, and the code for them quick; a person sees that once.
    const first = await storm(page, eventsOf(imports, imports * 2, 0));
    const idle = await whileNothingComes(page, seconds);
    const still = await storm(page, eventsOf(imports, STORM_EVENTS_PER_SECOND * seconds, 2));
    const scrolling = scrollOn(page);
    const version = 2 + Math.ceil((STORM_EVENTS_PER_SECOND * seconds) / imports);
    const scrolled = await storm(page, eventsOf(imports, STORM_EVENTS_PER_SECOND * seconds, version));
    await scrolling.stop();
    for (const [moment, { long }] of Object.entries({ first, idle, still, scrolled }))
      console.log(
        `${moment}: ${long.length} tasks over ${LONG_MS} ms, the longest ${long.length === 0 ? `under ${LONG_MS}` : Math.max(...long)} ms`,
      );
  } finally {
    await browser.close();
    await stack.dispose();
  }
}

function eventsOf(imports: number, count: number, version: number) {
  return Array.from({ length: count }, (_, index) =>
    stormState(index % imports, version + 1 + Math.floor(index / imports)),
  );
}

/** The tasks of more than 50 ms that the page has by itself. */
function whileNothingComes(page: Page, seconds: number): Promise<{ readonly long: readonly number[] }> {
  return page.evaluate(async (milliseconds) => {
    const long: number[] = [];
    const observer = new PerformanceObserver((list) => {
      long.push(...list.getEntries().map(({ duration }) => Math.round(duration)));
    });
    observer.observe({ type: 'longtask' });
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    observer.disconnect();
    return { long };
  }, seconds * 1_000);
}

/** Turns the wheel down and up again until it is stopped. */
function scrollOn(page: Page): { stop(): Promise<void> } {
  let isOver = false;
  const scroll = async (): Promise<void> => {
    for (let turn = 0; !isOver; turn += 1) await page.mouse.wheel(0, turn % 40 < 20 ? 600 : -600);
  };
  const running = scroll();
  return {
    async stop() {
      isOver = true;
      await running;
    },
  };
}
