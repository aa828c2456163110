/** The thread of contacts and importer: PGlite blocks the thread that it runs on, so it has one of its own. */
import { type MessagePort, workerData } from 'node:worker_threads';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { openEmbeddedContactStore } from '@tidings/contact-store/open-contact-store.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { type Importer, startImporter } from '@tidings/importer/app.ts';
import type { LogLevel } from '@tidings/service-kit/config/config.ts';
import { createLogger } from '@tidings/service-kit/process/logging.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { connectPort, exposePort } from '@tidings/service-kit/threads/message-port-proxy.ts';

export interface ContactsThreadData {
  readonly module: string;
  readonly directory: string;
  readonly logLevel: LogLevel;
  readonly logPort: MessagePort;
  readonly storePort: MessagePort;
  readonly threadPort: MessagePort;
}

/** What the main thread may call in this one. */
export interface ContactsThreadCalls {
  /** Opens the contacts, and exposes them. */
  open(): Promise<void>;
  startImporter(): Promise<void>;
  /** As the importer's. What it resolves with is called across the port, too. */
  expectShortImport(): Promise<() => void>;
  /** As the importer's, once it is started. */
  checkTables(): Promise<void>;
  stopImporter(): Promise<void>;
  /** The thread's own metrics, in the text format of Prometheus. */
  metrics(): Promise<string>;
  close(): Promise<void>;
}

const { directory, logLevel, logPort, storePort, threadPort } = workerData as ContactsThreadData;
const logger = createLogger('importer', logLevel);
const registry = createRegistry({ processMetrics: false });
const log = connectPort<EventLog>(logPort);
let contactStore: ContactStore | null = null;
let importer: Importer | null = null;

/** Batches of the search index and checkpoints take turns with the chunks: the database does one thing at a time. */
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  return importer === null ? work() : importer.inBulkTurn(work);
}

const thread: ContactsThreadCalls = {
  async open() {
    const opened = await openEmbeddedContactStore(directory, logger, inTurn);
    contactStore = opened;
    const indexContacts: ContactStore['indexContacts'] = (limit) => inTurn(() => opened.indexContacts(limit));
    exposePort({ ...opened, indexContacts }, storePort);
  },
  async startImporter() {
    if (contactStore === null) throw new Error('the contacts are not open');
    importer = await startImporter({ log, contactStore, logger, registry });
  },
  async expectShortImport() {
    return importer?.expectShortImport() ?? (() => undefined);
  },
  async checkTables() {
    await importer?.checkTables();
  },
  async stopImporter() {
    await importer?.stop();
  },
  metrics: () => registry.metrics(),
  async close() {
    await contactStore?.close();
  },
};
exposePort(thread, threadPort);
