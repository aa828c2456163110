/**
 * What support may see and do; owners may read events, follow their own imports on any device, mend rejected rows, change and export their
 * contacts, and see to their webhooks by it, too. Every method rejects with `ProblemError`; an order of support asks for the reason.
 */
import type { Contact, ContactOrder, ContactPatch } from '@tidings/contracts/contacts/contact.ts';
import type { PageOfTwiceStored } from '@tidings/contracts/contacts/listed-contacts.ts';
import type { ReasonsQuery } from '@tidings/contracts/files/rejected-file.ts';
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { EventPage } from '@tidings/contracts/imports/listed-events.ts';
import type {
  HandedRows,
  MendedRows,
  RejectedRowItem,
  RejectedRowsPage,
} from '@tidings/contracts/imports/rejected-rows.ts';
import type { ErasedOwner } from '@tidings/contracts/owners/erased-owner.ts';
import type { CreatedWebhook, PageOfDeliveries, Webhook } from '@tidings/contracts/owners/webhooks.ts';
import type { Country } from '@tidings/contracts/reference.ts';
import type { ServicesView } from '@tidings/contracts/services/services.ts';
import type {
  AuditAction,
  AuditItem,
  BlockedPartitionItem,
  ChunkItem,
  ChunkStatus,
  DeadLetterItem,
} from '@tidings/contracts/services/support.ts';
import type { ChannelCredentials } from '../channel/storage.ts';
import { type ApiOptions, createRequests, type ListOptions, pathOf } from '../http/request.ts';

export type BlockedPlace = Pick<BlockedPartitionItem, 'group' | 'topic' | 'partition'>;

export interface AuditQuery {
  /** A part of the reason, or of what was acted on. */
  readonly q?: string;
  readonly action?: AuditAction;
  readonly who?: 'support' | 'owner';
  readonly importId?: string;
}

export interface ContactsFileQuery {
  readonly query?: string;
  readonly import?: string;
  readonly sort?: ContactOrder;
  readonly delimiter?: ',' | ';';
}

