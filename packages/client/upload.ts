/** Uploads a file to be imported. */
import type { AcceptedImport, UploadFields } from '@tidings/contracts/http.ts';
import { whenAdmitted } from './admission.ts';
import { abortedError, networkError, readProblem } from './errors.ts';
import type { ChannelCredentials } from './storage.ts';

export interface UploadProgress {
  /** Bytes of the request, a little more than those of the file. */
  readonly sentBytes: number;
  readonly totalBytes: number;
}

export interface UploadOptions {
  /** The API's origin; default, in a page, its own. */
  readonly baseUrl?: string;
  /** In Node, `fs.openAsBlob(path)` gives one that is read as it is sent. */
  readonly file: Blob;
  /** Default the file's own name. */
  readonly fileName?: string;
  /** Where to be told of the import; without one, a channel is made and named in the answer. */
  readonly channel?: ChannelCredentials;
  readonly fields?: Omit<UploadFields, 'channelId' | 'channelToken'>;
  /** The same key and file again give the first import's answer. */
  readonly idempotencyKey?: string;
  /** In pages at the start and as the bytes leave; in Node once, at the end. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Called where the server has too much to do: the upload waits that many milliseconds, and begins anew. */
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
 * Resolves when the last byte is kept by the server; the import may be half done by then. One upload too many waits until
 * the server has a place for it.
 *
 * @throws ProblemError, with the server's code, `network` or `aborted`
 */
export async function uploadImport(options: UploadOptions): Promise<AcceptedImport> {
  if (options.signal?.aborted) throw abortedError();
  const url = `${options.baseUrl ?? ''}/imports`;
  const XMLHttpRequest: (new () => UploadRequest) | undefined = Reflect.get(globalThis, 'XMLHttpRequest');
  return whenAdmitted(async () => {
    const { status, body, retryAfter } = await (XMLHttpRequest === undefined
      ? sendByFetch(url, options)
      : sendByXhr(new XMLHttpRequest(), url, options));
    if (status < 200 || status >= 300) throw readProblem(status, body, retryAfter);
    return JSON.parse(body) as AcceptedImport;
  }, options);
}

/** The fields stand before the file: the server knows all of them when its first byte comes. */
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

function createHeaders({ channel, idempotencyKey }: UploadOptions): Record<string, string> {
  return {
    ...(channel === undefined ? {} : { Authorization: `Bearer ${channel.token}` }),
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
  };
}

/** `fetch` cannot tell how much has been sent; this can. */
function sendByXhr(request: UploadRequest, url: string, options: UploadOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const abort = () => request.abort();
    request.open('POST', url);
    for (const [name, value] of Object.entries(createHeaders(options))) request.setRequestHeader(name, value);
    const tellProgress: ProgressListener = ({ loaded, total }) =>
      options.onProgress?.({ sentBytes: loaded, totalBytes: total });
    request.upload.onloadstart = tellProgress;
    request.upload.onprogress = tellProgress;
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
