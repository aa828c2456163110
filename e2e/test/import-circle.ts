/**
 * Everything that an import passes, in this process and over HTTP, on a real log and a real database: jobs service, importer and
 * aggregator. The contact store fails for the importer where a chunk holds a poisonous row, as it would by a fault of ours.
 */
import { type Aggregator, startAggregator } from '@tidings/aggregator/app.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import {
  openEmbeddedContactStore,
  openPostgresContactStore,
} from '@tidings/contact-store/open-contact-store.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { readChunkWorkKey } from '@tidings/contracts/imports/work.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { type Importer, type ImporterParts, startImporter } from '@tidings/importer/app.ts';
import { startJobsService } from '@tidings/jobs-service/app.ts';
import { startReferenceData } from '@tidings/reference-data/app.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { createHttpServer, listen } from '@tidings/service-kit/http/http-server.ts';
import { answerProblems } from '@tidings/service-kit/http/problem.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { getJson } from '@tidings/testing/connections/requests.ts';
import { copyEmptyContactStore } from '@tidings/testing/empty-contact-store.ts';
import { startEngines } from '@tidings/testing/engines/start-engines.ts';
import { readAll } from '@tidings/testing/log.ts';
import { silentLogger as logger } from '@tidings/testing/logger.ts';
import { authSecret, supportToken } from '@tidings/testing/services/hub.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import express from 'express';
import { afterAll, beforeAll, expect } from 'vitest';

export interface ImportCircle {
  readonly url: string;
  readonly log: EventLog;
  readonly contactStore: ContactStore;
  /** While true, every chunk with a poisonous row fails. */
  broken: boolean;
  /** Attempts at chunks with a poisonous row. */
  attempts: number;
  /** While it is a number, no importer can read the headers of this chunk of each import that comes. */
  unreadable: number | null;
  /** From the second page of an undo on: it cannot be taken back, or not even be passed over. */
  undoFault: 'reverse' | 'pass over' | null;
  /** Resolves once no importer runs. */
  stopImporter(): Promise<void>;
  /** @param retryDelaysMs milliseconds before each further attempt; default: 20 and 40 */
  startImporter(retryDelaysMs?: readonly number[]): Promise<void>;
  state(importId: string): Promise<ImportState>;
  get<Body>(path: string): Promise<Body>;
  /** As support, unless another token is given. */
  post(path: string, body?: unknown, token?: string): Promise<Response>;
  /** Resolves once no aggregator runs. */
  stopAggregator(): Promise<void>;
  startAggregator(): Promise<void>;
  /** The types of the durable notifications of the import's channel, in their order. */
  told(importId: string): Promise<string[]>;
  stop(): Promise<void>;
}

type Faults = Pick<ImportCircle, 'broken' | 'attempts' | 'unreadable' | 'undoFault'>;

interface OpenEngines {
  readonly log: EventLog;
  readonly contactStore: ContactStore;
  stop(): Promise<void>;
}

async function openEmbedded(): Promise<OpenEngines> {
  const folder = await makeFolder();
  await copyEmptyContactStore(`${folder.path}/contacts`);
  const contactStore = await openEmbeddedContactStore(`${folder.path}/contacts`);
  const log = await openEmbeddedLog({ directory: `${folder.path}/log` });
  return {
    log,
    contactStore,
    async stop() {
      await log.close();
      await contactStore.close();
      await folder.remove();
    },
  };
}

async function openDistributed(): Promise<OpenEngines> {
  const engines = await startEngines({ kafka: true, postgres: true });
  const contactStore = await openPostgresContactStore({ url: engines.databaseUrl, connections: 8 });
  const log = await openKafkaLog({ brokers: [engines.kafkaBrokers], replication: 1 });
  return {
    log,
    contactStore,
    async stop() {
      await log.close();
      await contactStore.close();
      await engines.stop();
    },
  };
}

/** One circle for all tests of a file, or of a `describe`; it is stopped after them. */
export function shareImportCircle(kind: 'embedded' | 'distributed'): () => ImportCircle {
  let circle: ImportCircle | undefined;
  beforeAll(async () => {
    circle = await startImportCircle(kind);
  }, 180_000);
  afterAll(() => circle?.stop());
  return () => circle ?? expect.fail('the circle did not start');
}

