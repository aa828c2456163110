/**
 * Receives uploads (`POST /imports`). The sender is admitted before the body is read; then the file streams through multer into the
 * splitter. An upload is sealed only after the last part of its request, and is aborted in every other case.
 */

import type { AcceptedImport } from '@tidings/contracts/http.ts';
import { toLine } from '@tidings/contracts/text.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { boundsItsOwnTime } from '@tidings/service-kit/http/http-server.ts';
import { Problem, toProblem } from '@tidings/service-kit/http/problem.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Request, RequestHandler, Response } from 'express';
import { senderOf } from '../sender.ts';
import { type BodyLimits, UploadBody } from './body.ts';
import { type Authorization, findChannel, readAuthorization, type UploadChannel } from './channel.ts';
import { ExpressShare } from './express-share.ts';
import { createFormReader, type ReadForm, readFields } from './form.ts';
import type { UploadLeaseTimes } from './lease.ts';
import { UploadPlaces } from './places.ts';
import { type SplitLimits, tooLarge } from './split.ts';
import { Upload } from './upload.ts';
import { toUploadError } from './upload-failures.ts';

/** Bytes of a request besides the file, at most: the other parts and the boundaries. */
const MULTIPART_OVERHEAD_BYTES = 256 * 1024;
/** Characters of a file's name, at most. */
const MAX_FILE_NAME = 255;

/** How late, silent and slow a sender may be; see `BodyLimits`. */
const PATIENCE: Omit<BodyLimits, 'maxBytes'> = {
  startBytes: MULTIPART_OVERHEAD_BYTES,
  startMs: 10_000,
  idleMs: 30_000,
  paceMs: 60_000,
  bytesPerSecond: 1024,
};

export interface UploadParts {
  readonly log: EventLog;
  readonly tokens: TokenAuthority;
  readonly logger: Logger;
  readonly limits: SplitLimits;
  /** Uploads received at once by this process. */
  readonly maxUploads: number;
  /** What differs from `PATIENCE`. */
  readonly patience?: Partial<typeof PATIENCE>;
  /** Default: `LEASE_TIMES`. */
  readonly lease?: UploadLeaseTimes;
}

export interface UploadReceiver {
  /** Receives the upload, seals it, and leaves an `AcceptedImport` in `response.locals.upload`. */
  readonly receive: RequestHandler;
  /** Resolves once no upload is received any more, and the end of each is on the log, or tried again while the log is away. */
  settled(): Promise<void>;
}

interface ReceivedFile {
  readonly upload: Upload;
  readonly channel: UploadChannel;
}

/** What is known of a request while its parts come in. */
interface Receiving {
  readonly authorization: Authorization;
  readonly body: UploadBody;
  file: Promise<ReceivedFile> | null;
}

export function createUploadReceiver(parts: UploadParts): UploadReceiver {
  const places = new UploadPlaces(parts.maxUploads);
  const expressShare = new ExpressShare();
  const receivings = new WeakMap<object, Receiving>();
  const running = new Set<Promise<unknown>>();
  const bodyLimits = {
    ...PATIENCE,
    ...parts.patience,
    maxBytes: parts.limits.maxBytes + MULTIPART_OVERHEAD_BYTES,
  };
  const readForm = createFormReader((body, file) => {
    const receiving = receivings.get(body);
    if (receiving === undefined) return Promise.reject(new Error('a file without its request'));
    receiving.body.hasFile = true;
    receiving.file = receiveFile({ ...parts, expressShare }, receiving, file);
    return receiving.file;
  });

  return {
    receive: async (request, response, next) => {
      const { authorization, leave } = await admit(parts, places, request);
      boundsItsOwnTime(request);
      const receiving: Receiving = { authorization, body: new UploadBody(request, bodyLimits), file: null };
      receivings.set(receiving.body, receiving);
      const received = finishUpload(receiving, readForm, response);
      // The response does not wait until the upload's end is on the log.
      const end = received.then(
        () => undefined,
        (error: unknown) => endUpload(receiving, toProblem(error)),
      );
      running.add(end);
      void end.finally(() => running.delete(end));
      try {
        response.locals.upload = await received;
      } catch (error) {
        if (receiving.body.isTooSlow) response.set('Connection', 'close');
        throw error;
      } finally {
        receiving.body.destroy();
        leave();
      }
      next();
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}

/** @throws Problem, where the sender may not upload, or not now */
async function admit(
  { tokens, limits }: UploadParts,
  places: UploadPlaces,
  request: Request,
): Promise<{ authorization: Authorization; leave: () => void }> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > limits.maxBytes + MULTIPART_OVERHEAD_BYTES) throw tooLarge(limits.maxBytes);
  const authorization = await readAuthorization(tokens, request.headers.authorization);
  if (!request.is('multipart/form-data')) {
    throw new Problem('no_file', 'Send the file as multipart/form-data, in a part named `file`.', {
      field: 'file',
    });
  }
  const owner = tokens.hasLogin && authorization !== null ? authorization.channel.owner : null;
  return { authorization, leave: places.take(senderOf(request, owner)) };
}

async function finishUpload(
  receiving: Receiving,
  readForm: ReadForm,
  response: Response,
): Promise<AcceptedImport> {
  await readForm(receiving.body, response);
  if (receiving.file === null)
    throw new Problem('no_file', 'The request holds no part named `file`.', { field: 'file' });
  const { upload, channel } = await receiving.file;
  await upload.seal();
  return { importId: upload.importId, channelId: channel.channelId, channelToken: channel.token };
}

/** Aborts an upload that was received and is not sealed. One whose file was not received has aborted itself. */
async function endUpload({ file }: Receiving, problem: Problem): Promise<void> {
  const received = await file?.catch(() => null);
  await received?.upload.abort(toUploadError(problem));
}

async function receiveFile(
  parts: UploadParts & { readonly expressShare: ExpressShare },
  { authorization, body }: Receiving,
  file: Express.Multer.File,
): Promise<ReceivedFile> {
  try {
    const fields = readFields(body.body);
    const channel = await findChannel(parts.tokens, authorization, fields);
    const { channelId, owner } = channel;
    const fileName = shortFileName(file.originalname);
    const upload = new Upload(
      parts.log,
      parts.logger,
      { channelId, owner, fileName, fields },
      {
        limits: parts.limits,
        lease: parts.lease,
        expressShare: parts.expressShare,
        onStopped: (problem) => void body.destroy(problem),
      },
    );
    // Multer waits for ever where the file's stream was destroyed.
    await upload.receive(file.stream.iterator({ destroyOnReturn: false }));
    return { upload, channel };
  } catch (error) {
    throw toProblem(error);
  }
}

/** The file's name without folders. It is shown as text, and never used as a path. */
function shortFileName(name: string): string {
  return toLine(name.split(/[/\\]/).at(-1) ?? '', MAX_FILE_NAME) || 'contacts.csv';
}
