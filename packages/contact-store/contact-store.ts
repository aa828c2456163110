/**
 * The port to the contacts and to everything that an import leaves in the database. Only this package has SQL.
 *
 * **One chunk, one transaction.** `applyChunk` looks at the import's gate, enters the chunk into the ledger, upserts its
 * rows, keeps the rejected ones and the before-images, and commits all of it or nothing. The ledger row
 * (import, upload, chunk) decides who applied a chunk first: a chunk delivered again changes nothing and gets the same
 * answer again.
 *
 * **The gate** lets in the chunks of one upload. The first chunk of a newer upload (the order of UUIDv7) takes the gate over; for an
 * older upload it is closed from then on. `closeGate` waits for the chunks in hand; no later one writes anything: all of its
 * rows are `cancelled`. A gate that is closed for an upload stays closed for it.
 *
 * **A further upload of the same import** counts as if it were the only one: what an upload before it has left is the import's own
 * work, and its rows are counted anew.
 *
 * **The bucket rule.** Of all valid rows of a file for one contact, the highest owns the outcome: `created`, `updated` or `unchanged`. A contact that
 * was there before is `unchanged` where its final value is the one from before the import. Every other row is `duplicate`. A blank cell keeps what is there; per contact and field, the highest row that says something wins. Chunks
 * run in any order, so a chunk answers with signed deltas that sum to its rows: it may move an earlier row's bucket.
 * Any chunking, any order and any redelivery give the same contacts and the same totals.
 *
 * **Bounds.** Rows that would make their contact larger than `MAX_CONTACT_BYTES`, or give it more than
 * `MAX_CONTACT_ATTRIBUTES`, are `rejected` (`contact_too_large`), with all of the chunk's rows for that contact. Where rows of
 * several chunks exceed the bounds only together, those of the chunks that are applied later are rejected.
 *
 * **Undo.** An import takes a contact back where the contact's version is the one that its own last write has left. Taking it back is a
 * write as well, and hands the contact on to the import that had written it before, so that this one can be undone next. A contact that was
 * deleted stays so, and is counted nowhere. A contact that another import has found `unchanged` since stays as it is, so that what that import has
 * told of it remains true. Once that import is undone as well, it keeps no contact as it is.
 *
 * **Addresses.** The key of an address decides which contact it is (email-key.ts). The contact shows the address as the highest row of the import has
 * written it that created the contact; another spelling is no change.
 *
 * **Writers.** Every write raises the contact's `version`. If someone else wrote a contact between two chunks of one
 * import, what they left is the new value to compare with, and to go back to.
 */
import type { Contact, ContactPatch } from '@tidings/contracts/contacts/contact.ts';
import type { PageOfContacts, PageOfTwiceStored } from '@tidings/contracts/contacts/listed-contacts.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import type { UndoItem } from '@tidings/contracts/imports/undo-outcomes.ts';
import type { AppliedChunk, ChunkToApply, GatedUpload, UnparsedChunk } from './chunk-to-apply.ts';
import type {
  ImportLayout,
  LedgerChunk,
  LedgerTotals,
  ListedMender,
  ListImportsOptions,
  ListRejectedOptions,
  ListWarnedRowsOptions,
  ProjectedImport,
} from './kept-imports.ts';
import type { KeptRejectedRow, MendedRow, MendOutcome, RestOfRows } from './kept-rejected-row.ts';
import type { KeptRows, RemovedRows } from './kept-rows.ts';
import type { ExportedChange, ListContactsOptions, ListTwiceStoredOptions } from './listed-contacts.ts';
import type { ProjectionRebuild } from './projection-rebuild.ts';
import type { IndexedBatch } from './search/search-index.ts';
import type { ListUndoOptions, PageToUndo, UndonePage } from './undo-page.ts';

