/**
 * The HTTP API, for whoever holds a token: a channel's, or support's. Everything rejects with `ProblemError`. A request that
 * is one too many waits as long as the server asks for, and is sent again.
 */
import type { Contact, ContactPatch } from '@tidings/contracts/contact.ts';
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState, ImportStatus } from '@tidings/contracts/import.ts';
import { whenAdmitted } from './admission.ts';
import { abortedError, networkError, readProblem } from './errors.ts';

export interface ApiOptions {
  /** The API's origin; default, in a page, its own. */
  readonly baseUrl?: string;
  /** The bearer token; asked for at each request, for it may be renewed. */
  readonly token: () => string;
}

export interface ListOptions {
  readonly cursor?: string;
  /** 1 to 500; default 50. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface Api {
  getImport(importId: string, signal?: AbortSignal): Promise<ImportState>;
  /** Newest first. */
  listImports(options?: ListOptions & { readonly status?: ImportStatus }): Promise<Page<ImportState>>;
  /** By e-mail address. */
  listContacts(options?: ListOptions & { readonly query?: string }): Promise<Page<Contact>>;
  getContact(contactId: string): Promise<Contact>;
  patchContact(contactId: string, patch: ContactPatch): Promise<Contact>;
  deleteContact(contactId: string): Promise<void>;
  /** The rejected rows as a CSV file. A plain link would carry no token. */
  fetchRejectedCsv(importId: string): Promise<Blob>;
}

interface ApiRequest {
  readonly method?: 'GET' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export function createApi(options: ApiOptions): Api {
  const request = (path: string, details?: ApiRequest) =>
    whenAdmitted(() => sendRequest(options, path, details), { signal: details?.signal });
  const requestJson = async <Body>(path: string, details?: ApiRequest) =>
    (await (await request(path, details)).json()) as Body;
  return {
    getImport: (importId, signal) => requestJson(importPath(importId), { signal }),
    listImports: ({ signal, ...query } = {}) => requestJson(withQuery('/imports', query), { signal }),
    listContacts: ({ signal, ...query } = {}) => requestJson(withQuery('/contacts', query), { signal }),
    getContact: (contactId) => requestJson(contactPath(contactId)),
    patchContact: (contactId, patch) => requestJson(contactPath(contactId), { method: 'PATCH', body: patch }),
    deleteContact: async (contactId) => {
      await request(contactPath(contactId), { method: 'DELETE' });
    },
    fetchRejectedCsv: async (importId) => (await request(`${importPath(importId)}/rejected.csv`)).blob(),
  };
}

function importPath(importId: string): string {
  return `/imports/${encodeURIComponent(importId)}`;
}

function contactPath(contactId: string): string {
  return `/contacts/${encodeURIComponent(contactId)}`;
}

function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

async function sendRequest(
  { baseUrl = '', token }: ApiOptions,
  path: string,
  { method = 'GET', body, signal }: ApiRequest = {},
): Promise<Response> {
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token()}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
  }).catch(() => {
    throw signal?.aborted ? abortedError() : networkError();
  });
  if (!response.ok)
    throw readProblem(response.status, await response.text(), response.headers.get('Retry-After'));
  return response;
}
