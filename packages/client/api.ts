/**
 * The HTTP API for callers that hold a token: a channel's or support's. Every method rejects with `ProblemError`. A request
 * that the server refuses with 429 waits as long as the server asks for and is sent again.
 */
import type { Contact, ContactPatch } from '@tidings/contracts/contact.ts';
import type {
  EventPage,
  HandedRows,
  MendedRows,
  Page,
  RejectedRowItem,
  RejectedRowsPage,
  UndoItem,
} from '@tidings/contracts/http.ts';
import { hasEnded, type ImportState, type ImportStatus } from '@tidings/contracts/import.ts';
import { pause } from '@tidings/failures/retry.ts';
import { type ApiOptions, createJsonRequests, type ListOptions, withQuery } from './json-requests.ts';
import { whateverIsRetriable } from './request.ts';

export interface Api {
  getImport(importId: string, signal?: AbortSignal): Promise<ImportState>;
  /** The state once the import has ended. The server holds each request until then, so few requests are sent. */
  waitForImport(importId: string, signal?: AbortSignal): Promise<ImportState>;
  /** Newest first. */
  listImports(options?: ListOptions & { readonly status?: ImportStatus }): Promise<Page<ImportState>>;
  /** Cancels the import: work that has not run will not run. The state tells the rest. */
  cancelImport(importId: string): Promise<ImportState>;
  /** Gives contacts back what they held before the import. */
  undoImport(importId: string): Promise<ImportState>;
  /** Works off again what failed. */
  retryImport(importId: string): Promise<ImportState>;
  /** The contacts that an undo has reached, one by one. */
  listUndo(importId: string, options?: ListOptions): Promise<Page<UndoItem>>;
  /**
   * What has happened to an import, as the log still tells it, in the order of time: whoever draws it as a tree goes by `causationId`.
   * A page may be empty and go on all the same; an event may come again on a later page, under the same `eventId`.
   */
  listEvents(importId: string, options?: ListOptions): Promise<EventPage>;
  /** The same for any tree of events, by the `correlationId` of any of them. */
  listTree(correlationId: string, options?: ListOptions): Promise<EventPage>;
  /** By e-mail address. */
  listContacts(options?: ListOptions & { readonly query?: string }): Promise<Page<Contact>>;
  getContact(contactId: string): Promise<Contact>;
  patchContact(contactId: string, patch: ContactPatch): Promise<Contact>;
  deleteContact(contactId: string): Promise<void>;
  /** Rejected rows, to be mended. */
  listRejected(
    importId: string,
    options?: ListOptions & { readonly code?: string },
  ): Promise<RejectedRowsPage>;
  /** Keeps how rejected rows are mended: all of them, or none. Columns that are not named stay as they are. */
  mendRejected(importId: string, rows: MendedRows['rows']): Promise<RejectedRowItem[]>;
  /** Makes an import of the rows that were mended, which mends the first. */
  importMended(importId: string): Promise<HandedRows>;
  /** The rejected rows as a CSV file, which a plain link cannot fetch because it carries no token. */
  fetchRejectedCsv(importId: string): Promise<Blob>;
}

export function createApi(options: ApiOptions): Api {
  const { request, requestJson } = createJsonRequests(options);
  const change = (importId: string, action: 'cancel' | 'undo' | 'retry') =>
    requestJson<ImportState>(`${importPath(importId)}/${action}`, { method: 'POST' });
  return {
    getImport: (importId, signal) => requestJson(importPath(importId), { signal }),
    waitForImport: async (importId, signal) => {
      for (;;) {
        const response = await request(importPath(importId), {
          headers: { Prefer: 'wait=60' },
          again: { isWorthIt: whateverIsRetriable },
          signal,
        });
        const state = (await response.json()) as ImportState;
        if (hasEnded(state)) return state;
        // A server that holds no further requests answers at once.
        await pause(Number(response.headers.get('Retry-After') ?? 2) * 1000, signal).catch(() => undefined);
      }
    },
    listImports: ({ signal, ...query } = {}) => requestJson(withQuery('/imports', query), { signal }),
    cancelImport: (importId) => change(importId, 'cancel'),
    undoImport: (importId) => change(importId, 'undo'),
    retryImport: (importId) => change(importId, 'retry'),
    listUndo: (importId, { signal, ...query } = {}) =>
      requestJson(withQuery(`${importPath(importId)}/undo`, query), { signal }),
    listEvents: (importId, { signal, ...query } = {}) =>
      requestJson(withQuery(`${importPath(importId)}/events`, query), { signal }),
    listTree: (correlationId, { signal, ...query } = {}) =>
      requestJson(withQuery('/events', { correlationId, ...query }), { signal }),
    listContacts: ({ signal, ...query } = {}) => requestJson(withQuery('/contacts', query), { signal }),
    getContact: (contactId) => requestJson(contactPath(contactId)),
    patchContact: (contactId, patch) => requestJson(contactPath(contactId), { method: 'PATCH', body: patch }),
    deleteContact: async (contactId) => {
      await request(contactPath(contactId), { method: 'DELETE' });
    },
    listRejected: (importId, { signal, ...query } = {}) =>
      requestJson(withQuery(`${importPath(importId)}/rejected`, query), { signal }),
    mendRejected: async (importId, rows) => {
      const path = `${importPath(importId)}/rejected`;
      return (await requestJson<{ items: RejectedRowItem[] }>(path, { method: 'PATCH', body: { rows } }))
        .items;
    },
    importMended: (importId) => requestJson(`${importPath(importId)}/rejected/import`, { method: 'POST' }),
    fetchRejectedCsv: async (importId) => (await request(`${importPath(importId)}/rejected.csv`)).blob(),
  };
}

function importPath(importId: string): string {
  return `/imports/${encodeURIComponent(importId)}`;
}

function contactPath(contactId: string): string {
  return `/contacts/${encodeURIComponent(contactId)}`;
}
