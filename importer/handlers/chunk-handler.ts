/** Works off one chunk: from the record on the log to the contact store, and to its report. */

import type { AppliedChunk, ChunkToApply, UnparsedChunk } from '@tidings/contact-store/chunk-to-apply.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { Event } from '@tidings/contracts/event.ts';
import type { ImportCommand, ImportCommandData } from '@tidings/contracts/imports/import-commands.ts';
import type { ChunkWork, WorkPriority } from '@tidings/contracts/imports/work.ts';
import { createEvent, type EventFields, MalformedEventError } from '@tidings/contracts/schemas/event.ts';
import { decodeChunkWork, readReportableWork } from '@tidings/contracts/schemas/imports/work.ts';
import { topics, workTopics } from '@tidings/contracts/topics.ts';
import { parseChunk } from '@tidings/csv/cutting/records.ts';
import { endOfKey } from '@tidings/event-log/end-of-key.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import type { FailedAttempt } from '@tidings/event-log/retry/record-attempts.ts';
import type { CountryLookup } from '@tidings/rows/country-directory.ts';
import { validateChunk } from '@tidings/rows/validate.ts';
import { mustBeDeliveredAgain } from '@tidings/service-kit/process/failures.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { describeFailure } from '../failures.ts';
import type { ImporterMetrics } from '../metrics.ts';
import { CancelledChunks, unparsedChunk } from './cancelled-chunks.ts';
import { ClosedUploads } from './closed-uploads.ts';
import { causeOf } from './report-cause.ts';

type ReportType = 'chunk.completed' | 'chunk.retrying' | 'chunk.failed';
type ReportCommand = Extract<ImportCommand, { type: ReportType }>;

/** The report of a chunk to the aggregator. Its subject is the import. */
export type ChunkReport = Event<ReportType, ReportCommand['data']>;

export interface ChunkHandlerParts {
  readonly log: Pick<EventLog, 'endOffsets'>;
  readonly contactStore: Pick<ContactStore, 'applyChunk' | 'cancelChunks' | 'getImport'>;
  readonly countries: CountryLookup;
  readonly logger: Logger;
  readonly metrics: ImporterMetrics;
}

export class ChunkHandler {
  readonly #parts: ChunkHandlerParts;
  readonly #cancelled: CancelledChunks;
  /** Uploads of cancelled imports without a failed chunk: what is passed over of them changes nothing. */
  readonly #stopped = new ClosedUploads();

  constructor(parts: ChunkHandlerParts) {
    this.#parts = parts;
    this.#cancelled = new CancelledChunks(parts.contactStore);
  }

  /** Says that these records will be worked off, one after another. Call what it returns when they are over. */
  deliver(records: readonly LogRecord[]): () => void {
    return this.#cancelled.deliver(records);
  }

  /**
   * Works the chunk off. A chunk delivered again changes nothing and gets the same report.
   *
   * @param attempt from 1
   * @throws what `mustBeDeliveredAgain` knows: nothing was decided; any other error: the attempt has failed
   */
  async work(record: LogRecord, attempt: number): Promise<ChunkReport> {
    try {
      const { work } = decodeChunkWork(record.headers);
      if (record.value === null) throw new MalformedEventError('a tombstone where a chunk was expected');
      const { delta, hasEnded, warnings } = await this.#apply(record, record.value, work, attempt);
      const { uploadId, chunk, importId, fileBytes } = work;
      const carried = hasEnded ? await this.#lookUp(work) : {};
      const data = { uploadId, chunk, rows: work.shape.rows, delta, fileBytes, warnings, ...carried };
      return reportOf(record, { type: 'chunk.completed', subject: importId, data });
    } catch (error) {
      if (!mustBeDeliveredAgain(error)) this.#logFailure(record, attempt, error);
      throw error;
    }
  }

  /** What to report of a chunk that will be tried again: nothing where the record does not show which chunk it is. */
  putOff({ record, attempt, attempts, error }: FailedAttempt, dueAt: number): ChunkReport[] {
    this.#parts.metrics.chunks.inc({ priority: priorityOf(record), result: 'retrying' });
    const work = readReportableWork(record.headers);
    if (work === null) return [];
    const { importId, uploadId, chunk } = work;
    const next = { attempt: attempt + 1, attempts, dueAt: new Date(dueAt).toISOString() };
    const { topic, partition, offset } = record;
    const data = { uploadId, chunk, ...next, origin: { topic, partition, offset }, code: error.code };
    return [reportOf(record, { type: 'chunk.retrying', subject: importId, data, owner: work.owner })];
  }

