/** Requests of a client that does not give up: what gets no answer, or is refused for the moment, is sent again. */

import type { CreatedChannel } from '@tidings/contracts/channels/channels.ts';
import { ATTRIBUTE_PREFIX, type Contact } from '@tidings/contracts/contacts/contact.ts';
import { contactFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { ChunkItem } from '@tidings/contracts/services/support.ts';
import { codeOf, Failure } from '@tidings/failures/failure.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import type { ModelContact } from './model.ts';

/** Milliseconds after which a request counts as unanswered: a stalled network does not say that it is one. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Milliseconds in which an accepted import must be known, also while the log is away. */
const SHOWN_WITHIN_MS = 60_000;
/** Below what one token may send in a minute. */
const REQUESTS_A_TOKEN = 40;
const RETRY = { firstMs: 100, longestMs: 1_000 };

export interface PatientApi {
  getImport(importId: string): Promise<ImportState>;
  /** Of all owners, the newest first. */
  listImports(): Promise<ImportState[]>;
  createChannel(owner: string): Promise<CreatedChannel>;
  /** All contacts of the token's owner whose address has the text, by address; all where it is ''. @param token asked for at each page */
  listContacts(token: () => Promise<string>, query: string): Promise<Map<string, FoundContact>>;
  /** Asks for what the address names. @returns false where the import's state does not allow it */
  command(token: string, importId: string, action: 'cancel' | 'undo' | 'retry'): Promise<boolean>;
  /** All chunks of the import that are known. */
  listChunks(importId: string): Promise<ChunkItem[]>;
  /** An order of support about what has failed. @returns false where there is nothing that it fits */
  order(path: string): Promise<boolean>;
  /** @returns false where imports of the owner run, or a part is left: the same request goes on */
  eraseOwner(owner: string): Promise<boolean>;
  /** @returns false where there is no such contact */
  patchContact(token: string, contactId: string, patch: object): Promise<boolean>;
  /** @returns false where there is no such contact, or not any more */
  deleteContact(token: string, contactId: string): Promise<boolean>;
  /** For a new channel: who signs in. */
  userToken(owner: string): string;
}

export interface FoundContact {
  readonly id: string;
  readonly contact: ModelContact;
}

export interface PatientApiParts {
  readonly url: string;
  readonly supportToken: string;
  /** With which the site's login signs. */
  readonly userJwtSecret: string;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

export function createPatientApi(parts: PatientApiParts): PatientApi {
  const { supportToken, userJwtSecret } = parts;
  const get = async <Body>(path: string, token: string) =>
    (await ask(parts, path, { headers: { Authorization: `Bearer ${token}` } })).json() as Promise<Body>;
  const change = async (method: string, path: string, token: string, body?: object) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const response = await ask(parts, path, { method, headers, body: JSON.stringify(body) }, [404]);
    return response.status !== 404;
  };
  const asSupport = (method: string, path: string) => {
    const headers = { Authorization: `Bearer ${supportToken}`, 'Content-Type': 'application/json' };
    const body = JSON.stringify({ reason: 'The proof wants it.' });
    return ask(parts, path, { method, headers, body }, [409]);
  };
  return {
    getImport: (importId) => getAccepted(parts, importId),
    listImports: () => readPages((cursor) => get(`/imports?limit=500${cursor}`, supportToken)),
    async createChannel(owner) {
      const body = JSON.stringify({ userToken: signUserToken(owner, userJwtSecret) });
      const headers = { 'Content-Type': 'application/json' };
      return (
        await ask(parts, '/channels', { method: 'POST', headers, body })
      ).json() as Promise<CreatedChannel>;
    },
    async listContacts(token, query) {
      const search = `limit=500${query === '' ? '' : `&query=${encodeURIComponent(query)}`}`;
      const contacts = await readPages<Contact>(async (cursor) =>
        get(`/contacts?${search}${cursor}`, await token()),
      );
      return new Map(contacts.map((found) => [found.email, { id: found.id, contact: toModel(found) }]));
    },
    async command(token, importId, action) {
      const headers = { Authorization: `Bearer ${token}` };
      const path = `/imports/${importId}/${action}`;
      return (await ask(parts, path, { method: 'POST', headers }, [409])).ok;
    },
    listChunks: (importId) =>
      readPages((cursor) => get(`/imports/${importId}/chunks?limit=500${cursor}`, supportToken)),
    order: async (path) => (await asSupport('POST', path)).ok,
    eraseOwner: async (owner) =>
      (await asSupport('DELETE', `/owners/${encodeURIComponent(owner)}`)).status === 200,
    patchContact: (token, contactId, patch) => change('PATCH', `/contacts/${contactId}`, token, patch),
    deleteContact: (token, contactId) => change('DELETE', `/contacts/${contactId}`, token),
    userToken: (owner) => signUserToken(owner, userJwtSecret),
  };
}

/** Tokens of the owner, each for as many requests as it may send in less than a minute. */
export function freshTokens(api: Pick<PatientApi, 'createChannel'>, owner: string): () => Promise<string> {
  let current = Promise.resolve('');
  let requests = REQUESTS_A_TOKEN;
  return () => {
    requests += 1;
    if (requests <= REQUESTS_A_TOKEN) return current;
    requests = 1;
    current = api.createChannel(owner).then(({ token }) => token);
    return current;
  };
}

/** An import that is not folded yet, because the log is away, is known to nobody: the request is sent again for a time. */
async function getAccepted(parts: PatientApiParts, importId: string): Promise<ImportState> {
  const headers = { Authorization: `Bearer ${parts.supportToken}` };
  const attempt = async () =>
    (await ask(parts, `/imports/${importId}`, { headers })).json() as Promise<ImportState>;
  const { signal } = parts;
  return retryUntil(attempt, {
    signal,
    withinMs: SHOWN_WITHIN_MS,
    retriable: (error) => codeOf(error) === 'http_404',
    ...RETRY,
  });
}

async function readPages<Item>(read: (cursor: string) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor = ''; ; ) {
    const page = await read(cursor);
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

/** @param expected statuses that are answers, beside those of success */
async function ask(
  { url, signal }: PatientApiParts,
  path: string,
  init: RequestInit,
  expected: readonly number[] = [],
): Promise<Response> {
  const attempt = async () => {
    const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.any([signal, timeout]) });
    // The body is read within the time, too: a stall may begin in the middle of it.
    const body = await response.arrayBuffer();
    const { status, headers } = response;
    if (response.ok || expected.includes(status))
      return new Response(body.byteLength === 0 ? null : body, { status, headers });
    const isLater = status === 429 || status >= 500;
    const text = Buffer.from(body).toString().slice(0, 500);
    throw new Failure(`http_${status}`, `${init.method ?? 'GET'} ${path}: ${status} ${text}`, {
      retriable: isLater,
    });
  };
  // Whatever is no answer is a broken network.
  const retriable = (error: unknown) => !(error instanceof Failure) || error.retriable;
  return retryUntil(attempt, { signal, retriable, ...RETRY });
}

/** Fields and attributes of a contact by name, without blanks. */
function toModel(found: Contact): ModelContact {
  const fields = contactFields.filter(({ name }) => name !== 'email').map(({ name }) => [name, found[name]]);
  const attributes = Object.entries(found.attributes).map(([name, value]) => [
    `${ATTRIBUTE_PREFIX}${name}`,
    value,
  ]);
  return Object.fromEntries([...fields, ...attributes].filter(([, value]) => value !== ''));
}
