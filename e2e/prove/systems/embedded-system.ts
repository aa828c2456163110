/** `npm start`: one process with all services on the embedded engines, and a network between it and its clients. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPglite } from '@tidings/contact-store/databases/pglite.ts';
import { workTopics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { passedPartitions } from '@tidings/event-log/passed-ends.ts';
import { pause } from '@tidings/failures/retry.ts';
import { startTcpProxy } from '@tidings/testing/connections/tcp-proxy.ts';
import { startGuard } from '@tidings/testing/engines/guard.ts';
import { identify } from '@tidings/testing/engines/process-table.mjs';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import type { Fault } from './faults.ts';
import { type Inspection, networkFaults, type ProvedSystem } from './proved-system.ts';
import { type RowSpoiler, refusal } from './row-spoiler.ts';

/** The group as which somebody reads who removes what waits. */
const OPERATOR = 'operator';
const LOOK_MS = 20;
const SPOILT_FOLDER = 'spoilt';

/** @param folder for data and logs; it stays */
export async function startEmbeddedSystem(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<ProvedSystem> {
  const guarded = join(folder, 'guarded');
  await mkdir(guarded);
  const guard = await startGuard(guarded);
  const stack = await startStack(environment, { folder, isFirstStart: true });
  // Only one process can open the database, so the trigger comes between two starts.
  await stack.interrupt();
  const spoiler = await createRowSpoiler(join(stack.directory, 'data', 'contacts'));
  await stack.start();
  const watch = () => {
    const identity = identify(stack.pid);
    if (identity !== undefined) guard.watch(identity);
  };
  watch();
  const network = await startTcpProxy(() => Number(new URL(stack.url).port));
  const restart = async () => {
    await stack.start();
    watch();
  };
  return {
    url: `http://127.0.0.1:${network.port}`,
    supportToken: stack.supportToken,
    faultLines: [
      { faults: processFaults(stack, restart), quietMs: [4_000, 14_000] },
      { faults: networkFaults('network of the clients', [network], 1), quietMs: [3_000, 12_000] },
    ],
    spoiler,
    async heal() {
      if (stack.isRunning()) return [];
      await restart();
      return ['tidings'];
    },
    inspect: () => inspect(stack),
    async stop() {
      await network.close();
      await stack.kill();
      await writeFile(join(folder, 'tidings.log'), stack.output());
      await guard.close();
    },
  };
}

function processFaults(stack: Stack, restart: () => Promise<void>): Fault[] {
  const target = 'tidings';
  const signal = (name: NodeJS.Signals) => () => {
    if (stack.isRunning()) process.kill(stack.pid, name);
  };
  const interrupt = async () => void (await stack.interrupt());
  const [stop, resume] = [signal('SIGSTOP'), signal('SIGCONT')];
  const lose = async () => {
    await stack.kill();
    const log = await openEmbeddedLog({ directory: join(stack.directory, 'data', 'log') });
    for (const { topic } of Object.values(workTopics)) await loseRecords(log, topic);
    await log.close();
  };
  return [
    { kind: 'loss', target: 'chunks', weight: 1, longestMs: 1_000, begin: lose, end: restart },
    { kind: 'SIGKILL', target, weight: 5, longestMs: 3_000, begin: () => stack.kill(), end: restart },
    { kind: 'restart', target, weight: 1, longestMs: 1_000, begin: interrupt, end: restart },
    { kind: 'SIGSTOP', target, weight: 3, longestMs: 15_000, begin: stop, end: resume },
  ];
}

/** Removes everything that stands in the topic, as an operator may. */
async function loseRecords(log: EventLog, topic: string): Promise<void> {
  const ends = new Map((await log.endOffsets(topic)).entries());
  const operator = await log.consume({
    group: OPERATOR,
    topics: [topic],
    handler: async () => undefined,
  });
  while ((await passedPartitions(log, OPERATOR, topic, ends)).size < ends.size) await pause(LOOK_MS);
  await operator.stop();
  await log.purge(topic, OPERATOR);
}

/**
 * The database finds the spoilt companies as files beside its own, because no other process can write into it while Tidings runs.
 * @param directory of the contact store; PGlite has its files in a folder in it, and finds others from there
 */
async function createRowSpoiler(directory: string): Promise<RowSpoiler> {
  const folder = join(directory, 'pglite', SPOILT_FOLDER);
  await mkdir(folder);
  const database = await openPglite(directory);
  const file = `'${SPOILT_FOLDER}/' || replace(given, ' ', '-')`;
  for (const statement of refusal(`(pg_stat_file(${file}, true)).size IS NOT NULL`))
    await database.query(statement);
  await database.close();
  const fileOf = (company: string) => join(folder, company.replaceAll(' ', '-'));
  return {
    spoil: (company) => writeFile(fileOf(company), ''),
    mend: (company) => rm(fileOf(company), { force: true }),
  };
}

async function inspect(stack: Stack): Promise<Inspection> {
  await stack.interrupt();
  const data = join(stack.directory, 'data');
  const database = await openPglite(join(data, 'contacts'));
  const log = await openEmbeddedLog({ directory: join(data, 'log') });
  return {
    log,
    query: async <Row>(sql: string) => (await database.query<Row>(sql)).rows,
    async close() {
      await log.close();
      await database.close();
    },
  };
}
