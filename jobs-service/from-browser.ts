/**
 * `POST /imports`: who asks is settled before the body is read where it can be, then the file streams through multer into
 * the splitter. The upload is sealed only after the last part of the request, so that a field after the file is noticed.
 */
import type { Request, RequestHandler } from 'express';
import multer, { MulterError, type StorageEngine } from 'multer';
import { type UploadFields, uploadFieldsSchema } from '../contracts/http.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Logger } from '../service-kit/logging.ts';
import { notFound, Problem, toProblem } from '../service-kit/problem.ts';
import { type Bearer, bearerToken, type TokenAuthority } from '../service-kit/tokens.ts';
import { type SplitLimits, tooLarge } from './split.ts';
import { Upload } from './upload.ts';

/** Bytes of a request that are not the file's: the other parts, and what multipart puts around them. */
const MULTIPART_OVERHEAD_BYTES = 256 * 1024;

const UPLOAD_IDLE_MS = 30_000;

export interface UploadParts {
  readonly log: EventLog;
  readonly tokens: TokenAuthority;
  readonly logger: Logger;
  readonly limits: SplitLimits;
  /** Uploads received at once by this process. */
  readonly maxUploads: number;
  /** Milliseconds without a byte after which an upload is cut off; default 30,000. */
  readonly idleMs?: number;
}

/** What an upload left for the handler that answers. */
export interface ReceivedUpload {
  readonly importId: string;
  readonly channelId: string;
  readonly channelToken: string;
}

interface Channel {
  readonly channelId: string;
  readonly token: string;
  readonly owner: string;
}

/** The request's own state, while its parts come in. */
interface Receiving {
  readonly bearer: { token: string; channel: Bearer } | null;
  /** Answers at once: multer alone would first wait for the rest of the body. */
  refuse(error: unknown): void;
  file: { upload: Upload; channel: Channel; fieldsBefore: string[] } | null;
}

/** Receives the upload, seals it, and leaves a `ReceivedUpload` in `response.locals.upload`. */
export function createUploadHandlers(parts: UploadParts): RequestHandler[] {
  const receivings = new WeakMap<object, Receiving>();
  let running = 0;

  const storage: StorageEngine = {
    _handleFile(request, file, done) {
      const receiving = receivings.get(request);
      if (receiving === undefined) return done(new Error('a file without its request'));
      receiveFile(parts, receiving, request.body, file).then(
        () => done(null, {}),
        (error: unknown) => {
          receiving.refuse(error);
          done(error);
        },
      );
    },
    _removeFile(_request, _file, done) {
      done(null);
    },
  };
  const multipart = multer({
    storage,
    limits: { files: 1, fields: 16, parts: 18, fieldNameSize: 100, fieldSize: 64 * 1024, headerPairs: 20 },
    defParamCharset: 'utf8',
  }).single('file');

  const admit: RequestHandler = async (request, response, next) => {
    const length = Number(request.headers['content-length'] ?? 0);
    if (length > parts.limits.maxBytes + MULTIPART_OVERHEAD_BYTES) throw tooLarge(parts.limits.maxBytes);
    const bearer = await readBearer(parts.tokens, request.headers.authorization);
    if (!request.is('multipart/form-data')) {
      throw new Problem('no_file', 'Send the file as multipart/form-data, in a part named `file`.', {
        field: 'file',
      });
    }
    if (running >= parts.maxUploads) {
      throw new Problem('rate_limited', `${running} uploads are running. Try again shortly.`, {
        retryAfterSeconds: 5,
      });
    }
    running += 1;
    response.once('close', () => {
      running -= 1;
    });
    const receiving: Receiving = { bearer, refuse: next, file: null };
    receivings.set(request, receiving);
    cutOffWhenSilent(request, receiving, parts.idleMs ?? UPLOAD_IDLE_MS);
    next();
  };

  const receive: RequestHandler = (request, response, next) => {
    const receiving = receivings.get(request);
    if (receiving === undefined) throw new Error('an upload that was not admitted');
    let answered = false;
    const finish = (error?: unknown) => {
      if (answered) return;
      answered = true;
      next(error === undefined ? undefined : toUploadProblem(error));
    };
    receiving.refuse = finish;
    multipart(request, response, finish);
  };

  const seal: RequestHandler = async (request, response, next) => {
    const file = receivings.get(request)?.file;
    if (file == null)
      throw new Problem('no_file', 'The request holds no part named `file`.', { field: 'file' });
    const { upload, channel, fieldsBefore } = file;
    const late = Object.keys(request.body).find((name) => !fieldsBefore.includes(name));
    if (late !== undefined) {
      await upload.abort('invalid_file');
      throw new Problem(
        'field_after_file',
        `The field \`${late}\` came after the file: send every field before it.`,
        {
          field: late,
        },
      );
    }
    await upload.seal();
    response.locals.upload = {
      importId: upload.importId,
      channelId: channel.channelId,
      channelToken: channel.token,
    } satisfies ReceivedUpload;
    next();
  };
  return [admit, receive, seal];
}

