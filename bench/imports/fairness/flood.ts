/**
 * Measures whether a flood of short imports starves a long one, or the other owners. One owner imports a long file; one sends
 * thousands of imports of ten rows, four at a time; three send theirs one after another. The baselines are the long import alone, and
 * one quiet owner alone.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import { startDistributed } from '@tidings/testing/stack/distributed.ts';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { contactsFile, numberOption, percentile } from '../../measure.ts';
import { keepLongImportRunning, SHORT_ROWS, ShortImports } from './short-imports.ts';

/** Of the flood: as many uploads as one owner may have at once. */
const AT_ONCE = 4;
const QUIET_OWNERS = ['ada', 'grace', 'mary'];
/** Milliseconds between two imports of a quiet owner. */
const QUIET_PAUSE_MS = 100;
/** Imports of one owner; more are refused for the moment. */
const MOST_PER_MINUTE = 3_000;
const ALONE_MS = 15_000;
const secret = 'bench'.repeat(8);

/** `--flood 10000`, `--rows 1000000`: prints each owner's imports a second, p50 and p99, and the long import's rows a second. */
export async function runFlood(words: readonly string[]): Promise<void> {
  const flood = numberOption(words, 'flood', 10_000);
  const rows = numberOption(words, 'rows', 1_000_000);
  const environment = { USER_JWT_SECRET: secret };
  const system = words.includes('distributed')
    ? await startDistributed({ onProgress: console.log, environment })
    : await startStack(environment);
  const { url } = system;
  const owners = await Promise.all(
    ['flood', ...QUIET_OWNERS].map((owner, index) => openOwner(url, owner, 10_000_000 * (index + 1))),
  );
  const [flooding, ...quiet] = owners;
  try {
    if (flooding === undefined) return;
    const idle = await openOwner(url, 'idle', 60_000_000);
    const idleStart = performance.now();
    for (let index = 0; index < 50; index += 1) await idle.run();
    report('a quiet owner alone', idle, performance.now() - idleStart);
    idle.close();
    const file = contactsFile(rows);
    const longToken = await longImportToken(url);
    const long = keepLongImportRunning(url, file, longToken);
    const alone = await rowsPerSecond(long, () => pause(ALONE_MS));
    const start = performance.now();
    let isOver = false;
    const others = quiet.map(async (owner) => {
      while (!isOver) {
        await owner.run();
        await pause(QUIET_PAUSE_MS);
      }
    });
    let ends: Promise<void>[] = [];
    const beside = await rowsPerSecond(long, async () => {
      ends = await sendFlood(flooding, flood);
    });
    const seconds = (performance.now() - start) / 1000;
    isOver = true;
    await Promise.all(others);
    await long.stop();
    console.log(`${flood} imports of ${SHORT_ROWS} rows were sent in ${seconds.toFixed(0)} s`);
    await Promise.all(ends);
    for (const [index, owner] of quiet.entries())
      report(`${QUIET_OWNERS[index]}, quiet`, owner, seconds * 1000);
    report('the owner of the flood', flooding, performance.now() - start);
    console.log(
      `long imports: ${beside.toFixed(0)} rows/s beside the flood, ${alone.toFixed(0)} rows/s alone`,
    );
  } finally {
    for (const owner of owners) owner.close();
    await ('dispose' in system ? system.dispose() : system.stop());
  }
}

/** Rows a second of the long imports while the other work goes on. */
async function rowsPerSecond(
  long: ReturnType<typeof keepLongImportRunning>,
  during: () => Promise<unknown>,
): Promise<number> {
  const [before, start] = [await long.rows(), performance.now()];
  await during();
  return ((await long.rows()) - before) / ((performance.now() - start) / 1000);
}

async function openOwner(url: string, owner: string, firstRow: number): Promise<ShortImports> {
  const userToken = signUserToken(owner, secret);
  const imports = new ShortImports(url, { firstRow, userToken, perMinute: MOST_PER_MINUTE });
  await imports.ready();
  return imports;
}

async function longImportToken(url: string): Promise<string> {
  const response = await fetch(`${url}/channels`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ userToken: signUserToken('long', secret) }),
  });
  const { token } = (await response.json()) as { token: string };
  return token;
}

/** Resolves when every upload is answered, with a promise of each end. */
async function sendFlood(owner: ShortImports, imports: number): Promise<Promise<void>[]> {
  const ends: Promise<void>[] = [];
  let left = imports;
  const sender = async () => {
    while (left > 0) {
      left -= 1;
      ends.push((await owner.send()).ended);
      if (ends.length % 500 === 0) console.log(`${ends.length} of ${imports} imports are sent`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  return ends;
}

function report(name: string, { times }: ShortImports, milliseconds: number): void {
  const perSecond = (times.length / milliseconds) * 1000;
  console.log(
    `${name}: ${times.length} imports, ${perSecond.toFixed(1)} a second, p50 ${percentile(times, 0.5).toFixed(0)} ms, ` +
      `p99 ${percentile(times, 0.99).toFixed(0)} ms`,
  );
}
