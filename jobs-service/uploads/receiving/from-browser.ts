/**
 * Receives uploads (`POST /imports`). The sender is admitted before the body is read; then the file streams through multer into the
 * splitter. An upload is sealed only after the last part of its request, and is aborted in every other case.
 *
 * The file of an upload under a key waits a while where its connection breaks off. Its sender asks where it stands
 * (`GET /imports/upload`), and sends the rest (`PATCH /imports/upload`). What comes of the upload answers that request.
 */

import type { UploadOffset } from '@tidings/contracts/files/upload.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { hasEnded } from '@tidings/contracts/imports/import.ts';
import { answerOnly } from '@tidings/service-kit/access/authenticate.ts';
import { boundsItsOwnTime } from '@tidings/service-kit/http/http-server.ts';
import { readIdempotencyKey } from '@tidings/service-kit/http/idempotency-key.ts';
import { Problem, toProblem } from '@tidings/service-kit/http/problem.ts';
import type { Request, RequestHandler, Response } from 'express';
import type { FoldedImports } from '../../imports/folded-from-log.ts';
import { senderOf } from '../../sender.ts';
import { ExpressShare, isLong, saysItIsShort } from '../splitting/express-share.ts';
import { UploadTurns } from '../splitting/upload-turns.ts';
import type { UploadRequest } from '../upload.ts';
import { tooLarge, toUploadError } from '../upload-failures.ts';
import { type BodyLimits, refuseEncoded, UploadBody } from './body.ts';
import { readAuthorization } from './channel.ts';
import { createFormReader, type ReadForm } from './form.ts';
import { importRows } from './from-rows.ts';
import { UploadPlaces } from './places.ts';
import {
  type FileParts,
  type FileRequest,
  type ReceivedFile,
  type ReceivedImport,
  receiveFile,
  repeatOf,
} from './receive-file.ts';
import type { ResumableFile } from './resumable-file.ts';
import { ResumableUploads } from './resumable-uploads.ts';
import { findUpload, readRest } from './resume-request.ts';

/** Bytes of a request besides the file, at most: the other parts and the boundaries. */
const MULTIPART_OVERHEAD_BYTES = 256 * 1024;

/** How late, silent and slow a sender may be; see `BodyLimits`. */
const PATIENCE: Omit<BodyLimits, 'maxBytes'> = {
  startBytes: MULTIPART_OVERHEAD_BYTES,
  startMs: 10_000,
  idleMs: 30_000,
  paceMs: 60_000,
  bytesPerSecond: 1024,
};

/** Milliseconds that the file of a broken upload waits for the rest of it. Clients pause for 36 s between two attempts, at most. */
const HOLD_MS = 120_000;

/** Milliseconds after its upload within which a short import is expected to end; after them long uploads give way to it no more. */
const SHORT_MS = 1_000;

export interface UploadParts extends Omit<FileParts, 'expressShare' | 'turns'> {
  /** Uploads received at once by this process. */
  readonly maxUploads: number;
  /**
   * Called when an upload begins whose chunks may be express; also before the contact store is asked about it. What it returns is called where
   * none of them is.
   */
  readonly onShortUpload?: () => () => void;
  /** What differs from `PATIENCE`. */
  readonly patience?: Partial<typeof PATIENCE>;
  /** Milliseconds that the file of a broken upload waits for the rest of it; default two minutes. */
  readonly holdMs?: number;
}

export interface UploadReceiver {
  /** Receives the upload, seals it, and leaves an `AcceptedImport` in `response.locals.upload`; calls `answerOnly`. */
  readonly receive: RequestHandler;
  /** Tells a sender where its upload stands. */
  readonly tellOffset: RequestHandler;
  /** Receives the rest of an upload, and leaves what `receive` does. */
  readonly resume: RequestHandler;
  /** As `importRows`. @param sender for whom it counts */
  receiveRows(
    sender: string,
    request: UploadRequest,
    rows: AsyncIterable<string>,
    giveBack: () => Promise<void>,
  ): Promise<void>;
  /** Resolves once no upload is received any more, and the end of each is on the log, or tried again while the log is away. */
  settled(): Promise<void>;
}