/**
 * Bounds the silence of the body alone: the answer may be held longer, and the connection serves other requests later.
 *
 * @param milliseconds without a byte, while we read
 */
function cutOffWhenSilent(request: Request, receiving: Receiving, milliseconds: number): void {
  // Node would end the connection by itself if nobody listened here.
  request.setTimeout(milliseconds, () => {
    if (request.isPaused()) {
      // The sender waits for us: the log has not taken yet what came before.
      request.setTimeout(milliseconds);
      return;
    }
    const seconds = Math.ceil(milliseconds / 1000);
    receiving.refuse(
      new Problem('upload_broken_off', `Nothing has come for ${seconds} s. Send the file again.`),
    );
    request.destroy();
  });
  request.once('end', () => request.setTimeout(0));
}

async function receiveFile(
  parts: UploadParts,
  receiving: Receiving,
  body: unknown,
  file: Express.Multer.File,
): Promise<void> {
  try {
    const fields = readFields(body);
    const fieldsBefore = Object.keys(body ?? {});
    const channel = await findChannel(parts.tokens, receiving.bearer, fields);
    const { channelId, owner } = channel;
    const fileName = shortFileName(file.originalname);
    const upload = new Upload(parts.log, parts.logger, { channelId, owner, fileName, fields }, parts.limits);
    // A stream that is destroyed would leave the rest of the request standing; it is read on and thrown away instead.
    await upload.receive(file.stream.iterator({ destroyOnReturn: false }));
    receiving.file = { upload, channel, fieldsBefore };
  } finally {
    file.stream.resume();
  }
}

async function readBearer(
  tokens: TokenAuthority,
  authorization: string | undefined,
): Promise<Receiving['bearer']> {
  if (authorization === undefined) return null;
  const token = bearerToken(authorization);
  const channel = await tokens.verifyBearer(token);
  // The support channel watches; nothing can be uploaded to it.
  if (channel.kind !== 'channel') throw notFound();
  return { token, channel };
}

function readFields(body: unknown): UploadFields {
  const { mapping, ...rest } = (body ?? {}) as Record<string, unknown>;
  const parsed = uploadFieldsSchema.safeParse({
    ...rest,
    ...(mapping === undefined ? {} : { mapping: parseMapping(mapping) }),
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? 'file');
  throw new Problem(
    'invalid_request',
    `The field \`${field}\` is not valid: ${issue?.message ?? 'unknown reason'}.`,
    { field },
  );
}

function parseMapping(mapping: unknown): unknown {
  try {
    return JSON.parse(String(mapping));
  } catch {
    throw new Problem('invalid_request', 'The field `mapping` is not JSON.', { field: 'mapping' });
  }
}

/** The channel that the upload belongs to: the token's, the one in the fields with its token, or a new one. */
async function findChannel(
  tokens: TokenAuthority,
  bearer: Receiving['bearer'],
  fields: UploadFields,
): Promise<Channel> {
  const token = bearer?.token ?? fields.channelToken;
  if (token === undefined) {
    if (fields.channelId !== undefined) {
      const message =
        'The channel comes without its token: send `channelToken`, or an Authorization header, before the file.';
      throw new Problem('channel_token_missing', message, { field: 'channelToken' });
    }
    const owner = await tokens.verifyOwner(undefined);
    const channelId = tokens.newChannelId();
    return { channelId, owner, token: await tokens.issueChannelToken({ channelId, owner }) };
  }
  const channel = bearer?.channel ?? (await tokens.verifyBearer(token));
  if (channel.kind !== 'channel') throw notFound();
  if (fields.channelId !== undefined && fields.channelId !== channel.channelId) throw notFound();
  return { channelId: channel.channelId, owner: channel.owner, token };
}

/** Only the name, without folders, at most 255 characters; shown as text, never used as a path. */
function shortFileName(name: string): string {
  return (name.split(/[/\\]/).at(-1) ?? '').slice(0, 255) || 'contacts.csv';
}

function toUploadProblem(error: unknown): Problem {
  if (error instanceof MulterError) {
    if (error.code === 'LIMIT_UNEXPECTED_FILE') {
      return new Problem(
        'no_file',
        `The file came in a part named \`${error.field}\`: name it \`file\`, and send one.`,
        { field: 'file' },
      );
    }
    return new Problem('invalid_request', `The form is not as expected: ${error.message}.`, {
      field: error.field,
    });
  }
  if (error instanceof Problem) return error;
  const problem = toProblem(error);
  if (problem.code !== 'internal') return problem;
  // What busboy throws about a malformed or broken-off body is the sender's business.
  return new Problem(
    'invalid_request',
    'The form broke off, or is not multipart/form-data.',
    {},
    { cause: error },
  );
}
