/**
 * Passes over the chunks of uploads whose gate is closed: unparsed, and all that were delivered of an upload in one transaction. A
 * million rows stand in hundreds of chunks; one transaction for each was most of what a cancelled import waited for.
 */
import type { AppliedChunk, UnparsedChunk } from '@tidings/contact-store/chunk-to-apply.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { ChunkWork } from '@tidings/contracts/imports/work.ts';
import { decodeChunkWork } from '@tidings/contracts/schemas/imports/work.ts';
import type { LogRecord } from '@tidings/event-log/event-log.ts';
import { mustBeDeliveredAgain } from '@tidings/service-kit/process/failures.ts';
import { ClosedUploads } from './closed-uploads.ts';

/** Chunks of one transaction, at most. */
const MAX_TOGETHER = 64;

type Answer = Promise<AppliedChunk | null>;

interface Delivered {
  /** null where the record is no chunk, or its headers cannot be read. */
  readonly chunk: UnparsedChunk | null;
  /** null: nobody has entered the chunk yet. */
  answer: Answer | null;
}

export class CancelledChunks {
  readonly #store: Pick<ContactStore, 'cancelChunks'>;
  readonly #closed = new ClosedUploads();
  /** By the place of the record; of records that are being worked off, so the batches of the log bound them. */
  readonly #delivered = new Map<string, LogRecord | Delivered>();

  constructor(store: Pick<ContactStore, 'cancelChunks'>) {
    this.#store = store;
  }

  /** Says that the contact store has shown the upload's gate to be closed. */
  close(uploadId: string): void {
    this.#closed.add(uploadId);
  }

  /** Says that these records will be worked off one after another. Call what it returns when they are over. */
  deliver(records: readonly LogRecord[]): () => void {
    for (const record of records) this.#delivered.set(placeOf(record), record);
    return () => {
      for (const record of records) this.#delivered.delete(placeOf(record));
    };
  }

  /**
   * null where the gate is not known to be closed, and the chunk must be applied.
   * @param isRetry the store is asked in any case: what has failed must not fail once more where it need not run
   */
  async cancel(record: LogRecord, chunk: UnparsedChunk, isRetry = false): Answer {
    if (!this.#closed.has(chunk.uploadId))
      return isRetry ? ((await this.#store.cancelChunks([chunk]))?.[0] ?? null) : null;
    const place = placeOf(record);
    const known = this.#delivered.get(place);
    if (known !== undefined && 'answer' in known && known.answer !== null) return known.answer;
    const others = this.#othersOf(place, chunk);
    const together = this.#store.cancelChunks([chunk, ...others.map((other) => other.chunk)]);
    for (const [index, { delivered }] of others.entries()) {
      delivered.answer = together.then((answers) => answers?.[index + 1] ?? null);
      // Whoever asks for it next tries again.
      delivered.answer.catch(() => {
        delivered.answer = null;
      });
    }
    try {
      return (await together)?.[0] ?? null;
    } catch (error) {
      if (others.length === 0 || mustBeDeliveredAgain(error)) throw error;
      // What is wrong may be another chunk's fault.
      return (await this.#store.cancelChunks([chunk]))?.[0] ?? null;
    }
  }

  /** Other chunks of the upload that were delivered and that nobody has entered. */
  #othersOf(
    ownPlace: string,
    { uploadId }: UnparsedChunk,
  ): { readonly delivered: Delivered; readonly chunk: UnparsedChunk }[] {
    const others: { delivered: Delivered; chunk: UnparsedChunk }[] = [];
    for (const [place, found] of this.#delivered) {
      if (others.length === MAX_TOGETHER - 1) break;
      if (place === ownPlace) continue;
      const delivered = 'answer' in found ? found : { chunk: readChunk(found), answer: null };
      this.#delivered.set(place, delivered);
      const { chunk, answer } = delivered;
      if (chunk?.uploadId === uploadId && answer === null) others.push({ delivered, chunk });
    }
    return others;
  }
}

/** What the store is told of a chunk that is not parsed. */
export function unparsedChunk({ importId, uploadId, owner, chunk, shape }: ChunkWork): UnparsedChunk {
  return { importId, uploadId, owner, chunk, firstLine: shape.firstLine, rows: shape.rows };
}

function readChunk({ headers, value }: LogRecord): UnparsedChunk | null {
  try {
    return value === null ? null : unparsedChunk(decodeChunkWork(headers).work);
  } catch {
    return null;
  }
}

function placeOf({ topic, partition, offset }: LogRecord): string {
  return `${topic}/${partition}/${offset}`;
}
