/** Sends a file as a user does who loses the connection now and then. */
import { request as httpRequest, type RequestOptions } from 'node:http';
import type { ChannelCredentials } from '@tidings/client/index.ts';
import type { AcceptedImport, UploadOffset } from '@tidings/contracts/files/upload.ts';
import { pause } from '@tidings/failures/retry.ts';
import { beginUpload } from '../../test/streamed-upload.ts';

/** Milliseconds after which the sender gives up: a paused server or a stalled network may never answer. */
const PATIENCE_MS = 45_000;

export interface Sending {
  readonly url: string;
  readonly channel: ChannelCredentials;
  readonly bytes: Buffer;
  /** The uploader's own name for the import, by which it is found where the answer is lost. */
  readonly reference: string;
  /** By which a repeat is known as such. */
  readonly idempotencyKey?: string;
  readonly signal: AbortSignal;
}

/** How a file was answered: with an import, or not as it was hoped. The import may be there all the same. */
export type Answer =
  | { readonly accepted: AcceptedImport }
  | { readonly accepted: null; readonly reason: string; readonly isRefusal: boolean };

export async function sendFile(sending: Sending): Promise<Answer> {
  const { url, channel, bytes, reference, idempotencyKey, signal } = sending;
  const form = new FormData();
  for (const [name, value] of Object.entries(fieldsOf(channel, reference))) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(bytes)]), 'contacts.csv');
  try {
    const response = await fetch(`${url}/imports`, {
      method: 'POST',
      headers: { ...authorization(channel), ...keyed(idempotencyKey) },
      body: form,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    return await readAnswer(response);
  } catch (error) {
    signal.throwIfAborted();
    return { accepted: null, reason: String(error), isRefusal: false };
  }
}

/** A file whose upload may go on over another connection. */
export interface KeyedSending extends Sending {
  readonly idempotencyKey: string;
}

/** What came of a connection that went on with an upload, and whether the server had a part of it. */
export type Continued = Answer & { readonly isResumed: boolean };

/**
 * Asks where the upload stands, and sends the rest, or a part of it; the whole file where the server has nothing of it.
 * @param share of the rest after which the connection is cut, from 0 to 1; null: it is not
 */
export async function goOn(sending: KeyedSending, share: number | null): Promise<Continued> {
  const { url, channel, bytes, idempotencyKey, signal } = sending;
  const headers = { ...authorization(channel), 'Idempotency-Key': idempotencyKey };
  const timely = () => AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    const stands = await fetch(`${url}/imports/upload`, { headers, signal: timely() });
    if (stands.status === 404) return { ...(await sendFile(sending)), isResumed: false };
    if (!stands.ok) return { ...(await readAnswer(stands)), isResumed: false };
    const { offset } = (await stands.json()) as UploadOffset;
    const rest = new Uint8Array(bytes.subarray(offset));
    const request = {
      method: 'PATCH',
      headers: {
        ...headers,
        'Upload-Offset': `${offset}`,
        'Content-Type': 'application/offset+octet-stream',
      },
      signal: timely(),
    };
    const address = `${url}/imports/upload`;
    if (share !== null) {
      await sendAndCut(address, request, rest.subarray(0, Math.floor(rest.length * share)));
      return { accepted: null, reason: 'its connection was cut', isRefusal: false, isResumed: true };
    }
    const response = await fetch(address, { ...request, body: rest });
    return { ...(await readAnswer(response)), isResumed: true };
  } catch (error) {
    signal.throwIfAborted();
    return { accepted: null, reason: String(error), isRefusal: false, isResumed: false };
  }
}

/** Cuts the connection once it has taken the bytes, before the request has ended. */
async function sendAndCut(url: string, options: RequestOptions, bytes: Uint8Array): Promise<void> {
  const sending = httpRequest(url, options);
  sending.on('error', () => undefined);
  await new Promise<void>((resolve) => sending.write(bytes, () => resolve()));
  sending.destroy();
}

async function readAnswer(response: Response): Promise<Answer> {
  const body = await response.text();
  if (response.status === 202) return { accepted: JSON.parse(body) as AcceptedImport };
  const isRefusal = response.status < 500 && !/"retriable":true/.test(body);
  return { accepted: null, reason: `${response.status} ${body}`, isRefusal };
}

/** Sends a part of the file, and cuts the connection. @param share of the bytes, from 0 to 1 */
export async function breakOff(
  { url, channel, bytes, reference, idempotencyKey, signal }: Sending,
  share: number,
): Promise<void> {
  const headers = { ...authorization(channel), ...keyed(idempotencyKey) };
  const upload = beginUpload(url, fieldsOf(channel, reference), headers);
  const giveUp = new AbortController();
  const patience = pause(PATIENCE_MS, AbortSignal.any([signal, giveUp.signal])).catch(() => undefined);
  const sent = upload.send(bytes.subarray(0, Math.floor(bytes.length * share))).catch(() => undefined);
  await Promise.race([sent, patience]);
  giveUp.abort();
  upload.destroy();
}

function authorization({ token }: ChannelCredentials): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

function keyed(idempotencyKey: string | undefined): Record<string, string> {
  return idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey };
}

function fieldsOf({ channelId, token }: ChannelCredentials, reference: string): Record<string, string> {
  return { channelId, channelToken: token, clientReference: reference };
}
