/** Makes the `ContactStore` of any `Database`, whose schema must be up to date (`migrate`). */
import { z } from 'zod';
import { applyChunk } from './chunks/apply-chunk.ts';
import { importLayout, ledgerChunks, ledgerTotals } from './chunks/chunk-ledger.ts';
import { removeDryRun } from './chunks/dry-run.ts';
import { cancelChunks, closeGate, isClosed } from './chunks/import-gate.ts';
import type { ContactStore } from './contact-store.ts';
import { listContacts } from './contacts/contact-pages.ts';
import { deleteContact, getContact, patchContact } from './contacts/one-contact.ts';
import type { Database } from './databases/database.ts';
import { migrate, type StoreLogger } from './databases/migrations.ts';
import { openPglite, type PgliteOptions } from './databases/pglite.ts';
import { openPostgres, type PostgresOptions } from './databases/postgres.ts';
import { migrateServer } from './databases/postgres-start.ts';
import { isErased } from './imports/barred-uploads.ts';
import {
  countRejectedAt,
  handMended,
  ignoreRest,
  listRejected,
  mendedRows,
  mendersOf,
  mendRejected,
  noteRestTold,
  rejectedByNumber,
  restsOf,
  takeBackMended,
} from './imports/mended-rows.ts';
import { getImport, listImports, listMenders, projectImport } from './imports/projected-imports.ts';
import { beginRebuild } from './imports/rebuild.ts';
import { listWarnedRows, rejectedRows } from './imports/rejected-rows.ts';
import { estimateKeptRows, reclaimSpace, removeOldDetails } from './retention/old-details.ts';
import { barOwner, eraseOwner, exportChanges } from './retention/owners.ts';
import { indexQueued } from './search/search-index.ts';
import { listTwiceStored } from './spellings/twice-stored.ts';
import { takePageBack } from './undo/take-page-back.ts';
import { listUndo } from './undo/undo-outcomes.ts';

/** An id may be any text that somebody types: a text that is no UUID names no contact and no import. */
function isId(id: string): boolean {
  return z.uuid().safeParse(id).success;
}

async function* nothing(): AsyncGenerator<never> {}

export function createContactStore(database: Database): ContactStore {
  return {
    applyChunk: (chunk) => applyChunk(database, chunk),
    closeGate: (upload) => closeGate(database, upload),
    cancelChunks: (chunks) => cancelChunks(database, chunks),
    isClosed: (upload) => isClosed(database, upload),
    ledgerTotals: (importId, uploadId) => ledgerTotals(database, importId, uploadId),
    ledgerChunks: (options) => ledgerChunks(database, options),
    undoPage: (page) => takePageBack(database, page, 'reverse'),
    failUndoPage: (page) => takePageBack(database, page, 'pass over'),
    listUndo: async (options) =>
      isId(options.importId) ? listUndo(database, options) : { items: [], nextCursor: null },
    listContacts: async (options) =>
      options.importId === undefined || isId(options.importId)
        ? listContacts(database, options)
        : { items: [], nextCursor: null, total: 0, unsorted: 0 },
    indexContacts: (limit) => indexQueued(database, limit),
    listTwiceStored: (options) => listTwiceStored(database, options),
    getContact: async (owner, id) => (isId(id) ? getContact(database, owner, id) : null),
    patchContact: async (owner, id, patch, version) =>
      isId(id) ? patchContact(database, owner, id, patch, version) : null,
    deleteContact: async (owner, id) => isId(id) && deleteContact(database, owner, id),
    projectImport: (folded) => projectImport(database, folded),
    beginRebuild: () => beginRebuild(database),
    getImport: async (importId) => (isId(importId) ? getImport(database, importId) : null),
    listImports: (options) => listImports(database, options),
    listMenders: async (importIds) => listMenders(database, importIds.filter(isId)),
    importLayout: async (importId) => (isId(importId) ? importLayout(database, importId) : null),
    listRejected: async (options) =>
      isId(options.importId) ? listRejected(database, options) : { items: [], nextCursor: null },
    rejectedByNumber: async (importId, rows) =>
      isId(importId) ? rejectedByNumber(database, importId, rows) : [],
    countRejectedAt: async (importId, lines) =>
      isId(importId) ? countRejectedAt(database, importId, lines) : 0,
    mendRejected: async (importId, rows) =>
      isId(importId) ? mendRejected(database, importId, rows) : 'gone',
    handMended: (importId, by) => handMended(database, importId, by),
    takeBackMended: (importId, by) => takeBackMended(database, importId, by),
    ignoreRest: async (importId, isIgnored) =>
      isId(importId) ? ignoreRest(database, importId, isIgnored) : null,
    noteRestTold: (importId, changes) => noteRestTold(database, importId, changes),
    restsOf: async (importIds) => restsOf(database, importIds.filter(isId)),
    mendersOf: (importId) => mendersOf(database, importId),
    mendedRows: (importId, by) => mendedRows(database, importId, by),
    rejectedRows: (importId) => (isId(importId) ? rejectedRows(database, importId) : nothing()),
    removeDryRun: (importId) => removeDryRun(database, importId),
    listWarnedRows: async (options) =>
      isId(options.importId) ? listWarnedRows(database, options) : { items: [], nextCursor: null },
    removeOldDetails: (options) => removeOldDetails(database, options),
    estimateKeptRows: () => estimateKeptRows(database),
    reclaimSpace: () => reclaimSpace(database),
    barOwner: (owner) => barOwner(database, owner),
    isErased: (upload) => isErased(database, upload),
    eraseOwner: (owner, limit) => eraseOwner(database, owner, limit),
    exportChanges: (importId) => (isId(importId) ? exportChanges(database, importId) : nothing()),
    ping: async () => {
      await database.query('SELECT 1');
    },
    close: () => database.close(),
  };
}

/**
 * Opens the embedded contact store in a folder, or in memory, and brings its schema up to date.
 * @param inTurn as of `PgliteOptions`
 * @throws ContactStoreError `schema_unknown`, `store_unavailable`
 */
export async function openEmbeddedContactStore(
  directory: string | 'memory',
  logger?: StoreLogger,
  inTurn?: PgliteOptions['inTurn'],
): Promise<ContactStore> {
  const database = await openPglite(directory, { inTurn });
  try {
    await migrate(database, undefined, logger);
  } catch (error) {
    await database.close();
    throw error;
  }
  return createContactStore(database);
}

/**
 * Opens the contact store on a PostgreSQL server and brings its schema up to date, by any number of processes at the same
 * time. `connections` bounds this store alone: open one for each kind of work, on the same URL, to keep them apart.
 * @throws ContactStoreError `store_unavailable`: the server was not reached, try again; `store_refused`: the server refuses this
 *   user, or has no such database; `schema_unknown`
 */
export async function openPostgresContactStore(options: PostgresOptions): Promise<ContactStore> {
  await migrateServer(options);
  return createContactStore(openPostgres(options));
}