export interface ContactStore {
  /**
   * @throws ContactStoreError `store_unavailable`: try again. Usually nothing was changed. Where the connection was lost
   *   during the commit, the whole chunk may be applied, and the same chunk is then answered from the ledger.
   */
  applyChunk(chunk: ChunkToApply): Promise<AppliedChunk>;
  /**
   * Closes the gate for an upload once its chunks in hand are done; makes a closed one where there is none. Does nothing where a newer
   * upload has the gate. @throws ContactStoreError `store_unavailable`
   */
  closeGate(upload: GatedUpload): Promise<void>;
  /**
   * Enters chunks of one upload as cancelled, in one transaction, where the gate is closed for it; null, and nothing changed, where it is not.
   * Answers in the order given. @throws ContactStoreError `store_unavailable`: try again
   */
  cancelChunks(chunks: readonly UnparsedChunk[]): Promise<AppliedChunk[] | null>;
  /** Whether the gate is closed for the upload, so that no further chunk of it is ever written. */
  isClosed(upload: Pick<GatedUpload, 'importId' | 'uploadId'>): Promise<boolean>;
  ledgerTotals(importId: string, uploadId: string): Promise<LedgerTotals>;
  /** Chunks of the upload that were worked off, by number: those from `from` on and below `below`, at most 1,000 numbers. */
  ledgerChunks(options: {
    readonly importId: string;
    readonly uploadId: string;
    readonly from: number;
    readonly below: number;
  }): Promise<LedgerChunk[]>;

  /**
   * Takes a page of an import back in one transaction: it closes the gate, removes the contacts that the import created, and restores the
   * others from their before-images, each where nobody else has written it since. What it has looked at is the import's no
   * more. A page that was done before changes nothing and gets the same answer again; where a newer upload has the gate,
   * there is nothing to take back. Where a later undo has begun, nothing changes, and one contact is told as failed.
   * @throws ContactStoreError `store_unavailable`: try again
   */
  undoPage(page: PageToUndo): Promise<UndonePage>;
  /**
   * Passes a page over that cannot be undone: its contacts count as failed, and stay as they are. They are still the import's, so that a
   * later undo finds them. The ledger is the same.
   */
  failUndoPage(page: PageToUndo): Promise<UndonePage>;
  /** What the undos of an import's last upload have left as it was, by contact; not those that were deleted since. @throws ContactStoreError `cursor_invalid` */
  listUndo(options: ListUndoOptions): Promise<{ items: UndoItem[]; nextCursor: string | null }>;

  /**
   * A page of many bytes is short. A query for what many contacts hold reads the next `SEARCHED_AT_A_TIME` alone. So does every query while
   * contacts of the owner wait for the index. Such a page may be empty and still have a cursor.
   * @throws ContactStoreError `cursor_invalid`
   */
  listContacts(options: ListContactsOptions): Promise<PageOfContacts>;
  /**
   * Contacts that are stored twice, since an earlier release took spellings of one address for several: by key. To delete one of two
   * leaves the other one, which imports find from then on. @throws ContactStoreError `cursor_invalid`
   */
  listTwiceStored(options: ListTwiceStoredOptions): Promise<PageOfTwiceStored>;
  /** null where the owner has no such contact. */
  getContact(owner: string, id: string): Promise<Contact | null>;
  /**
   * Changes the fields given, raises the version; null where the owner has no such contact.
   * @param version that the contact must have; default: any
   * @throws ContactStoreError `contact_too_large`, `contact_changed`
   */
  patchContact(owner: string, id: string, patch: ContactPatch, version?: number): Promise<Contact | null>;
  /** Erases the contact with its before-images and the rejected rows that hold its address. False where there is none. */
  deleteContact(owner: string, id: string): Promise<boolean>;

