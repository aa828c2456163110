/**
 * One upload, from its first byte to its end on the log: `accepted` before the first chunk, heartbeats while it is received, and
 * either `sealed` or `aborted`. An upload that is refused before `accepted` leaves nothing behind.
 *
 * From `accepted` to its end the upload holds a lease (`lease.ts`). Without it no chunk and no seal is appended: a sweeper may
 * have ended the import.
 *
 * A record whose append failed may be on the log all the same. So an upload is aborted also where its `accepted` or `sealed` failed:
 * the fold ignores the end of an unknown import, and a second end. The end is appended after every chunk.
 */

import type { Cause } from '@tidings/contracts/event.ts';
import type { UploadFields } from '@tidings/contracts/files/upload.ts';
import type { UploadError } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import {
  defaultSettings,
  type OwnerSettings,
  type RememberedMapping,
} from '@tidings/contracts/owners/settings.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { uuidAfter } from '../imports/uuid-time.ts';
import { sendCommand } from '../to-log.ts';
import { UploadLease, type UploadLeaseTimes } from './ending/lease.ts';
import { readWaitingChunks } from './ending/waiting-chunks.ts';
import { type ExpressShare, expressChunksOf, saysItIsShort } from './splitting/express-share.ts';
import type { ReadColumns } from './splitting/plan-columns.ts';
import { type ChunksOnLog, type SplitLimits, Splitter, type UploadedWorkbook } from './splitting/split.ts';
import type { UploadTurns } from './splitting/upload-turns.ts';
import { toUploadError, toUploadProblem } from './upload-failures.ts';

/**
 * How an upload's abort is sent while the log is away. Often: once the log is back, a sweeper would end the upload too, and knows
 * less about why. After the last attempt the sweeper does.
 */
const ABORT_RETRIES = { firstMs: 500, longestMs: 5_000, withinMs: 15 * 60_000 };

export interface UploadRequest {
  readonly importId: string;
  readonly channelId: string;
  readonly owner: string;
  readonly fileName: string;
  readonly fields: UploadFields;
  /** Default: the owner has set nothing, and nothing is remembered. */
  readonly settings?: UploadSettings;
  /** As of `Split`. */
  readonly columns?: readonly string[];
  /** As of `planColumns`; what is remembered of the header counts only without it. */
  readonly mended?: ReadColumns;
}

/** Of the owner, as of the upload's beginning. */
export interface UploadSettings extends Pick<OwnerSettings, 'defaultCountry' | 'duplicates'> {
  mappingFor(header: readonly string[]): Readonly<Record<string, string>> | undefined;
  /** Called once the import is accepted, where the upload says something of its columns. Must not throw. */
  remember(mapping: RememberedMapping): void;
}

const nothingSet: UploadSettings = {
  ...defaultSettings,
  mappingFor: () => undefined,
  remember: () => undefined,
};

export interface ReceiveOptions {
  readonly limits: SplitLimits;
  /** Called where the upload ends before its last byte for a reason of its own: nothing more is to be read for it. */
  readonly onStopped?: (problem: Problem) => void;
  /** Default: `LEASE_TIMES`. */
  readonly lease?: UploadLeaseTimes;
  /** Called right before `accepted` is sent. @throws Problem, where the import may not begin any more; default: it may */
  readonly mayBegin?: () => void;
  /**
   * Called once `accepted` is durable. Resolves when it is sure that this upload is the one that is received, and rejects with a
   * Problem where it is not. Default: it is.
   */
  readonly untilBegun?: (uploadId: string) => Promise<void>;
  readonly expressShare: ExpressShare;
  readonly turns: UploadTurns;
  /** Of the request, as it says itself; default null: it does not. */
  readonly declaredBytes?: number | null;
  /** The upload of the same import before this one, whose id is the smaller one; default null: none. */
  readonly afterUploadId?: string | null;
}

export class Upload {
  readonly importId: string;
  readonly uploadId: string;
  /** Milliseconds since 1970. */
  readonly #begunAt = Date.now();
  readonly #log: EventLog;
  readonly #logger: Logger;
  readonly #request: UploadRequest;
  readonly #splitter: Splitter;
  readonly #lease: UploadLease;
  readonly #onStopped: (problem: Problem) => void;
  readonly #mayBegin: () => void;
  readonly #untilBegun: (uploadId: string) => Promise<void>;
  /** Why nothing more may be appended but the end; null where it may. */
  #stopped: Problem | null = null;
  #cause: Cause | null = null;
  /** Whether `accepted` may be on the log. */
  #begun = false;
  #mayBeSealed = false;
  /** The append of the upload's first end; null before. */
  #end: Promise<void> | null = null;

