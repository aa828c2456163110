/** Requests with `fetch` and forms, without our client library. Tests that poll faster than a channel token may, poll with the support token. */
import { setTimeout as pause } from 'node:timers/promises';
import type { CreatedChannel } from '@tidings/contracts/channels/channels.ts';
import type { AcceptedImport } from '@tidings/contracts/files/upload.ts';
import type { ProblemDocument } from '@tidings/contracts/http.ts';
import { hasEnded, type ImportState } from '@tidings/contracts/imports/import.ts';

/** Sends the request again after each 429, when `Retry-After` asks for it. */
async function fetchPatiently(url: string, init: RequestInit): Promise<Response> {
  for (;;) {
    const response = await fetch(url, init);
    if (response.status !== 429) return response;
    await pause(retryAfterMs(response));
  }
}

/** A second where the answer names no time. */
function retryAfterMs({ headers }: Response): number {
  return (Number(headers.get('Retry-After')) || 1) * 1000;
}

export async function createChannel(url: string): Promise<CreatedChannel> {
  const response = await fetchPatiently(`${url}/channels`, { method: 'POST' });
  if (response.status !== 201) throw new Error(`no channel: ${response.status} ${await response.text()}`);
  return (await response.json()) as CreatedChannel;
}

export interface Post {
  readonly file?: Uint8Array | string;
  readonly fileName?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly fieldsAfter?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export function postImport(url: string, post: Post): Promise<Response> {
  return postForm(`${url}/imports`, post);
}

/** Asks how a file would be read. */
export function postPreview(url: string, post: Post): Promise<Response> {
  return postForm(`${url}/imports/preview`, post);
}

async function postForm(address: string, post: Post): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(post.fields ?? {})) form.append(name, value);
  if (post.file !== undefined)
    form.append('file', new Blob([new Uint8Array(Buffer.from(post.file))]), post.fileName ?? 'contacts.csv');
  for (const [name, value] of Object.entries(post.fieldsAfter ?? {})) form.append(name, value);
  return fetchPatiently(address, { method: 'POST', body: form, headers: post.headers });
}

/** Posts a file that must be accepted. */
export async function acceptImport(url: string, post: Post): Promise<AcceptedImport> {
  const response = await postImport(url, post);
  if (response.status !== 202) throw new Error(`not accepted: ${response.status} ${await response.text()}`);
  return (await response.json()) as AcceptedImport;
}

/** Gives an order that must be accepted. */
export async function orderImport(
  url: string,
  importId: string,
  order: 'cancel' | 'undo',
  token: string,
): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetchPatiently(`${url}/imports/${importId}/${order}`, { method: 'POST', headers });
  if (response.status !== 202) throw new Error(`${order}: ${response.status} ${await response.text()}`);
}

export async function problemOf(response: Response): Promise<ProblemDocument> {
  if (response.headers.get('content-type') !== 'application/problem+json; charset=utf-8') {
    throw new Error(`no problem document: ${response.status} ${await response.text()}`);
  }
  return (await response.json()) as ProblemDocument;
}

export async function getJson<Body>(
  url: string,
  token: string,
  headers: Record<string, string> = {},
): Promise<Body> {
  const response = await fetchPatiently(url, { headers: { Authorization: `Bearer ${token}`, ...headers } });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}

/**
 * Waits until the import has ended, by requests that the server holds for up to a minute.
 * Asks again where an instance does not know the import yet, as while a killed aggregator is replaced.
 */
export async function untilEnded(url: string, importId: string, token: string): Promise<ImportState> {
  const headers = { Authorization: `Bearer ${token}`, Prefer: 'wait=30' };
  const deadline = Date.now() + 150_000;
  for (;;) {
    const response = await fetchPatiently(`${url}/imports/${importId}`, { headers });
    const text = await response.text();
    const isBehind = response.status === 503 && text.includes('"code":"unavailable"');
    if (!response.ok && !isBehind) throw new Error(`${url}: ${response.status} ${text}`);
    const state = isBehind ? null : (JSON.parse(text) as ImportState);
    if (state !== null && hasEnded(state)) return state;
    if (Date.now() > deadline) throw new Error(`the import did not end: ${text}`);
    if (isBehind) await pause(retryAfterMs(response));
  }
}