  /**
   * Keeps what the log has of an import that has ended, unless a newer version is kept already, or one that another upload has sealed,
   * or its owner was erased. Waits for the chunks in hand of an import with failed ones: a chunk that comes later says `hasEnded`.
   */
  projectImport(folded: FoldedImport): Promise<void>;
  /** Begins to build the projection once more. Needs the right to make a schema in the database. */
  beginRebuild(): Promise<ProjectionRebuild>;
  /** As it was projected last, so that the import can go on from there. Also reads what every earlier release has kept. */
  getImport(importId: string): Promise<FoldedImport | null>;
  /** Newest accepted first. */
  listImports(options: ListImportsOptions): Promise<ProjectedImport[]>;
  /** The ended imports that mend one of these (500 at most), and those that mend such ones, the newest first: `MAX_LISTED_MENDERS` at most. */
  listMenders(importIds: readonly string[]): Promise<ListedMender[]>;
  /** null before the import's first chunk was applied. */
  importLayout(importId: string): Promise<ImportLayout | null>;
  /**
   * Rejected rows by row number, 4 MiB of cells at most, or one row.
   * @throws ContactStoreError `cursor_invalid`
   */
  listRejected(
    options: ListRejectedOptions,
  ): Promise<{ items: KeptRejectedRow[]; nextCursor: string | null }>;
  /** The rejected rows among these, by number. @param rows from 0, 500 at most */
  rejectedByNumber(importId: string, rows: readonly number[]): Promise<KeptRejectedRow[]>;
  /** How many rejected rows stand on one of the lines. @param lines of the file, 1,000 at most */
  countRejectedAt(importId: string, lines: readonly number[]): Promise<number>;
  /** Keeps how somebody has mended rows: all of them, or none. */
  mendRejected(importId: string, rows: readonly MendedRow[]): Promise<MendOutcome>;
  /** Hands all mended rows that no import has to the one that `by` names. Resolves with their number. */
  handMended(importId: string, by: string): Promise<number>;
  /** Takes rows back from an import that has come to nothing. */
  takeBackMended(importId: string, by: string): Promise<void>;
  /**
   * Notes whether what is left of the import's rejected rows is not to be mended. Resolves with null where the import keeps nothing of
   * its rows. `isTold`: whether `noteRestTold` has been called for that many changes.
   */
  ignoreRest(importId: string, isIgnored: boolean): Promise<{ changes: number; isTold: boolean } | null>;
  /** Notes that everybody has been told of the changes up to this one. */
  noteRestTold(importId: string, changes: number): Promise<void>;
  /** Of the imports (500 at most), those that keep anything of their rows, in any order. */
  restsOf(importIds: readonly string[]): Promise<RestOfRows[]>;
  /** The imports that mended rows were handed to, in batches of at most 100. */
  mendersOf(importId: string): AsyncIterable<string[]>;
  /** The rows that were handed to an import, in batches as below. */
  mendedRows(importId: string, by: string): AsyncIterable<KeptRejectedRow[]>;
  /** Rejected rows by row number, in batches of at most 1,000 rows and 1 MiB, or of one row. */
  rejectedRows(importId: string): AsyncIterable<KeptRejectedRow[]>;
  /** Rows that were imported without a value, by row number; the last page is empty. @throws ContactStoreError `cursor_invalid` */
  listWarnedRows(
    options: ListWarnedRowsOptions,
  ): Promise<{ items: KeptRejectedRow[]; nextCursor: string | null }>;

  /**
   * Removes copies that a dry run has made of its owner's contacts, in one transaction. Call it once the import has ended, until it
   * answers false: it removes 10,000 at most.
   */
  removeDryRun(importId: string): Promise<boolean>;
  /**
   * Removes, in one transaction, details of imports that ended before a time: before-images, rejected rows, ledger and gates. Their
   * summaries stay. Call it until it removes nothing. null where another process is at work.
   * @param options `endedBefore`: ISO 8601; `limit`: rows, 1 to 10,000
   */
  removeOldDetails(options: {
    readonly endedBefore: string;
    readonly limit: number;
  }): Promise<RemovedRows | null>;
  /** Estimates of the database's own statistics, which are taken anew: within a few percent for large tables. */
  estimateKeptRows(): Promise<KeptRows>;
  /**
   * Lets new rows use the space of removed ones where the database does not do so by itself. Call it after `estimateKeptRows`, which counts
   * the dead rows too. Resolves with the tables that were worth it.
   */
  reclaimSpace(): Promise<string[]>;
  /**
   * Bars the uploads of the owner that have begun, or begin within two seconds from now. Such an upload leaves nothing more in the store: all rows
   * of its chunks are cancelled, and its import is not projected.
   */
  barOwner(owner: string): Promise<void>;
  /** Whether `barOwner` holds for the upload. */
  isErased(upload: Pick<GatedUpload, 'owner' | 'uploadId'>): Promise<boolean>;
  /**
   * Removes, in one transaction, rows of all that is kept of an owner who was barred. Call it until it removes nothing.
   * @param limit rows, 1 to 10,000
   */
  eraseOwner(owner: string, limit: number): Promise<RemovedRows>;
  /** What the import has done to each contact that still exists, in batches of at most 500 changes and 1 MiB, or of one. */
  exportChanges(importId: string): AsyncIterable<ExportedChange[]>;

  /**
   * Brings the index of the search up to date for contacts that were written before, the oldest first, in one transaction. Call it until
   * none waits. null where another process is at work.
   * @param limit contacts, from 1; a chunk's are done at once, however many they are
   */
  indexContacts(limit: number): Promise<IndexedBatch | null>;

  /** Resolves when the database has answered a trivial query. @throws ContactStoreError `store_unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}