  /** What to report of a chunk whose last attempt has failed: nothing where the record does not show which chunk it is. */
  giveUp({ record, error }: FailedAttempt): ChunkReport[] {
    const priority = priorityOf(record);
    const work = readReportableWork(record.headers);
    this.#parts.metrics.chunks.inc({ priority, result: work === null ? 'unreadable' : 'failed' });
    if (work === null) return [];
    const { importId, uploadId, chunk } = work;
    const { rows } = work.shape;
    const message = `Chunk ${chunk} with its ${rows} rows could not be worked off.`;
    const data = { uploadId, chunk, rows, code: error.code, message };
    return [reportOf(record, { type: 'chunk.failed', subject: importId, data, owner: work.owner })];
  }

  async #apply(
    record: LogRecord,
    bytes: Uint8Array,
    work: ChunkWork,
    attempt: number,
  ): Promise<AppliedChunk & { readonly warnings: number }> {
    const { contactStore, metrics } = this.#parts;
    const priority = priorityOf(record);
    const stopTimer = metrics.seconds.startTimer({ priority });
    const unparsed = unparsedChunk(work);
    const cancelled = await this.#cancelled.cancel(record, unparsed, attempt > 1);
    let warned: ChunkToApply['warned'] = [];
    const parseAndApply = async () => {
      const chunk = await this.#parse(bytes, work, unparsed);
      warned = chunk.warned;
      return contactStore.applyChunk(chunk);
    };
    const applied = cancelled ?? (await parseAndApply());
    if (applied.closed) this.#cancelled.close(unparsed.uploadId);
    stopTimer();
    this.#count(applied, unparsed.rows, priority);
    // Of a cancelled chunk no row is written.
    const isWritten = applied.delta.cancelled < work.shape.rows;
    return { ...applied, warnings: isWritten ? warned.reduce((sum, { codes }) => sum + codes.length, 0) : 0 };
  }

  /** The chunk counts as failed, perhaps, in an import that the log has forgotten: its report carries the import back. */
  async #lookUp({
    importId,
    uploadId,
  }: ChunkWork): Promise<Pick<ImportCommandData['chunk.completed'], 'folded' | 'asOf'>> {
    if (this.#stopped.has(uploadId)) return {};
    const asOf = await endOfKey(this.#parts.log, topics.commands, importId);
    const folded = await this.#parts.contactStore.getImport(importId);
    if (folded === null) return {};
    if (folded.state.status === 'cancelled' && folded.failedChunks === '') this.#stopped.add(uploadId);
    return { folded, asOf };
  }

  async #parse(bytes: Uint8Array, work: ChunkWork, unparsed: UnparsedChunk): Promise<ChunkToApply> {
    const { delimiter } = work.dialect;
    const { duplicates } = work;
    const parsed = parseChunk(bytes, work.shape, work.dialect);
    const { defaultCountry, invalidFields, dryRun } = work;
    const validated = await validateChunk(parsed, work, this.#parts.countries);
    return { ...unparsed, delimiter, defaultCountry, invalidFields, dryRun, duplicates, ...validated };
  }

  #count({ delta, replayed }: AppliedChunk, rows: number, priority: WorkPriority): void {
    const { metrics } = this.#parts;
    const cancelled = delta.cancelled === rows;
    const result = cancelled ? 'cancelled' : 'completed';
    metrics.chunks.inc({ priority, result: replayed ? 'replayed' : result });
    if (replayed || cancelled) return;
    metrics.rows.inc({ priority, result: 'valid' }, rows - delta.rejected);
    metrics.rows.inc({ priority, result: 'rejected' }, delta.rejected);
  }

  #logFailure({ topic, partition, offset, headers }: LogRecord, attempt: number, error: unknown): void {
    const work = readReportableWork(headers);
    const place = { topic, partition, offset, importId: work?.importId, chunk: work?.chunk };
    this.#parts.logger.error(
      { ...place, attempt, failure: describeFailure(error) },
      error instanceof MalformedEventError ? 'record of work not readable' : 'applying a chunk failed',
    );
  }
}

function priorityOf({ topic }: LogRecord): WorkPriority {
  return topic === workTopics.express.topic ? 'express' : 'bulk';
}

function reportOf(
  { headers }: LogRecord,
  fields: EventFields<ReportType, ReportCommand['data']>,
): ChunkReport {
  return createEvent({ ...fields, ...causeOf(headers) });
}
