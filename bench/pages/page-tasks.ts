/** The tasks of a page's main thread, as the browser's own trace tells them: by the clock, and by the time that the thread had a core. */
import type { Browser, Page } from 'playwright-core';

/** A task that takes longer is felt, and the browser tells of it. */
export const LONG_TASK_MS = 50;

/** Each field in milliseconds. */
export interface PageTask {
  /** From its begin to its end, with what else the machine did meanwhile. */
  readonly wall: number;
  /** What the thread itself worked. */
  readonly cpu: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds, all of them. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

export interface Marks {
  readonly begins: string;
  readonly ends: string;
}

/** Does some work in the page, which puts two marks into its timeline (`performance.mark`), and tells the tasks between them. */
export async function traceTasks<Result>(
  browser: Browser,
  page: Page,
  marks: Marks,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly tasks: readonly PageTask[] }> {
  await browser.startTracing(page, {
    categories: ['disabled-by-default-devtools.timeline', 'blink.user_timing'],
  });
  const result = await work();
  const trace = JSON.parse((await browser.stopTracing()).toString('utf8')) as { traceEvents: TraceEvent[] };
  return { result, tasks: tasksBetween(trace.traceEvents, marks) };
}

function tasksBetween(events: readonly TraceEvent[], marks: Marks): PageTask[] {
  const [begins, ends] = [marks.begins, marks.ends].map((mark) => {
    const found = events.find(({ name }) => name === mark);
    if (found === undefined) throw new Error(`the page has not set its mark ${mark}`);
    return found;
  }) as [TraceEvent, TraceEvent];
  return events
    .filter(
      ({ name, ph, pid, tid }) =>
        name === 'RunTask' && ph === 'X' && pid === begins.pid && tid === begins.tid,
    )
    .filter(({ ts }) => ts >= begins.ts && ts < ends.ts)
    .map(({ dur, tdur }) => {
      if (dur === undefined || tdur === undefined)
        throw new Error('the browser does not tell what a thread works');
      return { wall: dur / 1_000, cpu: tdur / 1_000 };
    });
}

/** `3 over 50 ms of CPU, longest 61 ms; 9 over 50 ms by the clock, longest 120 ms` */
export function taskSentence(tasks: readonly PageTask[]): string {
  const told = (times: readonly number[]) =>
    `${times.filter((time) => time > LONG_TASK_MS).length} over ${LONG_TASK_MS} ms, the longest ${Math.max(0, ...times).toFixed(0)} ms`;
  return `${tasks.length} tasks; of CPU ${told(tasks.map(({ cpu }) => cpu))}; by the clock ${told(tasks.map(({ wall }) => wall))}`;
}
