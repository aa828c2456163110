import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, it, onTestFinished } from 'vitest';
import type { BlockingOptions } from '../control/failing-records.ts';
import type { EventLog, LogRecord, NewRecord } from '../event-log.ts';
import { deadLetterTopic, retryTopic } from '../retry/topic-names.ts';
import { consumeScheduled, type ScheduledRun } from '../schedule/consume-scheduled.ts';
import { SCHEDULE_DUE_HEADER, SCHEDULE_KEY_HEADER } from '../schedule/fold-schedule.ts';
import { type RunningSchedule, type RunScheduleOptions, runSchedule } from '../schedule/run-schedule.ts';
import {
  cancelSchedule,
  moveSchedule,
  type ScheduledRecord,
  scheduleEvery,
  scheduleOnce,
} from '../schedule/schedule-records.ts';
import type { ConformanceEngine } from './engine.ts';
import { FakeClock } from './fake-clock.ts';
import { barrier, logFor, openFor, siteFor, text, topicFor, unique, upTo } from './fixtures.ts';

const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const MINUTE = 60_000;

interface Scheduling {
  readonly commands: string;
  readonly schedule: string;
  readonly target: string;
  readonly group: string;
  readonly blocking: BlockingOptions;
}

async function schedulingFor(log: EventLog, partitions = 1): Promise<Scheduling> {
  const [commands, target] = [await topicFor(log, { partitions }), await topicFor(log, { partitions })];
  const schedule = await topicFor(log, { partitions, cleanup: 'compact' });
  const controlTopic = await topicFor(log, { partitions: 1 });
  const blockedTopic = await topicFor(log, { partitions: 1, cleanup: 'compact' });
  const blocking: BlockingOptions = {
    ...{ controlTopic, blockedTopic, isOutage: () => false },
    describe: () => ({ code: 'broken', message: 'It is broken.' }),
    onBlocked: () => undefined,
    onSkipped: () => undefined,
    pauses: { firstMs: 1, longestMs: 5 },
  };
  return { commands, schedule, target, group: unique('schedule'), blocking };
}

async function run(
  log: EventLog,
  { commands, schedule, target, group, blocking }: Scheduling,
  clock: FakeClock,
  changes: Partial<RunScheduleOptions> = {},
): Promise<RunningSchedule> {
  const running = await runSchedule({
    ...{ log, group, commandsTopic: commands, scheduleTopic: schedule, deliverTo: [target], blocking, clock },
    ...{ commitIntervalMs: 5, retry: { initialDelayMs: 5, maxDelayMs: 20 } },
    onRefused: () => undefined,
    onError: () => undefined,
    ...changes,
  });
  onTestFinished(() => running.stop());
  return running;
}

function recordFor({ target }: Scheduling, value: string, key = 'key'): ScheduledRecord {
  return { topic: target, key, value: new TextEncoder().encode(value), headers: { own: 'header' } };
}

async function delivered(log: EventLog, { target }: Scheduling): Promise<LogRecord[]> {
  return readAll(log, target);
}

async function deliveredTexts(log: EventLog, scheduling: Scheduling): Promise<string[]> {
  return (await delivered(log, scheduling)).map(({ value }) => text(value));
}

function untilWaiting(running: RunningSchedule, count: number): Promise<void> {
  return eventually(() => expect(running.waiting).toBe(count));
}

/** Appends commands, and waits until the loop has folded them all. */
async function command(log: EventLog, scheduling: Scheduling, commands: readonly NewRecord[]): Promise<void> {
  await log.append(commands);
  await eventually(async () => {
    const ends = await log.endOffsets(scheduling.commands);
    const committed = await log.committedOffsets(scheduling.group, scheduling.commands);
    for (const [partition, end] of ends.entries())
      expect(committed[partition] ?? 0).toBeGreaterThanOrEqual(end);
  });
}

