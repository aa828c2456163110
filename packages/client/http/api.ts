/**
 * The HTTP API for callers that hold a token: a channel's or support's. Every method rejects with `ProblemError`. A request
 * that the server refuses with 429 waits as long as the server asks for and is sent again.
 */
import type { Contact, ContactOrder, ContactPatch } from '@tidings/contracts/contacts/contact.ts';
import type { PageOfContacts } from '@tidings/contracts/contacts/listed-contacts.ts';
import type { ReasonsQuery } from '@tidings/contracts/files/rejected-file.ts';
import type { Page } from '@tidings/contracts/http.ts';
import { hasEnded, type ImportState, type ImportStatus } from '@tidings/contracts/imports/import.ts';
import type { UndoItem } from '@tidings/contracts/imports/undo-outcomes.ts';
import { pause } from '@tidings/failures/retry.ts';
import { type ApiOptions, createRequests, type ListOptions, pathOf, whateverIsRetriable } from './request.ts';

export interface ListImportsQuery extends ListOptions {
  readonly status?: ImportStatus | readonly ImportStatus[];
  readonly q?: string;
  readonly owner?: string;
}

export interface ContactsQuery extends ListOptions {
  readonly query?: string;
  /** Only contacts that this import has created, or has found. */
  readonly import?: string;
  readonly sort?: ContactOrder;
}

export interface Api {
  getImport(importId: string, signal?: AbortSignal): Promise<ImportState>;
  /** The state once the import has ended. The server holds each request until then, so few requests are sent. */
  waitForImport(importId: string, signal?: AbortSignal): Promise<ImportState>;
  /** Newest first. `q`: a part of the file name or of the id. `owner`: for support. */
  listImports(options?: ListImportsQuery): Promise<Page<ImportState>>;
  /** Cancels the import: work that has not run will not run. The state tells the rest. */
  cancelImport(importId: string): Promise<ImportState>;
  /** Gives contacts back what they held before the import. */
  undoImport(importId: string): Promise<ImportState>;
  /** Works off again what failed. */
  retryImport(importId: string): Promise<ImportState>;
  /** The contacts that an undo has reached, one by one. */
  listUndo(importId: string, options?: ListOptions): Promise<Page<UndoItem>>;
  /** By e-mail address, unless `sort` names another order. */
  listContacts(options?: ContactsQuery): Promise<PageOfContacts>;
  getContact(contactId: string): Promise<Contact>;
  patchContact(contactId: string, patch: ContactPatch): Promise<Contact>;
  deleteContact(contactId: string): Promise<void>;
  /** The rejected rows as a CSV file, which a plain link cannot fetch because it carries no token. */
  fetchRejectedCsv(importId: string, query?: ReasonsQuery): Promise<Blob>;
}

export function createApi(options: ApiOptions): Api {
  const [request, requestJson] = createRequests(options);
  const list = <Items>(path: string, { signal, ...query }: ListOptions = {}) =>
    requestJson<Items>(path, { query, signal });
  const change = (importId: string, action: 'cancel' | 'undo' | 'retry') =>
    requestJson<ImportState>(pathOf('imports', importId, action), { method: 'POST' });
  return {
    getImport: (importId, signal) => requestJson(pathOf('imports', importId), { signal }),
    waitForImport: async (importId, signal) => {
      for (;;) {
        const response = await request(pathOf('imports', importId), {
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
    listImports: (options) => list('/imports', options),
    cancelImport: (importId) => change(importId, 'cancel'),
    undoImport: (importId) => change(importId, 'undo'),
    retryImport: (importId) => change(importId, 'retry'),
    listUndo: (importId, options) => list(pathOf('imports', importId, 'undo'), options),
    listContacts: (options) => list('/contacts', options),
    getContact: (contactId) => requestJson(pathOf('contacts', contactId)),
    patchContact: (contactId, body) => requestJson(pathOf('contacts', contactId), { method: 'PATCH', body }),
    deleteContact: async (contactId) => {
      await request(pathOf('contacts', contactId), { method: 'DELETE' });
    },
    fetchRejectedCsv: async (importId, query) =>
      (await request(pathOf('imports', importId, 'rejected.csv'), { query })).blob(),
  };
}
