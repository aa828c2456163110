/** `npm start`: one process with all services on the embedded engines, and a network between it and its clients. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPglite } from '@tidings/contact-store/databases/pglite.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import { startGuard } from '@tidings/testing/engines/guard.ts';
import { identify } from '@tidings/testing/engines/process-table.mjs';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { startTcpProxy } from '@tidings/testing/tcp-proxy.ts';
import type { Fault } from './faults.ts';
import { type Inspection, networkFaults, type ProvedSystem } from './proved-system.ts';

/** @param folder for data and logs; it stays */
export async function startEmbeddedSystem(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<ProvedSystem> {
  const guarded = join(folder, 'guarded');
  await mkdir(guarded);
  const guard = await startGuard(guarded);
  const stack = await startStack(environment, folder);
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
    spoiler: null,
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
  return [
    { kind: 'SIGKILL', target, weight: 5, longestMs: 3_000, begin: () => stack.kill(), end: restart },
    { kind: 'restart', target, weight: 1, longestMs: 1_000, begin: interrupt, end: restart },
    { kind: 'SIGSTOP', target, weight: 3, longestMs: 15_000, begin: stop, end: resume },
  ];
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
