/**
 * Measures how long the tasks of support's page take in a real Chromium while a thousand events a second arrive, of 500 imports: on the list, and
 * while somebody scrolls it. The baseline is the same page of the same run without events. Beside the clock stands the CPU of each task, which
 * other work of the machine does not lengthen.
 */
import { chromiumArguments, findChromium } from '@tidings/testing/chromium.mjs';
import {
  openUnderStorm,
  STORM_EVENTS_PER_SECOND,
  storm,
  stormMarks,
  stormState,
} from '@tidings/testing/pages/support-storm.ts';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { chromium, type Page } from 'playwright-core';
import { numberOption } from '../measure.ts';
import { taskSentence, traceTasks } from './page-tasks.ts';

/** `--imports 500`, `--seconds 10`: prints how many tasks took more than 50 ms, and the longest. */
export async function run(words: readonly string[]): Promise<void> {
  const imports = numberOption(words, 'imports', 500);
  const seconds = numberOption(words, 'seconds', 10);
  const [stack, browser] = await Promise.all([
    startStack(),
    chromium.launch({ executablePath: findChromium(), args: chromiumArguments }),
  ]);
  try {
    const page = await openUnderStorm(browser, stack.supportUrl);
    const measure = async (moment: string, work: () => Promise<unknown>): Promise<void> => {
      const { tasks } = await traceTasks(browser, page, stormMarks, work);
      console.log(`${moment}: ${taskSentence(tasks)}`);
    };
    const many = STORM_EVENTS_PER_SECOND * seconds;
    // The first events make the rows, and the code for them quick; a person sees that once.
    await measure('first events', () => storm(page, eventsOf(imports, imports * 2, 0)));
    await measure('no events', () => whileNothingComes(page, seconds));
    await measure('nobody touches it', () => storm(page, eventsOf(imports, many, 2)));
    await measure('somebody scrolls', async () => {
      const scrolling = scrollOn(page);
      await storm(page, eventsOf(imports, many, 2 + Math.ceil(many / imports)));
      await scrolling.stop();
    });
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

function whileNothingComes(page: Page, seconds: number): Promise<void> {
  return page.evaluate(
    async ([milliseconds, marks]) => {
      performance.mark(marks.begins);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      performance.mark(marks.ends);
    },
    [seconds * 1_000, stormMarks] as const,
  );
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
