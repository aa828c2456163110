/**
 * Uploads under an `Idempotency-Key`. All attempts under one key are about one import, and at most one of them is received at a
 * time: the one whose `accepted` the fold takes. A later attempt is admitted once the one before was aborted and what it had
 * done is taken back; where the import was sealed, a repeat gets the first one's answer.
 */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { type ImportState, isAtRest } from '@tidings/contracts/imports/import.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { FoldedImports } from '../../imports/folded-from-log.ts';
import type { ImportReader } from '../../imports/import-reader.ts';
import { importCancelled } from '../upload-failures.ts';

/** Milliseconds in which the fold decides which attempt is received. */
const FOLD_WAIT_MS = 10_000;
/** Milliseconds in which it shows the seal of an upload whose sender may have the answer already. */
const SEAL_WAIT_MS = 2_000;
/** Seconds after which another attempt may be admitted. */
const RETRY_AFTER_SECONDS = 5;

/** An attempt that may begin. */
export interface AdmittedUpload {
  readonly kind: 'begins';
  /** The one before it that the log still knows; null: none. */
  readonly formerUploadId: string | null;
  /** The latest one before it that is known, though it be to the contact store alone; null: none. */
  readonly afterUploadId: string | null;
  /** The uploads of which the log has told since; null: the log has forgotten one. */
  readonly told: ReadonlySet<string | null>;
  /** Call it once the attempt has begun, or failed: the log is watched no more. */
  leave(): void;
}

interface RepeatedUpload {
  readonly kind: 'repeats';
  readonly first: FoldedImport;
}

/** What an attempt meets: it may begin, or it repeats an upload that was sealed. */
export type Admission = AdmittedUpload | RepeatedUpload;
/** The same, before the log is watched for it. */
type UnwatchedAdmission = Omit<AdmittedUpload, 'told' | 'leave'> | RepeatedUpload;

export class KeyedUploads {
  readonly #reader: Pick<ImportReader, 'read' | 'stored'>;
  readonly #foldedImports: Pick<FoldedImports, 'get' | 'waitFor' | 'watch'>;
  readonly #foldWaitMs: number;

  /** @param foldWaitMs default: 10 s */
  constructor(
    reader: Pick<ImportReader, 'read' | 'stored'>,
    foldedImports: Pick<FoldedImports, 'get' | 'waitFor' | 'watch'>,
    foldWaitMs = FOLD_WAIT_MS,
  ) {
    this.#reader = reader;
    this.#foldedImports = foldedImports;
    this.#foldWaitMs = foldWaitMs;
  }

  /** @throws Problem upload_in_progress, import_cancelled */
  async admit(importId: string): Promise<Admission> {
    const hasSealed = (folded: FoldedImport | undefined) => folded?.state.upload !== 'receiving';
    await this.#foldedImports.waitFor(importId, hasSealed, SEAL_WAIT_MS);
    const told = new Set<string | null>();
    const leave = this.#foldedImports.watch(importId, (live) => void told.add(live?.uploadId ?? null));
    // The listener was also told of the present upload.
    told.clear();
    try {
      const admission = await this.#admission(importId);
      if (admission.kind === 'begins') return { ...admission, told, leave };
      leave();
      return admission;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /**
   * Resolves with the import whose file was received whole under the key; with null where there is none, and a file may be sent.
   * @throws Problem as `admit`
   */
  async findReceived(importId: string): Promise<FoldedImport | null> {
    const admission = await this.admit(importId);
    if (admission.kind === 'repeats') return admission.first;
    admission.leave();
    return null;
  }

  async #admission(importId: string): Promise<UnwatchedAdmission> {
    const formerUploadId = this.#foldedImports.get(importId)?.uploadId ?? null;
    const known = await this.#reader.read(importId);
    if (known === null) return { kind: 'begins', formerUploadId, afterUploadId: null };
    switch (known.state.upload) {
      case 'receiving':
        throw inProgress('The first upload under this key is still being received');
      case 'sealed':
        return { kind: 'repeats', first: known };
      case 'aborted':
        refuseAfterAbort(known.state);
        return { kind: 'begins', formerUploadId, afterUploadId: known.uploadId };
    }
  }

  /**
   * Looks once more, right before the upload's `accepted`: its file may have come slowly, and another one under the key may have begun since.
   * @param formerUploadId as `admit` gave it
   * @throws Problem upload_in_progress
   */
  refuseOvertaken(importId: string, formerUploadId: string | null): void {
    const live = this.#foldedImports.get(importId);
    const isOvertaken = live !== undefined && (live.uploadId !== formerUploadId || !isAtRest(live.state));
    if (isOvertaken) throw overtaken();
  }

  /**
   * Resolves once the fold has taken this upload's `accepted`.
   *
   * The `accepted` may have waited for the log for so long that another upload under the key has begun, ended and been forgotten by the log
   * meanwhile. The store has it then. It is asked after the fold, so nothing of this upload is sent where it comes too late. Where the log has
   * told of no other one, there was none: it tells of each at least that it has forgotten it. Then the store, which others keep busy, is not asked.
   * @throws Problem upload_in_progress where it has taken another one, unavailable where it has taken none in time
   */
  async untilBegun(
    importId: string,
    uploadId: string,
    { formerUploadId, told }: Pick<AdmittedUpload, 'formerUploadId' | 'told'>,
  ): Promise<void> {
    const isDecided = (folded: FoldedImport | undefined) =>
      folded !== undefined && (folded.uploadId !== formerUploadId || !isAtRest(folded.state));
    const decided = await this.#foldedImports.waitFor(importId, isDecided, this.#foldWaitMs);
    if (this.#foldedImports.get(importId)?.uploadId !== uploadId) {
      if (decided) throw overtaken();
      throw new Problem('unavailable', 'The upload cannot be taken in at the moment.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    if ([...told].every((one) => one === uploadId)) return;
    const stored = await this.#reader.stored(importId);
    if (stored?.state.upload === 'sealed' && stored.uploadId !== uploadId) throw overtaken();
  }
}

/** @throws Problem, unless another attempt may begin */
function refuseAfterAbort(state: ImportState): void {
  if (state.status === 'cancelling' || state.status === 'cancelled') throw importCancelled();
  if (!isAtRest(state))
    throw inProgress(
      'The first upload under this key broke off, and what it had brought is still being worked off or taken back',
    );
}

function overtaken(): Problem {
  return inProgress('Another upload under this key was faster');
}

function inProgress(why: string): Problem {
  return new Problem('upload_in_progress', `${why}. Try again in ${RETRY_AFTER_SECONDS} seconds.`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
