/** Support’s list while a thousand events a second arrive, of hundreds of imports: it draws what the window shows, and stays quick. */
import { type ImportState, noRows } from '@tidings/contracts/import.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from '../test/browser.ts';

const IMPORTS = 500;
const EVENTS_PER_SECOND = 1_000;
const SECONDS = 5;
/** Events that are sent at once, as a burst of the network. */
const BURST = 20;

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});
afterAll(async () => {
  await Promise.allSettled([stack?.dispose(), browser?.close()]);
});

function importOf(number: number, version: number): ImportState {
  const importId = `01958f2a-7c11-7d3e-9a54-${String(number).padStart(12, '0')}`;
  return {
    ...{ importId, channelId: 'c', version, status: 'importing', upload: 'sealed', uploadError: null },
    ...{ fileName: `storm-${number}.csv`, clientReference: null, warnings: 0, blankRows: 0, bytes: 1_000 },
    rows: { ...noRows(), total: 1_000_000, created: version * 100 },
    chunks: { total: 100, completed: version % 100, failed: 0 },
    ...{ rowsPerSecond: 20_000, acceptedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, number)).toISOString() },
    ...{ sealedAt: null, endedAt: null, reconciled: null, autoUndo: true, dryRun: false, mends: null },
    ...{ mendedBy: [], waitingFor: null, undo: null, owner: `owner-${number % 7}` },
  };
}

/** The page with its real socket, into which `storm` puts more events than the hub sends. */
async function openUnderStorm(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.WebSocket = class extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        Reflect.set(window, 'hubSocket', this);
        this.addEventListener('message', ({ data }) => {
          const epoch = /"epoch":"([^"]+)"/.exec(String(data))?.[1];
          if (epoch !== undefined) Reflect.set(window, 'hubEpoch', epoch);
        });
      }
    };
  });
  await page.goto(stack.supportUrl);
  await page.getByText('Live').waitFor();
  return page;
}

interface Storm {
  /** Durations of tasks over 50 ms, as the browser tells them. */
  readonly long: number[];
  /** How often anything was drawn. */
  readonly drawn: number;
}

/** Puts the states into the page's socket at a steady pace, as frames of the hub. Resolves when the last one is there. */
function storm(page: Page, states: readonly ImportState[]): Promise<Storm> {
  return page.evaluate(
    async ([given, burst, perSecond]) => {
      const seen = { long: [] as number[], drawn: 0 };
      new PerformanceObserver((list) => {
        seen.long.push(...list.getEntries().map(({ duration }) => Math.round(duration)));
      }).observe({ type: 'longtask' });
      const drawings = new MutationObserver(() => {
        seen.drawn += 1;
      });
      drawings.observe(document.body, { subtree: true, childList: true, characterData: true });
      const socket = Reflect.get(window, 'hubSocket') as WebSocket;
      const epoch = Reflect.get(window, 'hubEpoch') as string;
      const frames = given.map((data) => {
        const { importId: subject, version } = data;
        const about = { channelId: 'support', lane: 'progress', subject, type: 'import.progress', version };
        return `42${JSON.stringify(['notification', { ...about, epoch, at: data.acceptedAt, data }])}`;
      });
      await new Promise<void>((resolve) => {
        const pace = setInterval(
          () => {
            for (const data of frames.splice(0, burst))
              socket.dispatchEvent(new MessageEvent('message', { data }));
            if (frames.length > 0) return;
            clearInterval(pace);
            requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
          },
          (1_000 * burst) / perSecond,
        );
      });
      drawings.disconnect();
      return seen;
    },
    [states, BURST, EVENTS_PER_SECOND] as const,
  );
}

/** What the page's main thread has worked, in milliseconds of its own time, whatever else the machine does. */
async function taskMilliseconds(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return 1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
}

test('a storm of events costs what the window shows', async () => {
  const page = await openUnderStorm();
  const events = Array.from({ length: EVENTS_PER_SECOND * SECONDS }, (_, index) =>
    importOf(index % IMPORTS, 1 + Math.floor(index / IMPORTS)),
  );
  // The first events make the rows, and the code for them quick.
  await storm(page, events.slice(0, IMPORTS * 2));
  await page.getByTestId('support-running').getByText(`${IMPORTS}`).waitFor();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await taskMilliseconds(cdp);
  const rest = events.slice(IMPORTS * 2);
  const { long, drawn } = await storm(page, rest);
  const tasks = (await taskMilliseconds(cdp)) - before;
  // Long tasks are told and not judged: beside other work of the machine a short one takes long.
  console.log(JSON.stringify({ events: rest.length, tasks, drawn, long }));
  // What comes together is drawn together; besides, the clock is drawn each second.
  expect(drawn).toBeGreaterThan(0);
  expect(drawn).toBeLessThanOrEqual(rest.length / BURST + 60);
  // A thousand events, with the frames that bring them, are half a second's work at most.
  expect(tasks / rest.length).toBeLessThanOrEqual(0.5);
  expect(await page.getByTestId('support-row').count()).toBeLessThanOrEqual(60);
  const newest = await page.getByTestId('support-rows').allInnerTexts();
  expect(newest.every((text) => text === '1,000 of 1,000,000')).toBe(true);
  await page.mouse.wheel(0, 400 * 48);
  await page.locator('[aria-posinset="400"]').waitFor();
  expect(await page.getByTestId('support-row').count()).toBeLessThanOrEqual(60);
});