  constructor(
    log: EventLog,
    logger: Logger,
    request: UploadRequest,
    {
      limits,
      lease,
      expressShare,
      turns,
      declaredBytes = null,
      afterUploadId = null,
      onStopped = () => undefined,
      mayBegin = () => undefined,
      untilBegun = async () => undefined,
    }: ReceiveOptions,
  ) {
    this.#log = log;
    this.#logger = logger;
    this.#request = request;
    this.importId = request.importId;
    this.uploadId = uuidAfter(afterUploadId);
    this.#onStopped = onStopped;
    this.#mayBegin = mayBegin;
    this.#untilBegun = untilBegun;
    this.#lease = new UploadLease(
      (number) => this.#beat(number),
      () => this.stop(leaseLost()),
      lease,
    );
    const { encoding, delimiter, headerLine, mapping, defaultCountry, dryRun, invalidFields } =
      request.fields;
    const { settings = nothingSet } = request;
    this.#splitter = new Splitter(
      log,
      {
        importId: this.importId,
        uploadId: this.uploadId,
        owner: request.owner,
        expressShare,
        expressChunks: expressChunksOf(declaredBytes),
        encoding,
        delimiter,
        headerLine,
        columns: request.columns,
        dryRun: dryRun ?? false,
        mended: request.mended,
        mappingOf: (header) =>
          mapping ?? (request.mended === undefined ? settings.mappingFor(header) : undefined),
        defaultCountry: defaultCountry ?? settings.defaultCountry,
        duplicates: settings.duplicates,
        accept: async (header) => {
          const cause = await this.#accept();
          if (mapping !== undefined) settings.remember({ header: [...header], mapping });
          return cause;
        },
        invalidFields,
        giveWay: async () => (saysItIsShort(declaredBytes) ? undefined : turns.giveWay()),
        check: () => this.#check(),
      },
      limits,
    );
  }

  /**
   * Receives the file. On failure the import, if it may have been accepted, is aborted; see `abort`.
   * @param workbook as of `Splitter.run`
   * @throws Problem
   */
  async receive(stream: AsyncIterable<Uint8Array>, workbook: UploadedWorkbook | null = null): Promise<void> {
    await this.#orAbort(() => this.#splitter.run(stream, workbook));
  }

  /**
   * Seals the upload: its last byte has come, and every chunk is durable. On failure the import is aborted; see `abort`.
   * @throws Problem
   */
  async seal(): Promise<void> {
    const { chunks, rows, blankRows, bytes, firstWork } = this.#splitter.progress;
    await this.#orAbort(async () => {
      this.#check();
      this.#mayBeSealed = true;
      await this.#send({
        type: 'upload.sealed',
        data: { uploadId: this.uploadId, chunks, rows, blankRows, bytes, firstWork },
      });
    });
    this.#lease.end();
    this.#end = Promise.resolve();
  }

  /** Whether the seal may be on the log, though it failed: else nothing of the upload stays. */
  get mayBeSealed(): boolean {
    return this.#mayBeSealed;
  }

  /** Whether a chunk of it is express and durable. */
  get isExpress(): boolean {
    return this.#splitter.progress.firstWork.express !== null;
  }

  /** Ends the upload before its last byte: whatever it does next fails with the problem, and its import is aborted. */
  stop(problem: Problem): void {
    if (this.#stopped !== null || this.#end !== null) return;
    this.#stopped = problem;
    this.#onStopped(problem);
  }

  /**
   * Ends the import, if it may have been accepted and has not ended. The chunks that are on the log will still be reported.
   * Resolves when the end is on the log, or cannot be sent at the first attempt: while the log is away, further attempts go on
   * without the caller. Where `error` is `log_unavailable` it resolves at once, so that the sender has its answer.
   */
  async abort(error: UploadError): Promise<void> {
    this.#lease.end();
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
          this.#logger.error({ err: failure, importId }, 'upload end not appended; sweepers end the upload');
        })
        .finally(resolve);
    });
  }

  async #tryAbort(error: UploadError): Promise<void> {
    const chunks = await this.#chunksOnLog();
    const data = { uploadId: this.uploadId, error, chunks, bytes: this.#splitter.progress.bytes };
    await this.#send({ type: 'upload.aborted', data });
  }

  /** @throws the log's retriable error */
  async #chunksOnLog(): Promise<ChunksOnLog> {
    if (this.#lease.isHeld || !this.#splitter.hasRefused) return this.#splitter.sendRefused();
    // A sweeper may have ended the import: a chunk that is sent now would come behind its end.
    const { importId, uploadId } = this;
    const begunAt = this.#begunAt;
    const waiting = await readWaitingChunks(this.#log, [{ importId, uploadId, begunAt }]);
    return { pending: waiting.get(importId) ?? [] };
  }

  async #accept(): Promise<Cause> {
    const { channelId, owner, fileName, fields } = this.#request;
    const { clientReference = null, dryRun = false, mends = null } = fields;
    // A dry run leaves nothing to take back.
    const autoUndo = !dryRun && (fields.autoUndo ?? true);
    const names = { channelId, owner, fileName, clientReference };
    const data = { uploadId: this.uploadId, ...names, autoUndo, dryRun, mends };
    this.#mayBegin();
    this.#check();
    this.#begun = true;
    const sentAt = performance.now();
    this.#cause = await sendCommand(this.#log, this.importId, { type: 'import.accepted', data });
    this.#lease.begin(sentAt);
    await this.#untilBegun(this.uploadId);
    return this.#cause;
  }

  /** Called before each append but that of the upload's end. @throws Problem, where the upload has been stopped, or its lease is lost */
  #check(): void {
    if (this.#stopped !== null) throw this.#stopped;
    if (this.#cause !== null && !this.#lease.isHeld) throw leaseLost();
  }

  async #orAbort(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      const problem = this.#stopped ?? toUploadProblem(error);
      await this.abort(toUploadError(problem));
      throw problem;
    }
  }

  async #beat(number: number): Promise<void> {
    const { bytes, chunks, firstWork } = this.#splitter.progress;
    const data = { uploadId: this.uploadId, number, bytes, chunks, firstWork };
    try {
      await this.#send({ type: 'upload.heartbeat', data });
    } catch (error) {
      this.#logger.warn({ err: error, importId: this.importId }, 'upload heartbeat not appended');
      throw error;
    }
  }

  async #send(command: ImportCommand): Promise<void> {
    await sendCommand(this.#log, this.importId, command, this.#cause ?? undefined);
  }
}

function leaseLost(): Problem {
  const message = 'The upload could not be kept alive on the log for too long. Send the file again.';
  return new Problem('unavailable', message, { retryAfterSeconds: 5 });
}