export interface SupportApi {
  /** The import's channel with a token of it, for an owner who follows the import on another device. */
  openImportChannel(importId: string): Promise<ChannelCredentials>;
  /** The rejected rows as a workbook: cells at fault are coloured, and have the reason as a note. */
  fetchRejectedXlsx(importId: string, query?: ReasonsQuery): Promise<Blob>;
  /** Rejected rows, to be mended. */
  listRejected(
    importId: string,
    options?: ListOptions & ReasonsQuery & { readonly code?: string },
  ): Promise<RejectedRowsPage>;
  /** One rejected row, as it is now. */
  getRejected(importId: string, row: number, query?: ReasonsQuery): Promise<RejectedRowItem>;
  /**
   * Keeps how rejected rows are mended: all of them, or none. Columns that are not named stay as they are. Where a cell holds neither what
   * `former` names nor what it is to hold, nothing is kept (`precondition_failed`).
   */
  mendRejected(
    importId: string,
    rows: MendedRows['rows'],
    query?: ReasonsQuery,
  ): Promise<{ readonly items: readonly RejectedRowItem[] }>;
  /** Says whether what is left of the rejected rows is not to be mended. */
  ignoreRejected(importId: string, isIgnored: boolean): Promise<ImportState>;
  /** Makes an import of the rows that were mended, which mends the first. */
  importMended(importId: string): Promise<HandedRows>;
  /**
   * What has happened to an import, as the log still tells it, in the order of time: whoever draws it as a tree goes by
   * `causationId`.
   * A page may be empty and go on all the same; an event may come again on a later page, under the same `eventId`.
   */
  listEvents(importId: string, options?: ListOptions): Promise<EventPage>;
  /** The same for any tree of events, by the `correlationId` of any of them. */
  listTree(correlationId: string, options?: ListOptions): Promise<EventPage>;
  /** Records that were given up, newest first. */
  listDeadLetters(options?: ListOptions & { readonly group?: string }): Promise<Page<DeadLetterItem>>;
  /** The record is handled again, from its first attempt. */
  requeueDeadLetter(id: string, reason: string): Promise<AuditItem>;
  /** The record is given up for good. */
  skipDeadLetter(id: string, reason: string): Promise<AuditItem>;
  /** Partitions that stand at a record which fails each time. */
  listBlocked(): Promise<Page<BlockedPartitionItem>>;
  /** The record is tried at once. */
  retryBlocked(place: BlockedPlace, reason: string): Promise<AuditItem>;
  /** The record is passed over. */
  skipBlocked(place: BlockedPlace, reason: string): Promise<AuditItem>;
  /** What people ordered, newest first: all, or what is looked for. */
  listAudit(options?: ListOptions & AuditQuery): Promise<Page<AuditItem>>;
  /** How services and engines fare, and how far consumer groups are behind. */
  getServices(signal?: AbortSignal): Promise<ServicesView>;
  /** By number. */
  listChunks(
    importId: string,
    options?: ListOptions & { readonly status?: ChunkStatus },
  ): Promise<Page<ChunkItem>>;
  requeueChunk(importId: string, chunk: number, reason: string): Promise<AuditItem>;
  /** A dead chunk is worked off again; one that waits for a further attempt is due now. */
  retryChunk(importId: string, chunk: number, reason: string): Promise<AuditItem>;
  /** Gives up a dead chunk, or one that waits for a further attempt. */
  skipChunk(importId: string, chunk: number, reason: string): Promise<AuditItem>;
  /** Every dead chunk of the import is worked off again. */
  requeueChunks(importId: string, reason: string): Promise<{ requeued: number }>;
  /** Does what an owner can do, but keeps the reason. */
  cancelImport(importId: string, reason: string): Promise<ImportState>;
  undoImport(importId: string, reason: string): Promise<ImportState>;
  retryImport(importId: string, reason: string): Promise<ImportState>;
  /** The webhooks of all owners, and how they fare. */
  listWebhooks(): Promise<{ readonly items: readonly Webhook[] }>;
  /** What waits, and the last deliveries that are over; newest first. With them, how the webhook stands at that moment. */
  listDeliveries(webhookId: string, options?: ListOptions): Promise<PageOfDeliveries>;
  /** Sends a delivery that is over once more. As with other orders about webhooks, support must give a reason, and owners give none. */
  resendDelivery(webhookId: string, deliveryId: string, reason?: string): Promise<void>;
  /** Passes over a delivery that waits. */
  skipDelivery(webhookId: string, deliveryId: string, reason?: string): Promise<void>;
  /** The secret is shown this once. */
  createWebhook(url: string): Promise<CreatedWebhook>;
  /** Sends `webhook.test`, behind what waits. Resolves with the delivery that it is. */
  testWebhook(webhookId: string, reason?: string): Promise<{ readonly deliveryId: string }>;
  /** A new secret; the former one signs too for a day. */
  rotateWebhook(webhookId: string): Promise<CreatedWebhook>;
  deleteWebhook(webhookId: string, reason?: string): Promise<void>;
  /** Tries the next delivery at once, also of a webhook that is disabled. */
  unblockWebhook(webhookId: string, reason?: string): Promise<void>;
  /** All that is kept of an owner, as NDJSON. */
  exportOwner(owner: string): Promise<Blob>;
  /** Changes that version of a contact alone; another one is refused (`precondition_failed`). */
  patchContactVersion(contactId: string, patch: ContactPatch, version: number): Promise<Contact>;
  /** Contacts that earlier releases have stored twice, under two spellings of one address. */
  listDuplicates(options?: ListOptions): Promise<PageOfTwiceStored>;
  /** The countries that imports and contacts know. */
  listCountries(): Promise<Page<Country>>;
  /** The own contacts as a CSV file, all or those that a search or an import names. */
  fetchContactsCsv(query?: ContactsFileQuery): Promise<Blob>;
  /** Erases for some seconds what is kept of an owner. Call it again until it is `done`. */
  eraseOwner(owner: string, reason?: string): Promise<ErasedOwner>;
}

