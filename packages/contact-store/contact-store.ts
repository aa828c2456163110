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
 * **The bucket rule.** Of all valid rows of a file for one contact, the highest owns the outcome: `created`, or `updated`
 * or `unchanged` by comparing the contact's final value with its value before the import; every other one is
 * `duplicate`. A blank cell keeps what is there; per contact and field, the highest row that says something wins. Chunks
 * run in any order, so a chunk answers with signed deltas that sum to its rows: it may move an earlier row's bucket.
 * Any chunking, any order and any redelivery give the same contacts and the same totals.
 *
 * **Bounds.** Rows that would make their contact larger than `MAX_CONTACT_BYTES`, or give it more than
 * `MAX_CONTACT_ATTRIBUTES`, are `rejected` (`contact_too_large`), with all of the chunk's rows for that contact. Where rows of
 * several chunks exceed the bounds only together, those of the chunks that are applied later are rejected.
 *
 * **Undo.** An import takes a contact back where the contact's version is the one that its own last write has left. Taking it back is a
 * write as well, and hands the contact on to the import that had written it before, so that this one can be undone next. A contact that was
 * deleted stays so, and is counted nowhere. One that another import has found `unchanged` since stays as it is: what that import has told of it
 * remains true. Once that import is undone as well, it holds nothing any more.
 *
 * **Addresses.** The key of an address decides which contact it is (email-key.ts). The contact shows the address as the highest row of the import has
 * written it that created the contact; another spelling is no change.
 *
 * **Writers.** Every write raises the contact's `version`. If someone else wrote a contact between two chunks of one
 * import, what they left is the new value to compare with, and to go back to.
 */
import type { RowCode } from '@tidings/contracts/codes.ts';
import type { Contact, ContactOrder, ContactPatch } from '@tidings/contracts/contact.ts';
import type { Delimiter } from '@tidings/contracts/csv.ts';
import type { FoldedImport } from '@tidings/contracts/folded-import.ts';
import type { PageOfContacts, PageOfTwiceStored, UndoItem } from '@tidings/contracts/http.ts';
import type { BucketCounts, ImportState, ImportStatus } from '@tidings/contracts/import.ts';
import type { AppliedChunk, ChunkToApply, GatedUpload, UnparsedChunk } from './chunk-to-apply.ts';
import type { KeptRejectedRow, MendedRow, MendOutcome } from './kept-rejected-row.ts';
import type { KeptRows, RemovedRows } from './kept-rows.ts';
import type { IndexedBatch } from './search/search-index.ts';

/** Bytes of a page of contacts as JSON, at most. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Contacts that one call of a search looks at, at most: an embedded database does nothing else meanwhile. */
export const SEARCHED_AT_A_TIME = 1_000;

/** Contacts of a page of an undo, at most. */
export const UNDO_PAGE_CONTACTS = 5_000;

export interface PageToUndo extends GatedUpload {
  readonly undoId: string;
  /** Which undo of the upload it is, from 1. A page of an undo before the last one does nothing. */
  readonly run: number;
  /** From 0. */
  readonly page: number;
  /** `next` of the page before it; null for the first one. */
  readonly after: string | null;
}

/** The contacts that the import had created or updated, by what became of them. */
export interface UndonePage {
  readonly reversed: number;
  /** Somebody else has written them since, or another import has found them as they are. */
  readonly kept: number;
  readonly failed: number;
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
  /** What the upload's other undos have done; with the first page alone. */
  readonly earlier?: Pick<UndonePage, 'reversed' | 'kept'>;
  /** The page was done before, and nothing was changed. */
  readonly replayed: boolean;
}

