/** Uploads a file to be imported. */
import type { AcceptedImport, UploadFields, UploadOffset } from '@tidings/contracts/files/upload.ts';
import type { ChannelCredentials } from '../channel/storage.ts';
import { abortedError, networkError, ProblemError, readProblem, unreadableError } from '../errors.ts';
import { createIdempotencyKey } from '../http/idempotency-key.ts';
import { createChannel } from '../http/open-routes.ts';
import { sendRequest, whateverIsRetriable } from '../http/request.ts';
import { sendAgain } from '../http/send-again.ts';

export interface UploadProgress {
  /** Bytes of the request, a little more than those of the file. */
  readonly sentBytes: number;
  readonly totalBytes: number;
}

export interface UploadOptions {
  /** The API's origin; default, in a page, the page's own. */
  readonly baseUrl?: string;
  /** In Node.js, `fs.openAsBlob(path)` gives a blob that is read as it is sent. */
  readonly file: Blob;
  /** Default the file's own name. */
  readonly fileName?: string;
  /** The channel that gets the import's notifications. Without it one is made, and named in the answer. */
  readonly channel?: ChannelCredentials;
  /**
   * Names this upload: the server makes one import of all uploads of an owner under one key. Default: a random one, so that the
   * attempts of this call are one import.
   */
  readonly idempotencyKey?: string;
  readonly fields?: Omit<UploadFields, 'channelId' | 'channelToken'>;
  /** Called in pages at the start of each attempt and as the bytes leave; in Node.js once, at the end of an attempt. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /**
   * Called when an attempt has failed: the upload waits so many milliseconds, and goes on with what the server does not have. Where
   * the server has nothing of it any more, that is the whole file.
   */
  readonly onWait?: (milliseconds: number, problem: ProblemError) => void;
  /** Milliseconds of waiting between attempts in all, after which the failure is passed on. Default ten minutes; 0: one attempt. */
  readonly patienceMs?: number;
  /** Ends the upload, also while it waits. What the server has received of it by then is undone within minutes. */
  readonly signal?: AbortSignal;
}

const DEFAULT_PATIENCE_MS = 10 * 60_000;
/** Milliseconds in which no byte leaves, after which a connection is given up that does not say that it is lost. A server that is busy takes some within 30 s. */
const STALL_MS = 40_000;
/** Milliseconds in which the answer comes once the last byte has left: a system holds megabytes of a connection that is lost. */
const ANSWER_MS = 60_000;

/** The part of a browser's `XMLHttpRequest` that an upload uses. */
interface UploadRequest {
  readonly upload: { onloadstart: Listener; onprogress: Listener };
  readonly status: number;
  readonly responseText: string;
  onload: Listener;
  onerror: Listener;
  onabort: Listener;
  onloadend: Listener;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getResponseHeader(name: string): string | null;
  send(body: FormData | Blob): void;
  abort(): void;
}

type Listener = ((event: never) => void) | null;
type ProgressListener = (event: { readonly loaded: number; readonly total: number }) => void;

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | null;
}

/**
 * Sends a file. Resolves when the server keeps the last byte; part of the rows may be imported by then. An upload that breaks
 * off, or that the server cannot take yet, goes on by itself, under the same key.
 *
 * @throws ProblemError, with the server's code, `network`, `file_unreadable` or `aborted`
 */
export async function uploadImport(options: UploadOptions): Promise<AcceptedImport> {
  const {
    idempotencyKey = createIdempotencyKey(),
    patienceMs = DEFAULT_PATIENCE_MS,
    signal,
    onWait,
  } = options;
  let { channel } = options;
  let isFirst = true;
  const attempt = async (): Promise<AcceptedImport> => {
    // Every attempt needs the same owner, because keys are the owner's.
    channel ??= await createChannel(options);
    const own = { ...options, channel, idempotencyKey };
    const offset = isFirst ? null : await askOffset(own);
    isFirst = false;
    return sendOnce({ ...own, offset });
  };
  return sendAgain(attempt, { isWorthIt: whateverIsRetriable, patienceMs, signal, onWait });
}

type KeyedUpload = UploadOptions & Required<Pick<UploadOptions, 'channel' | 'idempotencyKey'>>;

interface Attempt extends KeyedUpload {
  /** Bytes that the server has; null: the whole file is sent. */
  readonly offset: number | null;
}

