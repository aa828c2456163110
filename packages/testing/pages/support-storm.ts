/** A thousand events a second for a page: states of imports, put into the page's own socket as frames of the hub. */
import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import type { Browser, CDPSession, Page } from 'playwright-core';

export const STORM_EVENTS_PER_SECOND = 1_000;
/** Events that are sent at once, as a burst of the network. */
export const STORM_BURST = 20;

/** @param number of the import, from 0 */
export function stormState(number: number, version: number): ImportState {
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

/** The page with its real socket, into which `storm` puts more events than the hub sends. Whoever opens it closes its context. */
export async function openUnderStorm(browser: Browser, supportUrl: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await exposeSocket(page);
  await page.goto(supportUrl);
  await page.getByText('Live').waitFor();
  return page;
}

/** Has the page hand its socket out to `storm`; before it is opened. */
export async function exposeSocket(page: Page): Promise<void> {
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
}

export interface Storm {
  /** Durations of tasks over 50 ms, as the browser tells them. */
  readonly long: number[];
  /** How often anything was drawn. */
  readonly drawn: number;
}

/** Marks in the page's timeline that stand around what `storm` sends. */
export const stormMarks = { begins: 'storm-begins', ends: 'storm-ends' } as const;

/**
 * Puts the states into the page's socket at a steady pace, as frames of the hub: each comes as a task of its own, as from a network. Resolves
 * when the last one is there. Its functions have no names: what compiles a bench would add a helper for them that the page does not have.
 */
export function storm(
  page: Page,
  states: readonly ImportState[],
  channelId: string = SUPPORT_CHANNEL,
): Promise<Storm> {
  return page.evaluate(
    async ([given, channel, burst, perSecond, marks]) => {
      const seen = { long: [] as number[], drawn: 0 };
      const drawings = new MutationObserver(() => {
        seen.drawn += 1;
      });
      drawings.observe(document.body, { subtree: true, childList: true, characterData: true });
      const socket = Reflect.get(window, 'hubSocket') as WebSocket;
      const epoch = Reflect.get(window, 'hubEpoch') as string;
      const frames = given.map((data) => {
        const { importId: subject, version } = data;
        const about = { channelId: channel, lane: 'progress', subject, type: 'import.progress', version };
        return `42${JSON.stringify(['notification', { ...about, epoch, at: data.acceptedAt, data }])}`;
      });
      // The task that has made the frames is none of the page's.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const tasks = new PerformanceObserver((list) => {
        seen.long.push(...list.getEntries().map(({ duration }) => Math.round(duration)));
      });
      tasks.observe({ type: 'longtask' });
      performance.mark(marks.begins);
      const { port1: arriving, port2: network } = new MessageChannel();
      await new Promise<void>((resolve) => {
        let awaited = frames.length;
        arriving.onmessage = ({ data }) => {
          socket.dispatchEvent(new MessageEvent('message', { data }));
          awaited -= 1;
          if (awaited === 0) requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
        };
        const pace = setInterval(
          () => {
            for (const frame of frames.splice(0, burst)) network.postMessage(frame);
            if (frames.length === 0) clearInterval(pace);
          },
          (1_000 * burst) / perSecond,
        );
      });
      arriving.close();
      performance.mark(marks.ends);
      seen.long.push(...tasks.takeRecords().map(({ duration }) => Math.round(duration)));
      tasks.disconnect();
      drawings.disconnect();
      return seen;
    },
    [states, channelId, STORM_BURST, STORM_EVENTS_PER_SECOND, stormMarks] as const,
  );
}

/** What the page's main thread has worked, in milliseconds of its own time, whatever else the machine does. */
export async function taskMilliseconds(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return 1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
}