function describeTimes(engine: ConformanceEngine): void {
  it('delivers a record at its time and not before, once, with its own key and headers', async () => {
    const log = await logFor(engine);
    const scheduling = await schedulingFor(log);
    const clock = new FakeClock(NOON);
    const running = await run(log, scheduling, clock);
    await command(log, scheduling, [
      scheduleOnce(scheduling.commands, 'one', recordFor(scheduling, 'later'), NOON + MINUTE),
      scheduleOnce(scheduling.commands, 'past', recordFor(scheduling, 'now'), NOON - MINUTE),
    ]);
    await eventually(async () => expect(await deliveredTexts(log, scheduling)).toEqual(['now']));
    clock.set(NOON + MINUTE - 1);
    await untilWaiting(running, 1);
    expect(await deliveredTexts(log, scheduling)).toEqual(['now']);
    clock.set(NOON + MINUTE);
    await eventually(async () => expect(await deliveredTexts(log, scheduling)).toEqual(['now', 'later']));
    const [, later] = await delivered(log, scheduling);
    expect(later).toMatchObject({
      key: 'key',
      headers: {
        own: 'header',
        [SCHEDULE_KEY_HEADER]: 'one',
        [SCHEDULE_DUE_HEADER]: '2026-03-01T12:01:00.000Z',
      },
    });
    await untilWaiting(running, 0);
  });

  it('replaces, moves and cancels by key', async () => {
    const log = await logFor(engine);
    const scheduling = await schedulingFor(log);
    const { commands } = scheduling;
    const clock = new FakeClock(NOON);
    await run(log, scheduling, clock);
    await command(log, scheduling, [
      ...['a', 'b', 'c', 'd'].map((key) =>
        scheduleOnce(commands, key, recordFor(scheduling, key), NOON + MINUTE),
      ),
      cancelSchedule(commands, 'a'),
      moveSchedule(commands, 'b', NOON + 3 * MINUTE),
      scheduleOnce(commands, 'c', recordFor(scheduling, 'new c'), NOON + 2 * MINUTE),
      moveSchedule(commands, 'unknown', NOON),
    ]);
    clock.set(NOON + MINUTE);
    await eventually(async () => expect(await deliveredTexts(log, scheduling)).toEqual(['d']));
    clock.set(NOON + 4 * MINUTE);
    await eventually(async () => expect(await deliveredTexts(log, scheduling)).toEqual(['d', 'new c', 'b']));
  });

  it('delivers what is due at once in the order of the times, and of being set', async () => {
    const log = await logFor(engine);
    const scheduling = await schedulingFor(log);
    const clock = new FakeClock(NOON);
    await run(log, scheduling, clock);
    const dueAt = (number: number) => NOON + MINUTE + (number % 3) * 1_000;
    await command(
      log,
      scheduling,
      upTo(1_200).map((number) =>
        scheduleOnce(scheduling.commands, `${number}`, recordFor(scheduling, `${number}`), dueAt(number)),
      ),
    );
    clock.set(NOON + 2 * MINUTE);
    const expected = [0, 1, 2].flatMap((rest) => upTo(1_200).filter((number) => number % 3 === rest));
    await eventually(async () => expect(await delivered(log, scheduling)).toHaveLength(1_200));
    expect((await deliveredTexts(log, scheduling)).map(Number)).toEqual(expected);
  });
}

function describeRecurring(engine: ConformanceEngine): void {
  it('repeats by a cron expression in its time zone, over a change of clocks, and after the clock was set back', async () => {
    const log = await logFor(engine);
    const scheduling = await schedulingFor(log);
    const { commands } = scheduling;
    const start = Date.parse('2026-03-28T12:00:00.000Z');
    const clock = new FakeClock(start);
    const running = await run(log, scheduling, clock);
    const every = { cron: '30 8 * * *', timeZone: 'Europe/Berlin' };
    const set = () => scheduleEvery(commands, 'daily', recordFor(scheduling, 'run'), every, clock.now());
    await command(log, scheduling, [set()]);
    const dueTimes = async () =>
      (await delivered(log, scheduling)).map(({ headers }) => headers[SCHEDULE_DUE_HEADER]);
    const first = '2026-03-29T06:30:00.000Z';
    clock.set(Date.parse(first));
    await eventually(async () => expect(await dueTimes()).toEqual([first]));
    // A clock that is set back repeats nothing, and what says the same again leaves the time alone.
    clock.set(start);
    await command(log, scheduling, [set()]);
    await untilWaiting(running, 1);
    expect(await dueTimes()).toEqual([first]);
    // Three days are missed: they are one run.
    clock.set(Date.parse('2026-04-01T10:00:00.000Z'));
    await eventually(async () => expect(await dueTimes()).toEqual([first, '2026-03-30T06:30:00.000Z']));
    clock.set(Date.parse('2026-04-02T06:30:00.000Z'));
    await eventually(async () =>
      expect(await dueTimes()).toEqual([first, '2026-03-30T06:30:00.000Z', '2026-04-02T06:30:00.000Z']),
    );
  });
}

