/** Real parts for tests: an embedded log with reference data, chunks as an upload cuts them, and their reports. */

import type { ChunkToApply } from '@tidings/contact-store/chunk-to-apply.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { Event } from '@tidings/contracts/event.ts';
import { type ChunkWork, chunkWorkKey } from '@tidings/contracts/imports/work.ts';
import { createEvent, decodeEvent, envelopeFromHeaders } from '@tidings/contracts/schemas/event.ts';
import { CHUNK_WORK_TYPE, encodeWork } from '@tidings/contracts/schemas/imports/work.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { type Chunk, Cutter } from '@tidings/csv/cutting/cut.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { startReferenceData } from '@tidings/reference-data/app.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { recordingLogger, silentLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { onTestFinished } from 'vitest';
import { type Importer, type ImporterParts, startImporter } from '../app.ts';

export async function publishReferenceData(log: EventLog): Promise<void> {
  const referenceData = await startReferenceData({ log, logger: silentLogger });
  await referenceData.stop();
}

export const columns = ['email', 'firstName', 'phone', 'country', 'attributes.notes'];
export const header = 'E-Mail,First name,Phone,Country,Notes';

/** Valid rows, each for a contact of its own. */
export function plainFile(rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => `person${row}@example.com,P${row},,,`);
  return `${[header, ...lines].join('\n')}\n`;
}

/** The real store, with a step before each chunk. */
export function storeWith(
  contactStore: ContactStore,
  before: (chunk: ChunkToApply) => void | Promise<void>,
): ImporterParts['contactStore'] {
  return {
    ping: () => contactStore.ping(),
    cancelChunks: (chunks) => contactStore.cancelChunks(chunks),
    getImport: (importId) => contactStore.getImport(importId),
    undoPage: (page) => contactStore.undoPage(page),
    failUndoPage: (page) => contactStore.failUndoPage(page),
    applyChunk: async (chunk) => {
      await before(chunk);
      return contactStore.applyChunk(chunk);
    },
  };
}

export interface RunningImporter {
  readonly importer: Importer;
  /** The lines that the importer has logged. */
  readonly lines: string[];
  /** The sum of a metric over all label sets that hold the given labels. */
  count(name: string, labels: Record<string, string>): Promise<number>;
}

/** Runs an importer that stops with the test. */
export async function runImporter(
  log: EventLog,
  parts: Partial<ImporterParts> & Pick<ImporterParts, 'contactStore'>,
): Promise<RunningImporter> {
  const { logger, lines } = recordingLogger();
  const registry = new Registry();
  const retry = { initialDelayMs: 1, maxDelayMs: 5 };
  const importer = await startImporter({ log, logger, registry, retry, retryDelaysMs: [5, 10], ...parts });
  onTestFinished(() => importer.stop());
  const count: RunningImporter['count'] = async (name, labels) => {
    const metric = await registry.getSingleMetric(name)?.get();
    const matches = metric?.values.filter(({ labels: found }) =>
      Object.entries(labels).every(([key, value]) => found[key] === value),
    );
    return matches?.reduce((sum, { value }) => sum + value, 0) ?? 0;
  };
  return { importer, lines, count };
}

export interface ImportIdentity {
  readonly importId: string;
  readonly uploadId: string;
  readonly owner: string;
}

export function newIdentity(owner: string = uuidv7()): ImportIdentity {
  return { importId: uuidv7(), uploadId: uuidv7(), owner };
}

/** The records of a file, one for each chunk, as an upload would append them. */
export function cutFile(
  file: string,
  columns: readonly string[],
  identity: ImportIdentity,
  { topic = topics.bulkWork as string, maxChunkBytes = 128 * 1024 } = {},
): NewRecord[] {
  const cutter = new Cutter({ delimiter: ',', maxChunkBytes });
  const chunks = [...cutter.push(new TextEncoder().encode(file)), ...cutter.end()];
  const header = file.slice(0, file.indexOf('\n')).split(',');
  return chunks.map((chunk, number) => toRecord(chunk, number, header, columns, identity, topic));
}

function toRecord(
  { bytes, shape }: Chunk,
  chunk: number,
  header: string[],
  columns: readonly string[],
  identity: ImportIdentity,
  topic: string,
): NewRecord {
  const work: ChunkWork = {
    ...identity,
    chunk,
    dialect: { encoding: 'utf-8', delimiter: ',' },
    header,
    columns: [...columns],
    defaultCountry: 'DE',
    restoreCells: false,
    shape,
  };
  const { data: _data, ...envelope } = createEvent({
    type: CHUNK_WORK_TYPE,
    subject: work.importId,
    data: null,
  });
  const headers = encodeWork(envelope, work);
  return { topic, key: chunkWorkKey(work.importId, chunk), value: bytes, headers };
}

export function eventIdOf(record: NewRecord): string {
  return envelopeFromHeaders(record.headers ?? {}).eventId;
}

/** The first reports of the import, in their order; resolves once there are this many. */
export async function waitForReports(log: EventLog, importId: string, count: number): Promise<Event[]> {
  const reports: Event[] = [];
  for await (const records of log.read({ topic: topics.commands, from: 'earliest', follow: true })) {
    for (const { key, value } of records) if (key === importId) reports.push(decodeEvent(value));
    if (reports.length >= count) break;
  }
  return reports;
}
