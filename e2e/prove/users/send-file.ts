/** Sends a file as a user does who loses the connection now and then. */
import type { ChannelCredentials } from '@tidings/client/index.ts';
import type { AcceptedImport } from '@tidings/contracts/http.ts';
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
      headers: {
        ...authorization(channel),
        ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
      },
      body: form,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const body = await response.text();
    if (response.status === 202) return { accepted: JSON.parse(body) as AcceptedImport };
    const isRefusal = response.status < 500 && response.status !== 429 && response.status !== 409;
    return { accepted: null, reason: `${response.status} ${body}`, isRefusal };
  } catch (error) {
    signal.throwIfAborted();
    return { accepted: null, reason: String(error), isRefusal: false };
  }
}

/** Sends a part of the file, and cuts the connection. @param share of the bytes, from 0 to 1 */
export async function breakOff(
  { url, channel, bytes, reference, signal }: Sending,
  share: number,
): Promise<void> {
  const upload = beginUpload(url, fieldsOf(channel, reference), authorization(channel));
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

function fieldsOf({ channelId, token }: ChannelCredentials, reference: string): Record<string, string> {
  return { channelId, channelToken: token, clientReference: reference };
}
