/** Works off one chunk: from the record on the log to the contact store, and to its report. */

import type { AppliedChunk, ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { Cause, Event } from '@tidings/contracts/event.ts';
import type { ImportCommand } from '@tidings/contracts/import-commands.ts';
import { createEvent, MalformedEventError } from '@tidings/contracts/schemas/event.ts';
import { chunkWorkSchema, decodeChunkWork } from '@tidings/contracts/schemas/work.ts';
import type { ChunkWork, WorkPriority } from '@tidings/contracts/work.ts';
import { parseChunk } from '@tidings/csv/records.ts';
import type { LogRecord } from '@tidings/event-log/event-log.ts';
import { mustBeDeliveredAgain } from '@tidings/service-kit/process/failures.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { z } from 'zod';
import { describeFailure } from './failures.ts';
import type { ImporterMetrics } from './metrics.ts';
import type { CountryLookup } from './rows/country-directory.ts';
import { validateChunk } from './rows/validate.ts';

type ReportType = 'chunk.completed' | 'chunk.failed';
type ReportCommand = Extract<ImportCommand, { type: ReportType }>;

/** The report of a chunk to the aggregator. Its subject is the import. */
export type ChunkReport = Event<ReportType, ReportCommand['data']>;

export interface ChunkWorkerParts {
  readonly contactStore: Pick<ContactStore, 'applyChunk'>;
  readonly countries: CountryLookup;
  readonly logger: Logger;
  readonly metrics: ImporterMetrics;
}

/** Attempts at a chunk that fails for a reason of its own, before it is reported as failed. */
export const MAX_ATTEMPTS = 3;

/** The part of a header that is enough to report the chunk as failed, where the rest cannot be read. */
const reportableWorkSchema = z.object({
  importId: chunkWorkSchema.shape.importId,
  uploadId: chunkWorkSchema.shape.uploadId,
  chunk: chunkWorkSchema.shape.chunk,
  shape: z.object({ rows: z.int().min(1) }),
});
type ReportableWork = z.infer<typeof reportableWorkSchema>;

export class ChunkWorker {
  readonly #parts: ChunkWorkerParts;

  constructor(parts: ChunkWorkerParts) {
    this.#parts = parts;
  }

  /**
   * Works the chunk off, or gives it up. A chunk delivered again changes nothing and gets the same report.
   *
   * @returns the report; null for a record that does not show which chunk it is, which is logged and counted
   * @throws retriable failures, and those of a process that is going down: nothing was decided
   */
  async work(record: LogRecord, priority: WorkPriority): Promise<ChunkReport | null> {
    try {
      const { envelope, work } = decodeChunkWork(record.headers);
      if (record.value === null) throw new MalformedEventError('a tombstone where a chunk was expected');
      return await this.#attempt(record.value, work, envelope, priority);
    } catch (error) {
      if (!(error instanceof MalformedEventError)) throw error;
      return this.#refuse(record, error, priority);
    }
  }

  async #attempt(
    bytes: Uint8Array,
    work: ChunkWork,
    cause: Cause,
    priority: WorkPriority,
  ): Promise<ChunkReport> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { delta } = await this.#apply(bytes, work, priority);
        const { uploadId, chunk } = work;
        const data = { uploadId, chunk, rows: work.shape.rows, delta };
        return createEvent({ type: 'chunk.completed', subject: work.importId, data, cause });
      } catch (error) {
        if (mustBeDeliveredAgain(error)) throw error;
        const { importId, chunk } = work;
        const failure = describeFailure(error);
        this.#parts.logger.error({ importId, chunk, priority, attempt, failure }, 'applying a chunk failed');
        if (attempt === MAX_ATTEMPTS) return this.#fail(work, failure.code, cause, priority);
      }
    }
  }

  async #apply(bytes: Uint8Array, work: ChunkWork, priority: WorkPriority): Promise<AppliedChunk> {
    const { contactStore, countries, metrics } = this.#parts;
    const stopTimer = metrics.seconds.startTimer({ priority });
    const parsed = parseChunk(bytes, work.shape, work.dialect.delimiter);
    const { header, valid, rejected, toRejected } = await validateChunk(parsed, work, countries);
    const { importId, uploadId, owner, chunk, shape } = work;
    const applied = await contactStore.applyChunk({
      importId,
      uploadId,
      owner,
      chunk,
      firstLine: shape.firstLine,
      rows: shape.rows,
      header,
      delimiter: work.dialect.delimiter,
      valid,
      rejected,
      toRejected,
    });
    stopTimer();
    metrics.chunks.inc({ priority, result: applied.replayed ? 'replayed' : 'completed' });
    if (!applied.replayed) {
      const refused = Math.max(applied.delta.rejected, rejected.length);
      metrics.rows.inc({ priority, result: 'valid' }, shape.rows - refused);
      metrics.rows.inc({ priority, result: 'rejected' }, refused);
    }
    return applied;
  }

  #fail(work: ReportableWork, code: string, cause: Cause | undefined, priority: WorkPriority): ChunkReport {
    this.#parts.metrics.chunks.inc({ priority, result: 'failed' });
    const { importId, uploadId, chunk } = work;
    const { rows } = work.shape;
    const message = `Chunk ${chunk} with its ${rows} rows could not be worked off.`;
    return createEvent({
      type: 'chunk.failed',
      subject: importId,
      data: { uploadId, chunk, rows, code, message },
      cause,
    });
  }

  #refuse(record: LogRecord, error: MalformedEventError, priority: WorkPriority): ChunkReport | null {
    const { topic, partition, offset } = record;
    const { logger, metrics } = this.#parts;
    const failure = describeFailure(error);
    const work = readReportable(record.headers.work);
    logger.error(
      { topic, partition, offset, importId: work?.importId, chunk: work?.chunk, failure },
      'record of work not readable',
    );
    if (work !== null) return this.#fail(work, error.code, undefined, priority);
    metrics.chunks.inc({ priority, result: 'unreadable' });
    return null;
  }
}

function readReportable(header: string | undefined): ReportableWork | null {
  try {
    return reportableWorkSchema.parse(JSON.parse(header ?? ''));
  } catch {
    return null;
  }
}
