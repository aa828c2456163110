/** For our pages, which show how a file will be read before it is imported. No entry of the published package. */
import type { ImportPreview, PreviewFields } from '@tidings/contracts/files/preview.ts';
import { networkError, readProblem } from '../errors.ts';
import { type SendAgainOptions, sendAgain } from '../http/send-again.ts';

export interface PreviewOptions {
  /** The API's origin; default, in a page, the page's own. */
  readonly baseUrl?: string;
  /** Of a channel, where people sign in. */
  readonly token?: string;
  /** A text file, or its first `PREVIEW_BYTES` with `fields.size`; a workbook whole. */
  readonly file: Blob;
  /** Default the file's own name. */
  readonly fileName?: string;
  readonly fields?: PreviewFields;
  readonly signal?: AbortSignal;
  /** Milliseconds after which an attempt without an answer has failed. Default: two minutes. */
  readonly timeoutMs?: number;
  /** Which failures are worth another attempt, and how long. Default: a refusal with 429, which says when. */
  readonly again?: Pick<SendAgainOptions, 'isWorthIt' | 'patienceMs' | 'onWait'>;
}

/**
 * Resolves with how the server would read the file, and what would become of its first rows. The server keeps nothing of it.
 *
 * @throws ProblemError
 */
export function previewUpload(options: PreviewOptions): Promise<ImportPreview> {
  return sendAgain(() => askOnce(options), { signal: options.signal, ...options.again });
}

async function askOnce(options: PreviewOptions): Promise<ImportPreview> {
  const { baseUrl = '', token, signal, timeoutMs = 120_000 } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const answer = fetch(`${baseUrl}/imports/preview`, {
    method: 'POST',
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    body: createForm(options),
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
  const { status, ok, retryAfter, body } = await answer
    .then(async (response) => ({
      status: response.status,
      ok: response.ok,
      retryAfter: response.headers.get('Retry-After'),
      // An answer that breaks off is no answer, so the attempt includes its last byte.
      body: await response.text(),
    }))
    .catch(() => {
      throw networkError();
    });
  if (!ok) throw readProblem(status, body, retryAfter);
  return JSON.parse(body) as ImportPreview;
}

/** The fields come before the file, as in an upload. */
function createForm({ file, fileName, fields = {} }: PreviewOptions): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  form.append('file', file, fileName ?? ('name' in file ? String(file.name) : 'contacts.csv'));
  return form;
}