/** What is known of a request before its body is read. */
interface Admitted
  extends Pick<FileRequest, 'sender' | 'authorization' | 'idempotencyKey' | 'declaredBytes'> {
  readonly leave: () => void;
}

/** What a request has brought. */
interface Finished extends ReceivedImport, Pick<ReceivedFile, 'accepted' | 'sender' | 'isRepeat'> {}

/** What is known of a request while its parts come in. */
interface Receiving extends FileRequest {
  file: Promise<ReceivedFile> | null;
  /** Of an upload under a key; null before it begins. */
  resumable: ResumableFile | null;
}

export function createUploadReceiver(parts: UploadParts): UploadReceiver {
  const places = new UploadPlaces(parts.maxUploads);
  const expressShare = new ExpressShare(parts.foldedImports);
  const turns = new UploadTurns();
  const receivings = new WeakMap<object, Receiving>();
  const running = new Set<Promise<unknown>>();
  const resumables = new ResumableUploads<Finished>(parts.keyedUploads);
  const { holdMs = HOLD_MS } = parts;
  const bodyLimits = {
    ...PATIENCE,
    ...parts.patience,
    maxBytes: parts.limits.maxBytes + MULTIPART_OVERHEAD_BYTES,
  };
  const readForm = createFormReader((body, file) => {
    const receiving = receivings.get(body);
    if (receiving === undefined) return Promise.reject(new Error('a file without its request'));
    receiving.body.hasFile = true;
    receiving.file = receiveFile({ ...parts, expressShare, turns }, receiving, file);
    return receiving.file;
  });

  /** Begins before anything of the upload is awaited. @param isShort whether long uploads give way to it, and not importers alone */
  const giveWayTo = (received: Promise<ReceivedImport>, isShort: boolean) => {
    const withdraw = parts.onShortUpload?.();
    void isExpress(received).then((express) => (express ? undefined : withdraw?.()));
    if (isShort) void untilEnded(parts, received).then(turns.beginShort());
  };

  return {
    receive: async (request, response, next) => {
      const { leave, ...admitted } = await admit(parts, places, resumables, request);
      boundsItsOwnTime(request);
      const { declaredBytes, sender } = admitted;
      const receiving: Receiving = {
        ...admitted,
        ...{ holdMs, file: null, resumable: null },
        leastBytes: Math.max(0, (declaredBytes ?? 0) - MULTIPART_OVERHEAD_BYTES),
        body: new UploadBody(request, bodyLimits),
        onBegun: (importId, file) => {
          receiving.resumable = file;
          resumables.add(importId, { file, sender, received });
        },
        onKey: (importId) => resumables.beginAnew(importId),
      };
      receivings.set(receiving.body, receiving);
      const received = finishUpload(receiving, readForm, response);
      // The response does not wait until the upload's end is on the log.
      const end = received.then(
        () => undefined,
        (error: unknown) => endUpload(receiving, toProblem(error)),
      );
      running.add(end);
      void end.finally(() => running.delete(end));
      if (!isLong(declaredBytes)) giveWayTo(received, saysItIsShort(declaredBytes));
      try {
        leaveAnswer(parts.tokens, response, await received);
      } catch (error) {
        if (receiving.body.isTooSlow) response.set('Connection', 'close');
        throw error;
      } finally {
        receiving.body.destroy();
        leave();
      }
      next();
    },
    async tellOffset(request, response) {
      const { importId } = await findUpload(parts, request);
      const answer: UploadOffset = { offset: await resumables.standsAt(importId) };
      response.json(answer);
    },
    async resume(request, response, next) {
      const { importId, channel } = await findUpload(parts, request);
      const rest = readRest(request);
      const body = new UploadBody(request, bodyLimits);
      body.hasFile = true;
      try {
        const found = await resumables.resume(importId, rest, body, () => boundsItsOwnTime(request));
        const isRepeat = 'state' in found;
        // The token of whoever began may live longer than the sender's own.
        const first = isRepeat ? found.state : found.accepted;
        const { accepted, sender } = await repeatOf(parts.tokens, first, channel);
        leaveAnswer(parts.tokens, response, {
          ...{ accepted: isRepeat ? accepted : { ...found.accepted, ...accepted } },
          ...{ sender, isRepeat },
        });
      } catch (error) {
        if (body.isTooSlow) response.set('Connection', 'close');
        throw error;
      } finally {
        body.destroy();
      }
      next();
    },
    async receiveRows(sender, ...given) {
      const received = importRows({ ...parts, places, expressShare, turns }, sender, ...given);
      const end = received.catch(() => undefined);
      running.add(end);
      void end.finally(() => running.delete(end));
      giveWayTo(received, true);
      await received;
    },
    async settled() {
      resumables.letGo();
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}

/** @throws Problem, where the sender may not upload, or not now */
async function admit(
  { tokens, limits }: UploadParts,
  places: UploadPlaces,
  resumables: Pick<ResumableUploads<unknown>, 'makeRoom'>,
  request: Request,
): Promise<Admitted> {
  const { 'content-length': length } = request.headers;
  const declaredBytes = length === undefined ? null : Number(length);
  if ((declaredBytes ?? 0) > limits.maxBytes + MULTIPART_OVERHEAD_BYTES) throw tooLarge(limits.maxBytes);
  const authorization = await readAuthorization(tokens, request.headers.authorization);
  if (!request.is('multipart/form-data')) {
    throw new Problem('no_file', 'Send the file as multipart/form-data, in a part named `file`.', {
      field: 'file',
    });
  }
  const owner = tokens.hasLogin && authorization !== null ? authorization.channel.owner : null;
  refuseEncoded(request);
  const idempotencyKey = readIdempotencyKey(request);
  const sender = senderOf(request, owner);
  try {
    return { authorization, idempotencyKey, declaredBytes, sender, leave: places.take(sender) };
  } catch (error) {
    resumables.makeRoom(sender, places.hasAllOfOne(sender));
    throw error;
  }
}

/** Whether a chunk of the upload is express; not where it is refused. Never rejects. */
function isExpress(received: Promise<ReceivedImport>): Promise<boolean> {
  return received.then(
    (upload) => upload.isExpress,
    () => false,
  );
}

/**
 * Resolves when the import that is received has ended, or shortly after; at once where it is refused, or has no express chunk. Never rejects.
 */
export async function untilEnded(
  { foldedImports }: { readonly foldedImports: Pick<FoldedImports, 'waitFor'> },
  received: Promise<ReceivedImport>,
): Promise<void> {
  if (!(await isExpress(received))) return;
  // The fold may not have taken it yet.
  const isOver = (folded: FoldedImport | undefined) => folded !== undefined && hasEnded(folded.state);
  await foldedImports.waitFor((await received).importId, isOver, SHORT_MS);
}

async function finishUpload(receiving: Receiving, readForm: ReadForm, response: Response): Promise<Finished> {
  try {
    await readForm(receiving.body, response);
  } catch (error) {
    if (receiving.file === null || receiving.resumable === null) throw error;
    // The form may have broken off behind the file, or another connection may have brought the rest of it.
    await receiving.file;
    if (!receiving.resumable.wasResumed && !receiving.body.isBroken) throw error;
  }
  if (receiving.file === null)
    throw new Problem('no_file', 'The request holds no part named `file`.', { field: 'file' });
  const { accepted, sender, isExpress, isRepeat, seal } = await receiving.file;
  await seal();
  return { accepted, sender, importId: accepted.importId, isExpress, isRepeat };
}

/** The token that the request came with may have expired since: what was received is answered all the same. */
function leaveAnswer(
  tokens: UploadParts['tokens'],
  response: Response,
  { accepted, sender, isRepeat }: Pick<Finished, 'accepted' | 'sender' | 'isRepeat'>,
): void {
  answerOnly(response, tokens, sender);
  if (isRepeat) response.set('Idempotent-Replayed', 'true');
  response.locals.upload = accepted;
}

/** Aborts an upload that was received and is not sealed. One whose file was not received has aborted itself. */
async function endUpload({ file }: Receiving, problem: Problem): Promise<void> {
  const received = await file?.catch(() => null);
  await received?.abort(toUploadError(problem));
}