async function startImportCircle(kind: 'embedded' | 'distributed'): Promise<ImportCircle> {
  const engines = await (kind === 'embedded' ? openEmbedded() : openDistributed());
  const { log, contactStore } = engines;
  await log.ensureTopics(planTopics(2));
  const referenceData = await startReferenceData({ log, logger });
  const registry = createRegistry({ processMetrics: false });
  const aggregate = () =>
    startAggregator({ log, logger, registry: createRegistry({ processMetrics: false }) });
  let aggregator: Aggregator | null = await aggregate();
  const stopAggregator = async () => {
    await aggregator?.stop();
    aggregator = null;
  };
  const ownerTokens = await openOwnerTokens(log);
  const tokens = createTokenAuthority({ authSecret, supportToken }, ownerTokens);
  const uploadMaxBytes = 100_000_000;
  const fault: Faults = { broken: true, attempts: 0, unreadable: null, undoFault: null };
  const jobsService = await startJobsService({
    ...{ log: spoilingLog(log, fault), contactStore, logger, registry, tokens, ownerTokens, uploadMaxBytes },
    abortReceivingAtStart: false,
  });
  const server = createHttpServer(express().use(jobsService.router, answerProblems(logger)));
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  const begin = (retryDelaysMs: readonly number[] = [20, 40]) =>
    startImporter({ log, contactStore: failingStore(contactStore, fault), logger, retryDelaysMs });
  let importer: Importer | null = await begin();
  const stopImporter = async () => {
    await importer?.stop();
    importer = null;
  };
  const get = <Body>(path: string) => getJson<Body>(`${url}${path}`, supportToken);
  return Object.assign(fault, {
    ...{ url, log, contactStore, get, stopImporter, stopAggregator },
    async startAggregator() {
      aggregator ??= await aggregate();
    },
    async startImporter(retryDelaysMs?: readonly number[]) {
      importer ??= await begin(retryDelaysMs);
    },
    state: (importId: string) => get<ImportState>(`/imports/${importId}`),
    post: (path: string, body: unknown = {}, token = supportToken) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    told: async (importId: string) => {
      const events = (await readAll(log, topics.notifications)).filter(({ key }) => key !== 'support');
      return events
        .map(({ value }) => decodeEvent(value))
        .filter(({ subject }) => subject === importId)
        .map(({ type }) => type);
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await stopImporter();
      await Promise.all([jobsService.stop(), stopAggregator(), referenceData.stop()]);
      await ownerTokens.close();
      await engines.stop();
    },
  });
}

/** The real log, whose headers of work do not tell what they should. */
function spoilingLog(log: EventLog, fault: { readonly unreadable: number | null }): EventLog {
  const append: EventLog['append'] = (records) =>
    log.append(
      records.map((record) => {
        const isSpoilt =
          record.headers?.work !== undefined && readChunkWorkKey(record.key).chunk === fault.unreadable;
        return isSpoilt ? { ...record, headers: { ...record.headers, work: '{' } } : record;
      }),
    );
  return new Proxy(log, {
    get: (target, name) => (name === 'append' ? append : Reflect.get(target, name).bind(target)),
  });
}

/** By its rows' addresses a chunk shows whether it is poisonous. */
function failingStore(contactStore: ContactStore, fault: Faults) {
  const refuse = () => {
    throw new Error('a fault that the content of the page shows');
  };
  return {
    ping: () => contactStore.ping(),
    undoPage: async (page) =>
      page.page > 0 && fault.undoFault !== null ? refuse() : contactStore.undoPage(page),
    failUndoPage: async (page) =>
      fault.undoFault === 'pass over' ? refuse() : contactStore.failUndoPage(page),
    cancelChunks: (chunks) => contactStore.cancelChunks(chunks),
    getImport: (importId) => contactStore.getImport(importId),
    applyChunk: async (chunk) => {
      const isPoisonous = chunk.valid.some(({ email }) => email.startsWith('poison'));
      if (isPoisonous) fault.attempts += 1;
      if (isPoisonous && fault.broken) throw new Error('a fault that the content of the chunk shows');
      return contactStore.applyChunk(chunk);
    },
  } satisfies ImporterParts['contactStore'];
}
