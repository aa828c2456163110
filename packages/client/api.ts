/**
 * The HTTP API for callers that hold a token: a channel's or support's. Every method rejects with `ProblemError`. A request
 * that the server refuses with 429 waits as long as the server asks for and is sent again.
 */
import type { Contact, ContactPatch } from '@tidings/contracts/contact.ts';
import type { Page, UndoItem } from '@tidings/contracts/http.ts';
import type { ImportState, ImportStatus } from '@tidings/contracts/import.ts';
import { type ApiRequest, sendRequest } from './request.ts';

export interface ApiOptions {
  /** The API's origin; default, in a page, the page's own. */
  readonly baseUrl?: string;
  /** The bearer token. Called for each request, because the token may have been renewed. */
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
  /** What has not run will not run; the state tells the rest. */
  cancelImport(importId: string): Promise<ImportState>;
  /** Gives contacts back what they held before the import. */
  undoImport(importId: string): Promise<ImportState>;
  /** Works off again what failed. */
  retryImport(importId: string): Promise<ImportState>;
  /** The contacts that an undo has reached, one by one. */
  listUndo(importId: string, options?: ListOptions): Promise<Page<UndoItem>>;
  /** By e-mail address. */
  listContacts(options?: ListOptions & { readonly query?: string }): Promise<Page<Contact>>;
  getContact(contactId: string): Promise<Contact>;
  patchContact(contactId: string, patch: ContactPatch): Promise<Contact>;
  deleteContact(contactId: string): Promise<void>;
  /** The rejected rows as a CSV file, which a plain link cannot fetch because it carries no token. */
  fetchRejectedCsv(importId: string): Promise<Blob>;
}

type ApiDetails = Pick<ApiRequest, 'method' | 'body' | 'signal'>;

export function createApi(options: ApiOptions): Api {
  const request = (path: string, details?: ApiDetails) => sendRequest(path, { ...options, ...details });
  const requestJson = async <Body>(path: string, details?: ApiDetails) =>
    (await (await request(path, details)).json()) as Body;
  const change = (importId: string, action: 'cancel' | 'undo' | 'retry') =>
    requestJson<ImportState>(`${importPath(importId)}/${action}`, { method: 'POST' });
  return {
    getImport: (importId, signal) => requestJson(importPath(importId), { signal }),
    listImports: ({ signal, ...query } = {}) => requestJson(withQuery('/imports', query), { signal }),
    cancelImport: (importId) => change(importId, 'cancel'),
    undoImport: (importId) => change(importId, 'undo'),
    retryImport: (importId) => change(importId, 'retry'),
    listUndo: (importId, { signal, ...query } = {}) =>
      requestJson(withQuery(`${importPath(importId)}/undo`, query), { signal }),
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
