/** Uploads a file to be imported. */
import type { AcceptedImport, UploadFields } from '@tidings/contracts/http.ts';
import { abortedError, networkError, readProblem } from './errors.ts';
import { retryRateLimited } from './rate-limits.ts';
import type { ChannelCredentials } from './storage.ts';

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
  /** The channel that gets the import's notifications. Without it the server makes one and names it in the answer. */
  readonly channel?: ChannelCredentials;
  readonly fields?: Omit<UploadFields, 'channelId' | 'channelToken'>;
  /** Called in pages at the start and as the bytes leave; in Node.js once, at the end. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Called where the server receives too many uploads: this one waits so many milliseconds and starts again. */
  readonly onWait?: (milliseconds: number) => void;
  readonly signal?: AbortSignal;
}

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
  send(body: FormData): void;
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
 * Sends a file. Resolves when the server keeps the last byte; part of the rows may be imported by then. Where the server
 * receives too many uploads, this one waits and starts again.
 *
 * @throws ProblemError, with the server's code, `network` or `aborted`
 */
export async function uploadImport(options: UploadOptions): Promise<AcceptedImport> {
  if (options.signal?.aborted) throw abortedError();
  const url = `${options.baseUrl ?? ''}/imports`;
  const XMLHttpRequest: (new () => UploadRequest) | undefined = Reflect.get(globalThis, 'XMLHttpRequest');
  return retryRateLimited(async () => {
    const { status, body, retryAfter } = await (XMLHttpRequest === undefined
      ? sendByFetch(url, options)
      : sendByXhr(new XMLHttpRequest(), url, options));
    if (status < 200 || status >= 300) throw readProblem(status, body, retryAfter);
    return JSON.parse(body) as AcceptedImport;
  }, options);
}

/** The fields must come before the file, because the server reads them before the first byte of the file. */
function createForm({ file, fileName, channel, fields = {} }: UploadOptions): FormData {
  const form = new FormData();
  if (channel !== undefined) {
    form.append('channelId', channel.channelId);
    form.append('channelToken', channel.token);
  }
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  form.append('file', file, fileName ?? ('name' in file ? String(file.name) : 'contacts.csv'));
  return form;
}

function createHeaders({ channel }: UploadOptions): Record<string, string> {
  return channel === undefined ? {} : { Authorization: `Bearer ${channel.token}` };
}

/** Unlike `fetch`, `XMLHttpRequest` tells how much has been sent. */
function sendByXhr(request: UploadRequest, url: string, options: UploadOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = () => request.abort();
    request.open('POST', url);
    for (const [name, value] of Object.entries(createHeaders(options))) request.setRequestHeader(name, value);
    const reportProgress: ProgressListener = ({ loaded, total }) =>
      options.onProgress?.({ sentBytes: loaded, totalBytes: total });
    request.upload.onloadstart = reportProgress;
    request.upload.onprogress = reportProgress;
    request.onload = () =>
      resolve({
        status: request.status,
        body: request.responseText,
        retryAfter: request.getResponseHeader('Retry-After'),
      });
    request.onerror = () => reject(networkError());
    request.onabort = () => reject(abortedError());
    request.onloadend = () => options.signal?.removeEventListener('abort', abort);
    options.signal?.addEventListener('abort', abort, { once: true });
    request.send(createForm(options));
  });
}

async function sendByFetch(url: string, options: UploadOptions): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: createHeaders(options),
      body: createForm(options),
      signal: options.signal,
    });
    const { size } = options.file;
    options.onProgress?.({ sentBytes: size, totalBytes: size });
    return {
      status: response.status,
      body: await response.text(),
      retryAfter: response.headers.get('Retry-After'),
    };
  } catch {
    throw options.signal?.aborted ? abortedError() : networkError();
  }
}
