import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@tidings/testing/eventually.ts';
import { randomNumbers, seedOf } from '@tidings/testing/random.ts';
import { afterAll, expect, it } from 'vitest';
import type { ChildOrders } from './children/child-orders.ts';
import { ChildProgram } from './children/child-program.ts';
import { copier } from './copier.ts';
import { CrashCheck } from './crash-check.ts';
import type { ConformanceEngine, ConformanceSite } from './engine.ts';
import { openFor, siteFor, unique, upTo } from './fixtures.ts';
import { requestSteps } from './requesting/child.ts';
import { crashRequesting } from './requesting/crashes.ts';
import { retrySteps } from './retrying/child.ts';
import { crashRetrying } from './retrying/crashes.ts';

/** Logs that are tested at once, each by one process after another: each process waits until the group has given up the one before it. */
const logsAtOnce = 4;
/** Milliseconds for a busy machine; a quiet one needs a tenth. */
const timeoutMs = 600_000;

interface Crashes {
  readonly site: ConformanceSite;
  readonly check: CrashCheck;
  readonly orders: Omit<ChildOrders, 'first' | 'dieAt'>;
}

/** At a step, or that many milliseconds after its first acknowledgement. */
type Death = { readonly dieAt: NonNullable<ChildOrders['dieAt']> } | { readonly afterMs: number };

export function describeCrashing(engine: ConformanceEngine): void {
  const { crashRounds, crashPoints, crashLifeMs = 40 } = engine.features;
  const seed = seedOf('CONFORMANCE_SEED');
  let program: ChildProgram | null = null;
  const programOf = async (site: ConformanceSite): Promise<ChildProgram> => {
    program ??= await ChildProgram.compile(site.child.entry);
    return program;
  };
  afterAll(() => program?.dispose());

  /** One process after another on each log, until all deaths have been died. */
  const dieInTurn = async (deaths: readonly Death[]): Promise<void> => {
    const sites = await Promise.all(upTo(logsAtOnce).map(() => siteFor(engine)));
    const [first] = sites;
    if (!first) return;
    const compiled = await programOf(first);
    const next = deaths.values();
    const crashInTurn = async (site: ConformanceSite): Promise<void> => {
      const crashes = await prepare(site);
      for (const death of next) await crash(crashes, compiled, death);
      await finish(crashes);
    };
    await Promise.all(sites.map(crashInTurn));
  };

  it(
    'loses nothing acknowledged and parts no output from its position when killed at any step',
    () =>
      dieInTurn([1, 4].flatMap((occurrence) => crashPoints.map((step) => ({ dieAt: { step, occurrence } })))),
    timeoutMs,
  );

  it(
    `nor when killed at ${crashRounds} random moments (CONFORMANCE_SEED=${seed})`,
    () => {
      const random = randomNumbers(seed);
      return dieInTurn(upTo(crashRounds).map(() => ({ afterMs: random() * crashLifeMs })));
    },
    timeoutMs,
  );

  it(
    'loses no record that fails or ends its process, when killed at any step of its retries',
    async () => {
      const steps = [null, ...retrySteps];
      const sites = await Promise.all(steps.map(() => siteFor(engine)));
      const [first] = sites;
      if (!first) return;
      const compiled = await programOf(first);
      const next = steps.entries();
      const crashInTurn = async (): Promise<void> => {
        for (const [place, step] of next) await crashRetrying(sites[place] ?? first, compiled, step);
      };
      await Promise.all(upTo(logsAtOnce).map(crashInTurn));
    },
    timeoutMs,
  );

  it(
    'replies to every request that was sent, and works off none that was answered, when requester and worker are killed at any step',
    async () => {
      const sites = await Promise.all(requestSteps.map(() => siteFor(engine)));
      const [first] = sites;
      if (!first) return;
      const compiled = await programOf(first);
      const next = requestSteps.entries();
      const crashInTurn = async (): Promise<void> => {
        for (const [place, step] of next) await crashRequesting(sites[place] ?? first, compiled, step);
      };
      await Promise.all(upTo(logsAtOnce).map(crashInTurn));
    },
    timeoutMs,
  );
}

async function prepare(site: ConformanceSite): Promise<Crashes> {
  const [input, output, group] = [unique('input'), unique('output'), unique('group')];
  const log = await site.open();
  await log.ensureTopics(
    [input, output].map((name) => ({ name, partitions: 3, cleanup: 'delete' as const })),
  );
  await log.close();
  const orders = { work: 'copy' as const, settings: site.child.settings, input, output, group };
  return { site, check: new CrashCheck(orders), orders };
}

/** Runs one process until it is killed, and checks what it leaves. */
async function crash({ site, check, orders }: Crashes, program: ChildProgram, death: Death): Promise<void> {
  const dieAt = 'dieAt' in death ? death.dieAt : null;
  const child = program.start({ ...orders, first: check.next, dieAt });
  if ('afterMs' in death) {
    await child.working();
    await pause(death.afterMs);
    child.kill();
  }
  await child.dead();
  const log = await site.open();
  await check.check(log, child.acknowledged);
  await log.close();
}

/** The next process copies the rest, and finds every record once. */
async function finish({ site, check, orders }: Crashes): Promise<void> {
  const log = await openFor(site);
  const { input, output, group } = orders;
  const consumer = await log.process({
    group,
    topics: [input],
    createProcessor: () => copier(output, true),
  });
  const ends = await log.endOffsets(input);
  await eventually(async () => {
    const committed = await log.committedOffsets(group, input);
    expect(committed.map((offset) => offset ?? 0)).toEqual(ends);
  });
  await consumer.stop();
  await check.check(log, []);
  expect(check.complete).toBe(true);
}