export function createSupportApi(options: ApiOptions): SupportApi {
  const [request, requestJson] = createRequests(options);
  const list = <Items>(
    path: string,
    { signal, ...query }: ListOptions & { readonly correlationId?: string } = {},
  ) => requestJson<Items>(path, { query, signal });
  const order = <Answer = AuditItem>(reason: string, ...path: readonly (string | number)[]) =>
    requestJson<Answer>(pathOf(...path), { method: 'POST', body: { reason } });
  const blocked = ({ group, topic, partition }: BlockedPlace) => ['blocked', group, topic, partition];
  // The slashes of an id are part of its address.
  const deadLetter = (id: string) => ['dead-letters', ...id.split('/')];
  const reasoned = (reason: string | undefined) => (reason === undefined ? {} : { body: { reason } });
  const toWebhook = async (reason: string | undefined, ...path: readonly string[]): Promise<void> => {
    await request(pathOf('webhooks', ...path), { method: 'POST', ...reasoned(reason) });
  };
  const rejected = (importId: string, ...parts: readonly (string | number)[]) =>
    pathOf('imports', importId, 'rejected', ...parts);
  const chunks = (importId: string) => ['imports', importId, 'chunks'];
  return {
    openImportChannel: (importId) =>
      requestJson(pathOf('imports', importId, 'channel-tokens'), { method: 'POST' }),
    fetchRejectedXlsx: async (importId, query) =>
      (await request(pathOf('imports', importId, 'rejected.xlsx'), { query })).blob(),
    listRejected: (importId, options) => list(rejected(importId), options),
    getRejected: (importId, row, query) => requestJson(rejected(importId, row), { query }),
    mendRejected: (importId, rows, query) =>
      requestJson(rejected(importId), { method: 'PATCH', query, body: { rows } }),
    ignoreRejected: (importId, isIgnored) =>
      requestJson(rejected(importId, 'ignore'), { method: isIgnored ? 'POST' : 'DELETE' }),
    importMended: (importId) => requestJson(rejected(importId, 'import'), { method: 'POST' }),
    listEvents: (importId, options) => list(pathOf('imports', importId, 'events'), options),
    listTree: (correlationId, options) => list('/events', { correlationId, ...options }),
    listDeadLetters: (options) => list('/dead-letters', options),
    requeueDeadLetter: (id, reason) => order(reason, ...deadLetter(id), 'requeue'),
    skipDeadLetter: (id, reason) => order(reason, ...deadLetter(id), 'skip'),
    listBlocked: () => requestJson('/blocked'),
    retryBlocked: (place, reason) => order(reason, ...blocked(place), 'retry'),
    skipBlocked: (place, reason) => order(reason, ...blocked(place), 'skip'),
    listAudit: (options) => list('/audit', options),
    getServices: (signal) => requestJson('/services', { signal }),
    listCountries: () => requestJson('/reference/countries'),
    listChunks: (importId, options) => list(pathOf(...chunks(importId)), options),
    requeueChunk: (importId, chunk, reason) => order(reason, ...chunks(importId), chunk, 'requeue'),
    retryChunk: (importId, chunk, reason) => order(reason, ...chunks(importId), chunk, 'retry'),
    skipChunk: (importId, chunk, reason) => order(reason, ...chunks(importId), chunk, 'skip'),
    requeueChunks: (importId, reason) => order(reason, ...chunks(importId), 'requeue'),
    cancelImport: (importId, reason) => order(reason, 'imports', importId, 'cancel'),
    undoImport: (importId, reason) => order(reason, 'imports', importId, 'undo'),
    retryImport: (importId, reason) => order(reason, 'imports', importId, 'retry'),
    patchContactVersion: (contactId, body, version) =>
      requestJson(pathOf('contacts', contactId), {
        ...{ method: 'PATCH', body },
        headers: { 'If-Match': `"${version}"` },
      }),
    listDuplicates: (options) => list('/contacts/duplicates', options),
    fetchContactsCsv: async (query = {}) => (await request('/contacts.csv', { query })).blob(),
    listWebhooks: () => requestJson('/webhooks'),
    listDeliveries: (webhookId, options) => list(pathOf('webhooks', webhookId, 'deliveries'), options),
    resendDelivery: (webhookId, deliveryId, reason) =>
      toWebhook(reason, webhookId, 'deliveries', deliveryId, 'resend'),
    skipDelivery: (webhookId, deliveryId, reason) =>
      toWebhook(reason, webhookId, 'deliveries', deliveryId, 'skip'),
    createWebhook: (url) => requestJson('/webhooks', { method: 'POST', body: { url } }),
    testWebhook: (webhookId, reason) =>
      requestJson(pathOf('webhooks', webhookId, 'test'), { method: 'POST', ...reasoned(reason) }),
    rotateWebhook: (webhookId) => requestJson(pathOf('webhooks', webhookId, 'rotate'), { method: 'POST' }),
    deleteWebhook: async (webhookId, reason) => {
      await request(pathOf('webhooks', webhookId), { method: 'DELETE', ...reasoned(reason) });
    },
    unblockWebhook: (webhookId, reason) => toWebhook(reason, webhookId, 'unblock'),
    exportOwner: async (owner) => (await request(pathOf('owners', owner, 'export'))).blob(),
    eraseOwner: (owner, reason) =>
      requestJson(pathOf('owners', owner), {
        method: 'DELETE',
        ...reasoned(reason),
      }),
  };
}
