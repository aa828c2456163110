/**
 * One upload, from its first byte to its end on the log: `accepted` before the first chunk, a heartbeat while it is
 * received, and either `sealed` or `aborted`. An upload that is refused before `accepted` leaves nothing behind.
 *
 * A record whose append failed may be on the log all the same. So an upload is aborted also where its `accepted` or `sealed` failed:
 * the fold ignores the end of an unknown import, and a second end. The end is appended after every chunk.
 */

import type { Cause } from '@tidings/contracts/event.ts';
import type { UploadFields } from '@tidings/contracts/http.ts';
import type { UploadError } from '@tidings/contracts/import.ts';
import type { ImportCommand } from '@tidings/contracts/import-commands.ts';
import { type EventLog, EventLogError } from '@tidings/event-log/event-log.ts';
import { isRetriable } from '@tidings/failures/failure.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { v7 as uuidv7 } from 'uuid';
import { sendCommand } from '../to-log.ts';
import { type SplitLimits, Splitter } from './split.ts';

/** Milliseconds between heartbeats. */
const HEARTBEAT_INTERVAL_MS = 5_000;

/** How often an upload's abort is sent while the log is away: after pauses that double from 1 s, for 17 minutes in all. */
const ABORT_RETRIES = { firstMs: 1_000, longestMs: 512_000, attempts: 11 };

export interface UploadRequest {
  readonly channelId: string;
  readonly owner: string;
  readonly fileName: string;
  readonly fields: UploadFields;
}

export class Upload {
  readonly importId = uuidv7();
  readonly #uploadId = uuidv7();
  readonly #log: EventLog;
  readonly #logger: Logger;
  readonly #request: UploadRequest;
  readonly #splitter: Splitter;
  #cause: Cause | null = null;
  /** Whether `accepted` may be on the log. */
  #begun = false;
  #heartbeats = 0;
  /** The append of the upload's first end; null before. */
  #end: Promise<void> | null = null;

  constructor(log: EventLog, logger: Logger, request: UploadRequest, limits: SplitLimits) {
    this.#log = log;
    this.#logger = logger;
    this.#request = request;
    const { encoding, delimiter, mapping, defaultCountry } = request.fields;
    this.#splitter = new Splitter(
      log,
      {
        importId: this.importId,
        uploadId: this.#uploadId,
        owner: request.owner,
        encoding,
        delimiter,
        mapping,
        defaultCountry: defaultCountry ?? null,
        accept: () => this.#accept(),
      },
      limits,
    );
  }

  /**
   * Receives the file. On failure the import, if it may have been accepted, is aborted; see `abort`.
   * @throws Problem
   */
  async receive(stream: AsyncIterable<Uint8Array>): Promise<void> {
    const heartbeat = setInterval(() => this.#beat(), HEARTBEAT_INTERVAL_MS);
    try {
      await this.#splitter.run(stream);
    } catch (error) {
      const problem = toUploadProblem(error);
      await this.abort(toUploadError(problem));
      throw problem;
    } finally {
      clearInterval(heartbeat);
    }
  }

  /**
   * Seals the upload: its last byte has come, and every chunk is durable. On failure the import is aborted; see `abort`.
   * @throws Problem
   */
  async seal(): Promise<void> {
    const { chunks, rows, bytes } = this.#splitter.progress;
    try {
      await this.#send({ type: 'upload.sealed', data: { uploadId: this.#uploadId, chunks, rows, bytes } });
      this.#end = Promise.resolve();
    } catch (error) {
      const problem = toUploadProblem(error);
      await this.abort(toUploadError(problem));
      throw problem;
    }
  }

  /**
   * Ends the import, if it may have been accepted and has not ended. The chunks that are on the log will still be reported.
   * Resolves when the end is on the log, or cannot be sent at the first attempt: while the log is away, further attempts go on
   * without the caller. Where `error` is `log_unavailable` it resolves at once, so that the sender has its answer.
   */
  async abort(error: UploadError): Promise<void> {
    if (!this.#begun) return;
    this.#end ??= this.#sendAbort(error);
    if (error !== 'log_unavailable') await this.#end;
  }

  #sendAbort(error: UploadError): Promise<void> {
    const { importId } = this;
    return new Promise((resolve) => {
      const onFailure = (failure: unknown) => {
        this.#logger.warn({ err: failure, importId }, 'upload end not appended; retrying');
        resolve();
      };
      retryUntil(() => this.#tryAbort(error), { ...ABORT_RETRIES, onFailure })
        .catch((failure: unknown) => {
          this.#logger.error(
            { err: failure, importId },
            'upload end not appended; the upload stays receiving',
          );
        })
        .finally(resolve);
    });
  }

  async #tryAbort(error: UploadError): Promise<void> {
    const chunks = await this.#splitter.sendRefused();
    const data = { uploadId: this.#uploadId, error, chunks, bytes: this.#splitter.progress.bytes };
    await this.#send({ type: 'upload.aborted', data });
  }

  async #accept(): Promise<Cause> {
    const { channelId, owner, fileName, fields } = this.#request;
    const clientReference = fields.clientReference ?? null;
    const data = { uploadId: this.#uploadId, channelId, owner, fileName, clientReference };
    this.#begun = true;
    this.#cause = await sendCommand(this.#log, this.importId, { type: 'import.accepted', data });
    return this.#cause;
  }

  #beat(): void {
    if (this.#cause === null) return;
    this.#heartbeats += 1;
    const data = { uploadId: this.#uploadId, number: this.#heartbeats, bytes: this.#splitter.progress.bytes };
    this.#send({ type: 'upload.heartbeat', data }).catch((error: unknown) => {
      this.#logger.warn({ err: error, importId: this.importId }, 'upload heartbeat not appended');
    });
  }

  async #send(command: ImportCommand): Promise<void> {
    await sendCommand(this.#log, this.importId, command, this.#cause ?? undefined);
  }
}

function toUploadProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const cause = { cause: error };
  if (error instanceof EventLogError && error.code === 'record_too_large') {
    const message = 'The header is too long to go with every part of the file. Shorten its columns’ names.';
    return new Problem('header_too_long', message, { line: 1, field: 'file' }, cause);
  }
  if (error instanceof EventLogError || isRetriable(error)) {
    const place = { retryAfterSeconds: 5 };
    return new Problem('unavailable', 'The upload cannot be taken in at the moment.', place, cause);
  }
  const message = 'The connection broke off before the last byte. Send the file again.';
  return new Problem('upload_broken_off', message, {}, cause);
}

/** Why an upload ended, as the import's state tells it. */
export function toUploadError(problem: Problem): UploadError {
  switch (problem.code) {
    case 'file_too_large':
      return 'file_too_large';
    case 'too_many_rows':
      return 'too_many_rows';
    case 'unavailable':
      return 'log_unavailable';
    case 'upload_broken_off':
      return 'connection_broken';
    default:
      return 'invalid_file';
  }
}