/** null: the server has nothing that can go on. */
async function askOffset(upload: KeyedUpload): Promise<number | null> {
  const { baseUrl, file, signal } = upload;
  const asking = new AbortController();
  const abort = () => asking.abort();
  signal?.addEventListener('abort', abort, { once: true });
  const stall = setTimeout(abort, STALL_MS);
  try {
    const response = await sendRequest('/imports/upload', {
      ...{ baseUrl, headers: createHeaders(upload), signal: asking.signal },
      again: { patienceMs: 0 },
    });
    const { offset } = (await response.json()) as UploadOffset;
    // Where it has more than the file, it is another one, which the server refuses once it sees it whole.
    return offset > file.size ? null : offset;
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return null;
    throw asking.signal.aborted && !signal?.aborted ? networkError() : error;
  } finally {
    clearTimeout(stall);
    signal?.removeEventListener('abort', abort);
  }
}

async function sendOnce(attempt: Attempt): Promise<AcceptedImport> {
  const XMLHttpRequest: (new () => UploadRequest) | undefined = Reflect.get(globalThis, 'XMLHttpRequest');
  // This check comes first, because `fetch` of Node.js 24 never settles for a file that cannot be read.
  if (!(await isReadable(attempt.file))) throw unreadableError();
  if (attempt.signal?.aborted) throw abortedError();
  const { status, body, retryAfter } = await (XMLHttpRequest === undefined
    ? sendByFetch(createUpload(attempt), attempt)
    : sendByXhr(new XMLHttpRequest(), createUpload(attempt), attempt));
  if (status < 200 || status >= 300) throw readProblem(status, body, retryAfter);
  return JSON.parse(body) as AcceptedImport;
}

/** Without an answer, either the network failed or the file could not be read to its end. */
async function noAnswer({ file }: Attempt): Promise<ProblemError> {
  return (await isReadable(file)) ? networkError() : unreadableError();
}

async function isReadable(file: Blob): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** The fields must come before the file, because the server reads them before the first byte of the file. */
function createForm({ file, fileName, channel, fields = {} }: Attempt): FormData {
  const form = new FormData();
  form.append('channelId', channel.channelId);
  form.append('channelToken', channel.token);
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  form.append('file', file, fileName ?? ('name' in file ? String(file.name) : 'contacts.csv'));
  return form;
}

function createHeaders({ channel, idempotencyKey }: KeyedUpload): Record<string, string> {
  return { Authorization: `Bearer ${channel.token}`, 'Idempotency-Key': idempotencyKey };
}

function createUpload(attempt: Attempt) {
  const { baseUrl = '', file, offset } = attempt;
  const url = `${baseUrl}/imports`;
  const headers = createHeaders(attempt);
  if (offset === null) return { method: 'POST', url, headers, body: createForm(attempt) };
  const rest = {
    'Upload-Offset': `${offset}`,
    'Upload-Length': `${file.size}`,
    'Content-Type': 'application/offset+octet-stream',
  };
  return {
    method: 'PATCH',
    url: `${url}/upload`,
    headers: { ...headers, ...rest },
    body: file.slice(offset),
  };
}

/** Unlike `fetch`, `XMLHttpRequest` tells how much has been sent. */
function sendByXhr(
  request: UploadRequest,
  { method, url, headers, body }: ReturnType<typeof createUpload>,
  options: Attempt,
): Promise<Answer> {
  const had = options.offset ?? 0;
  return new Promise((resolve, reject) => {
    const abort = () => request.abort();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    let stall: ReturnType<typeof setTimeout>;
    const reportProgress: ProgressListener = ({ loaded, total }) => {
      clearTimeout(stall);
      const giveUp = () => {
        reject(networkError());
        abort();
      };
      stall = setTimeout(giveUp, loaded < total ? STALL_MS : ANSWER_MS);
      options.onProgress?.({ sentBytes: had + loaded, totalBytes: had + total });
    };
    request.upload.onloadstart = reportProgress;
    request.upload.onprogress = reportProgress;
    request.onload = () =>
      resolve({
        status: request.status,
        body: request.responseText,
        retryAfter: request.getResponseHeader('Retry-After'),
      });
    request.onerror = () => void noAnswer(options).then(reject);
    request.onabort = () => reject(abortedError());
    request.onloadend = () => {
      clearTimeout(stall);
      options.signal?.removeEventListener('abort', abort);
    };
    options.signal?.addEventListener('abort', abort, { once: true });
    request.send(body);
  });
}

async function sendByFetch(
  { url, ...request }: ReturnType<typeof createUpload>,
  options: Attempt,
): Promise<Answer> {
  try {
    const response = await fetch(url, { ...request, signal: options.signal });
    const { size } = options.file;
    options.onProgress?.({ sentBytes: size, totalBytes: size });
    return {
      status: response.status,
      body: await response.text(),
      retryAfter: response.headers.get('Retry-After'),
    };
  } catch {
    throw await noAnswer(options);
  }
}
