/** The embedded log in another thread, as the all-in-one process has it: every client, and every handler, is behind a port. */
import { MessageChannel, Worker } from 'node:worker_threads';
import { describeEventLog } from '@tidings/event-log/conformance/describe-event-log.ts';
import type { ConformanceSite } from '@tidings/event-log/conformance/engine.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { afterAll } from 'vitest';
import { connectPort } from './message-port-proxy.ts';
import type { LogThread } from './test/log-thread.ts';

const worker = new Worker(new URL('thread-entry.mjs', import.meta.url), {
  workerData: { module: new URL('test/log-thread.ts', import.meta.url).href },
});
afterAll(() => worker.terminate());

async function create(): Promise<ConformanceSite> {
  const { path: directory, remove } = await makeFolder();
  const reach = () => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(port1, [port1]);
    return { thread: connectPort<LogThread>(port2), port: port2 };
  };
  return {
    open: () => reach().thread.open({ directory, maintenanceIntervalMs: 20, tombstoneRetentionMs: 0 }),
    async connect() {
      const { thread, port } = reach();
      return { log: await thread.attach(directory), cut: async () => port.close() };
    },
    child: { entry: '', settings: directory },
    dispose: remove,
  };
}

describeEventLog('embedded, in another thread', {
  create,
  features: {
    exclusive: true,
    compactsPromptly: true,
    movesWithoutRedelivery: true,
    // The embedded engine's own suite kills processes: the thread makes no difference to what they leave.
    crashRounds: 0,
    crashPoints: [],
  },
});