export interface ListUndoOptions {
  readonly importId: string;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

export interface ListWarnedRowsOptions {
  readonly importId: string;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

export interface ListContactsOptions {
  readonly owner: string;
  /**
   * Terms parted by blanks, all of which stand at the beginnings of words in the address, the names or the company, or begin the phone number;
   * without regard to case and accents.
   */
  readonly query?: string;
  /** Only contacts that this import has created, or has found. */
  readonly importId?: string;
  /** Default `email`. */
  readonly order?: ContactOrder;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
  /** Bytes of the page as JSON, at most `MAX_PAGE_BYTES`, which is the default. A page holds one contact in any case. */
  readonly maxBytes?: number;
}

export interface ListTwiceStoredOptions {
  readonly owner: string;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

/** Imports that a search for a text looks at, at most: no index has their file names. */
export const MAX_SEARCHED_IMPORTS = 5_000;

export interface ListImportsOptions {
  /** Default: imports of all owners, for support. */
  readonly owner?: string;
  /** Only imports of these statuses. */
  readonly statuses?: readonly ImportStatus[];
  /** Only imports whose file name or id has this text, in capital or small letters: of the newest `MAX_SEARCHED_IMPORTS` of the others' choice. */
  readonly text?: string;
  /** Only imports that come after this one in the order of the list. */
  readonly after?: ImportPosition;
  /** 1 to 500. */
  readonly limit: number;
}

/** The list's order: newest accepted first, then by id, descending. */
export interface ImportPosition {
  readonly acceptedAt: string;
  readonly importId: string;
}

/** An import that mends another one. */
export interface MendingImport extends ImportPosition {
  readonly mends: string;
}

export interface ListRejectedOptions {
  readonly importId: string;
  /** Only rows with this code. */
  readonly code?: RowCode;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

export interface ProjectedImport {
  readonly owner: string;
  readonly state: ImportState;
}

/** How an import's file is laid out, and the file of its rejected rows. */
export interface ImportLayout {
  /** The header's cells. */
  readonly header: readonly string[];
  readonly delimiter: Delimiter;
  /** By which rules its rows were read; null where an earlier release has read them. */
  readonly rules: Pick<ChunkToApply, 'columns' | 'defaultCountry' | 'invalidFields'> | null;
  /** Which columns the file of the rejected rows needs. A trait is true also where the ledger does not know it of some chunk. */
  readonly rejected: RejectedTraits;
}

export interface RejectedTraits {
  /** Some row has more cells than the header. */
  readonly surplusCells: boolean;
  /** Something is wrong with the record of some row: one of `recordCodes`. */
  readonly recordFaults: boolean;
}

/** Sums of the ledger of an import's chunks. */
export interface LedgerTotals {
  readonly chunks: number;
  readonly rows: number;
  readonly delta: BucketCounts;
}

/** A chunk that the ledger knows. */
export interface LedgerChunk {
  readonly chunk: number;
  readonly firstLine: number;
  readonly rows: number;
  readonly delta: BucketCounts;
}

/** What an import has done to a contact. */
export interface ExportedChange {
  readonly contactId: string;
  readonly bucket: 'created' | 'updated' | 'unchanged';
  /** By field, the values before the import; null where there was none, or nothing differs. */
  readonly before: Readonly<Record<string, string | null>> | null;
}

/** How the imports of the rebuilt projection stand to those of the running one, by import. */
export interface RebuildComparison {
  /** Imports that were built anew. */
  readonly rebuilt: number;
  /** Of those: the very same in both. */
  readonly same: number;
  /** Of the same version, but not of the same content. */
  readonly different: number;
  /** Those that are different, by id; 20 at most. */
  readonly differing: readonly string[];
  /** The running projection has a newer version, which is kept: the import went on meanwhile. */
  readonly goneOn: number;
  /** The running projection has an older version. */
  readonly behind: number;
  /** The running projection does not have it. */
  readonly missing: number;
  /** The running projection alone has it: the log no longer tells it from its beginning, or it ended just now. It is copied. */
  readonly copied: number;
}

/** The projection of ended imports, built once more beside the running one. */
export interface ProjectionRebuild {
  /** Keeps an import as `projectImport` does, in the second projection. */
  project(folded: FoldedImport): Promise<void>;
  compare(): Promise<RebuildComparison>;
  /**
   * Puts the second projection in the place of the running one, in one transaction, with what the running one alone has, or has in a newer
   * version. Resolves with the comparison of that moment.
   */
  switchOver(): Promise<RebuildComparison>;
  /** Removes the second projection; nothing has happened then. */
  discard(): Promise<void>;
}

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
   * A page of many bytes is short. A query for what many contacts hold reads the next `SEARCHED_AT_A_TIME` alone, as does every query while
   * contacts of the owner wait for the index: so a page may be empty and still have a cursor.
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
  /** The ended imports that mend one of these (500 at most), 100 of each, the newest first. */
  listMenders(importIds: readonly string[]): Promise<MendingImport[]>;
  /** null before the import's first chunk was applied. */
  importLayout(importId: string): Promise<ImportLayout | null>;
  /**
   * Rejected rows by row number, 4 MiB of cells at most, or one row.
   * @throws ContactStoreError `cursor_invalid`
   */
  listRejected(
    options: ListRejectedOptions,
  ): Promise<{ items: KeptRejectedRow[]; nextCursor: string | null }>;
  /** Those of the rows that are rejected, by number. @param rows from 0, 500 at most */
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
   * Notes whether what is left of the import's rejected rows is not to be mended. Resolves with false where the import keeps nothing of
   * its rows.
   */
  ignoreRest(importId: string, isIgnored: boolean): Promise<boolean>;
  /** Those of the imports (500 at most) whose rejected rows are not to be mended. */
  whoseRestIsIgnored(importIds: readonly string[]): Promise<string[]>;
  /** The imports that mended rows were handed to, 100 at most. */
  mendersOf(importId: string): Promise<string[]>;
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
   * From now on no upload of the owner that began before, or up to two seconds from now, leaves anything in the store: all rows of its
   * chunks are cancelled, and its import is not projected.
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
