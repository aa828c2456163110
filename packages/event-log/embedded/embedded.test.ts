import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { connectPort, exposePort } from '@tidings/service-kit/threads/message-port-proxy.ts';
import { afterAll } from 'vitest';
import { describeEventLog } from '../conformance/describe-event-log.ts';
import type { ConformanceFeatures, ConformanceSite } from '../conformance/engine.ts';
import type { EventLog } from '../event-log.ts';
import { embeddedCrashPoints } from './crash-points.ts';
import { openEmbeddedLog } from './embedded-log.ts';
import type { LogThread } from './test/conformance-worker.ts';

const features: ConformanceFeatures = {
  exclusive: true,
  compactsPromptly: true,
  movesWithoutRedelivery: true,
  crashRounds: 200,
  crashPoints: embeddedCrashPoints,
};
const entry = join(import.meta.dirname, 'test/conformance-child.ts');
const promptly = { maintenanceIntervalMs: 20, tombstoneRetentionMs: 0 };

/** The log in this thread; other clients over a port. */
async function createHere(): Promise<ConformanceSite> {
  const directory = await mkdtemp(join(tmpdir(), 'event-log-'));
  let last: EventLog | null = null;
  return {
    async open() {
      last = await openEmbeddedLog({ directory, ...promptly });
      return last;
    },
    async connect() {
      const { port1, port2 } = new MessageChannel();
      if (!last) throw new Error('The log is not open.');
      exposePort(last, port1);
      return { log: connectPort<EventLog>(port2), cut: async () => port2.close() };
    },
    child: { entry, settings: directory },
    dispose: () => rm(directory, { recursive: true }),
  };
}

const worker = new Worker(new URL('../../service-kit/threads/worker-entry.mjs', import.meta.url), {
  workerData: { module: new URL('test/conformance-worker.ts', import.meta.url).href },
});
afterAll(() => worker.terminate());

/** The log in another thread: every client, and every handler, is behind a port. */
async function createBehindProxy(): Promise<ConformanceSite> {
  const directory = await mkdtemp(join(tmpdir(), 'event-log-'));
  const reach = () => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(port1, [port1]);
    return { thread: connectPort<LogThread>(port2), port: port2 };
  };
  return {
    open: () => reach().thread.open({ directory, ...promptly }),
    async connect() {
      const { thread, port } = reach();
      return { log: await thread.attach(directory), cut: async () => port.close() };
    },
    child: { entry, settings: directory },
    dispose: () => rm(directory, { recursive: true }),
  };
}

describeEventLog('embedded', { create: createHere, features });
// Processes are killed above already: the thread makes no difference to what they leave.
describeEventLog('embedded, in another thread', {
  create: createBehindProxy,
  features: { ...features, crashRounds: 0, crashPoints: [] },
});
