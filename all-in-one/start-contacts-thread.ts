/** The main thread's end of the worker thread in which contacts and importer live. Each port crosses by one proxy. */
import { extname } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { LogLevel } from '@tidings/service-kit/config/config.ts';
import { connectPort, exposePort, type Remote } from '@tidings/service-kit/threads/message-port-proxy.ts';
import type { ContactsThreadCalls, ContactsThreadData } from './contacts-thread.ts';

/** Beside this file: compiled where this file is, TypeScript in tests. */
const threadModule = new URL(`./contacts-thread${extname(import.meta.url)}`, import.meta.url).href;

export interface ContactsThread {
  readonly contactStore: Remote<ContactStore>;
  startImporter(): Promise<void>;
  /** Tells the importer that the chunk of a short import is about to come. Call what it returns where it will not. */
  expectShortImport(): () => void;
  /** As the importer's. */
  checkTables(): Promise<void>;
  /** Finishes the chunks in hand. */
  stopImporter(): Promise<void>;
  /** The thread's metrics, as Prometheus reads them. */
  metrics(): Promise<string>;
  /** Closes the contacts and ends the thread. */
  close(): Promise<void>;
}

export interface ContactsThreadParts {
  readonly log: EventLog;
  readonly directory: string;
  readonly logLevel: LogLevel;
}

/** Resolves when the contacts are open. Rejects with what opening them failed with. */
export async function startContactsThread({
  log,
  directory,
  logLevel,
}: ContactsThreadParts): Promise<ContactsThread> {
  const [logChannel, storeChannel, threadChannel] = [
    new MessageChannel(),
    new MessageChannel(),
    new MessageChannel(),
  ];
  exposePort(log, logChannel.port1);
  const workerData: ContactsThreadData = {
    module: threadModule,
    directory,
    logLevel,
    logPort: logChannel.port2,
    storePort: storeChannel.port2,
    threadPort: threadChannel.port2,
  };
  const workerThread = new Worker(
    new URL('../packages/service-kit/threads/thread-entry.mjs', import.meta.url),
    {
      workerData,
      transferList: [logChannel.port2, storeChannel.port2, threadChannel.port2],
    },
  );
  // A thread that dies ends the process: without it nothing is imported, and a restart goes on from the log.
  workerThread.on('error', (error) => {
    throw new Error('the contacts thread died', { cause: error });
  });
  const thread = connectPort<ContactsThreadCalls>(threadChannel.port1);
  await thread.open();
  return {
    contactStore: connectPort<ContactStore>(storeChannel.port1),
    startImporter: () => thread.startImporter(),
    expectShortImport() {
      const expected = thread.expectShortImport();
      const withdraw = () => void expected.then((withdrawal) => withdrawal()).catch(() => undefined);
      // Where the thread has ended, nothing is expected any more.
      expected.catch(() => undefined);
      return withdraw;
    },
    checkTables: () => thread.checkTables(),
    stopImporter: () => thread.stopImporter(),
    metrics: () => thread.metrics(),
    async close() {
      await thread.close();
      await workerThread.terminate();
    },
  };
}