function describeSurviving(engine: ConformanceEngine): void {
  it('delivers after a restart what waited, what became due meanwhile, and nothing twice', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const scheduling = await schedulingFor(log);
    const clock = new FakeClock(NOON);
    const first = await run(log, scheduling, clock);
    await command(log, scheduling, [
      scheduleOnce(scheduling.commands, 'done', recordFor(scheduling, 'done'), NOON),
      scheduleOnce(scheduling.commands, 'missed', recordFor(scheduling, 'missed'), NOON + MINUTE),
      scheduleOnce(scheduling.commands, 'later', recordFor(scheduling, 'later'), NOON + 5 * MINUTE),
    ]);
    await eventually(async () => expect(await deliveredTexts(log, scheduling)).toEqual(['done']));
    await first.stop();
    clock.set(NOON + 2 * MINUTE);
    await log.close();
    const again = await openFor(site);
    await run(again, scheduling, clock);
    await eventually(async () => expect(await deliveredTexts(again, scheduling)).toEqual(['done', 'missed']));
    clock.set(NOON + 5 * MINUTE);
    await eventually(async () =>
      expect(await deliveredTexts(again, scheduling)).toEqual(['done', 'missed', 'later']),
    );
  });

  it('delivers each run once, although two processes tell that it is due', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const scheduling = await schedulingFor(log, 4);
    const clock = new FakeClock(NOON);
    await run(log, scheduling, clock);
    const { log: other } = await site.connect();
    await run(other, scheduling, clock);
    const keys = upTo(200).map((number) => `key-${number}`);
    await command(
      log,
      scheduling,
      keys.map((key) =>
        scheduleOnce(scheduling.commands, key, recordFor(scheduling, key, key), NOON + MINUTE),
      ),
    );
    clock.set(NOON + MINUTE);
    await eventually(async () => expect((await deliveredTexts(log, scheduling)).sort()).toEqual(keys.sort()));
    await command(log, scheduling, [cancelSchedule(scheduling.commands, 'none')]);
    expect(await delivered(log, scheduling)).toHaveLength(200);
  });

  it('refuses a record for a topic that is not among its own, and goes on', async () => {
    const log = await logFor(engine);
    const scheduling = await schedulingFor(log);
    const refused: string[] = [];
    await run(log, scheduling, new FakeClock(NOON), { onRefused: (key) => refused.push(key) });
    const elsewhere = { ...recordFor(scheduling, 'lost'), topic: unique('nowhere') };
    await command(log, scheduling, [
      scheduleOnce(scheduling.commands, 'refused', elsewhere, NOON),
      scheduleOnce(scheduling.commands, 'taken', recordFor(scheduling, 'taken'), NOON),
    ]);
    await eventually(async () => expect(await deliveredTexts(log, scheduling)).toEqual(['taken']));
    expect(refused).toEqual(['refused']);
  });
}

function describePolicies(engine: ConformanceEngine): void {
  it('holds up what follows a run that fails, where the policy is blocking', async () => {
    const log = await logFor(engine);
    const scheduling = await schedulingFor(log);
    await run(log, scheduling, new FakeClock(NOON));
    const [handled, mended]: [ScheduledRun[], ReturnType<typeof barrier>] = [[], barrier()];
    let isMended = false;
    void mended.opened.then(() => {
      isMended = true;
    });
    let failures = 0;
    const consumer = await consumeScheduled({
      ...{ log, group: unique('group'), topic: scheduling.target },
      policy: { kind: 'blocking', blocking: scheduling.blocking },
      retry: { initialDelayMs: 1, maxDelayMs: 5 },
      async handle(run) {
        if (run.key === 'first' && !isMended) {
          failures += 1;
          throw new Error('not yet');
        }
        handled.push(run);
      },
    });
    onTestFinished(() => consumer.stop());
    await command(log, scheduling, [
      scheduleOnce(scheduling.commands, 'first', recordFor(scheduling, '1'), NOON),
      scheduleOnce(scheduling.commands, 'second', recordFor(scheduling, '2'), NOON),
    ]);
    await eventually(() => expect(failures).toBeGreaterThan(3));
    expect(handled).toEqual([]);
    mended.open();
    await eventually(() => expect(handled.map(({ key }) => key)).toEqual(['first', 'second']));
    expect(handled[0]?.dueAt).toBe(NOON);
  });

  it('puts a run that fails aside, where the policy is not blocking', async () => {
    const log = await logFor(engine);
    const scheduling = await schedulingFor(log);
    const { target } = scheduling;
    const group = unique('group');
    await log.ensureTopics([
      { name: retryTopic(target, group, 1), partitions: 1, cleanup: 'delete' },
      { name: deadLetterTopic(target, group), partitions: 1, cleanup: 'compact' },
      { name: `${group}.attempts`, partitions: 1, cleanup: 'compact' },
    ]);
    await run(log, scheduling, new FakeClock(NOON));
    const handled: string[] = [];
    const consumer = await consumeScheduled({
      ...{ log, group, topic: target, retry: { initialDelayMs: 1, maxDelayMs: 5 } },
      policy: {
        kind: 'non-blocking',
        delaysMs: [1],
        isOutage: () => false,
        describe: () => ({ code: 'broken', message: 'It is broken.' }),
      },
      async handle({ key }) {
        handled.push(key);
        if (key === 'first') throw new Error('never');
      },
    });
    onTestFinished(() => consumer.stop());
    await command(log, scheduling, [
      scheduleOnce(scheduling.commands, 'first', recordFor(scheduling, '1'), NOON),
      scheduleOnce(scheduling.commands, 'second', recordFor(scheduling, '2'), NOON),
    ]);
    await eventually(async () => expect(await readAll(log, deadLetterTopic(target, group))).toHaveLength(1));
    expect(handled.filter((key) => key === 'first')).toHaveLength(2);
    await eventually(() => expect(handled).toContain('second'));
  });
}

export function describeScheduling(engine: ConformanceEngine): void {
  describeTimes(engine);
  describeRecurring(engine);
  describeSurviving(engine);
  describePolicies(engine);
}
