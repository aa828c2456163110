/**
 * The schema as migrations. A released migration is never changed: add another one.
 *
 * `COLLATE "C"` on what is looked up or ordered by: the same order on every server, and the cheapest comparison.
 * No foreign keys: everything is written by this room alone, and each key would be one more look-up per imported row.
 */
import type { Queryable } from './database.ts';
import { type KeyedAddresses, keyAddresses } from './key-addresses.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Statements, run in this order in one transaction. */
  readonly statements: readonly string[];
  /** What follows the statements, in the same transaction. */
  readonly step?: (connection: Queryable) => Promise<KeyedAddresses>;
}

const contactsAndImports: readonly string[] = [
  // created_by_*: the chunk that creates the contact sets it for good. A plain creation is one by a single row that nothing has touched since:
  // `created_by_*` and version 1 are all that is kept of it (see contact-changes.ts).
  `CREATE TABLE contacts (
     id uuid PRIMARY KEY,
     owner text COLLATE "C" NOT NULL,
     email text COLLATE "C" NOT NULL,
     first_name text NOT NULL,
     last_name text NOT NULL,
     phone text NOT NULL,
     company text NOT NULL,
     country text NOT NULL,
     time_zone text NOT NULL,
     attributes jsonb NOT NULL,
     version int NOT NULL,
     created_by_import uuid,
     created_by_row int,
     UNIQUE (owner, email)
   )`,

  // Read FOR SHARE by every chunk's transaction; whoever closes a gate takes it FOR UPDATE, and so waits for all of them.
  `CREATE TABLE import_gates (
     import_id uuid PRIMARY KEY,
     owner text COLLATE "C" NOT NULL,
     state text NOT NULL CHECK (state IN ('open', 'closed')),
     header json
   )`,
  'CREATE INDEX import_gates_by_owner ON import_gates (owner)',

  // applied: false while somebody works on it; the counts are the chunk's delta.
  `CREATE TABLE chunk_ledger (
     import_id uuid NOT NULL,
     upload_id uuid NOT NULL,
     chunk int NOT NULL,
     first_line int NOT NULL,
     rows int NOT NULL,
     attempts int NOT NULL DEFAULT 0,
     applied boolean NOT NULL DEFAULT false,
     created int NOT NULL DEFAULT 0,
     updated int NOT NULL DEFAULT 0,
     unchanged int NOT NULL DEFAULT 0,
     duplicate int NOT NULL DEFAULT 0,
     rejected int NOT NULL DEFAULT 0,
     failed int NOT NULL DEFAULT 0,
     cancelled int NOT NULL DEFAULT 0,
     PRIMARY KEY (import_id, upload_id, chunk)
   )`,

  // before: by field the value to compare with and to go back to, of those fields only that the import has changed; null
  // unless the bucket is 'updated'. field_rows: see field-rows.ts. json, not jsonb: they are only ever read whole.
  `CREATE TABLE contact_changes (
     import_id uuid NOT NULL,
     contact_id uuid NOT NULL,
     bucket text NOT NULL CHECK (bucket IN ('created', 'updated', 'unchanged')),
     before json,
     version_after int NOT NULL,
     highest_row int NOT NULL,
     field_rows json NOT NULL,
     PRIMARY KEY (import_id, contact_id)
   )`,

  // cells: json, because jsonb cannot hold the NUL bytes for which a row may have been rejected.
  `CREATE TABLE row_errors (
     import_id uuid NOT NULL,
     row int NOT NULL,
     line int NOT NULL,
     code text NOT NULL,
     reason text NOT NULL,
     cells json NOT NULL,
     PRIMARY KEY (import_id, row)
   )`,

  `CREATE TABLE imports (
     import_id uuid PRIMARY KEY,
     owner text COLLATE "C" NOT NULL,
     status text NOT NULL,
     accepted_at timestamptz NOT NULL,
     version bigint NOT NULL,
     state json NOT NULL
   )`,
  'CREATE INDEX imports_by_owner ON imports (owner, accepted_at DESC, import_id DESC)',
  'CREATE INDEX imports_newest_first ON imports (accepted_at DESC, import_id DESC)',
];

const gatesOfUploads: readonly string[] = [
  // upload_id: the upload whose chunks the gate lets in; attempt: how many uploads the import had before it.
  `ALTER TABLE import_gates ADD COLUMN upload_id uuid, ADD COLUMN attempt int NOT NULL DEFAULT 0`,
  `UPDATE import_gates SET upload_id = coalesce(
     (SELECT upload_id FROM chunk_ledger WHERE chunk_ledger.import_id = import_gates.import_id
       ORDER BY upload_id DESC LIMIT 1), import_id)`,
  'ALTER TABLE import_gates ALTER COLUMN upload_id SET NOT NULL',
  // Null is the first attempt, so that most rows need no bytes for it.
  'ALTER TABLE contacts ADD COLUMN created_by_attempt int',
  'ALTER TABLE contact_changes ADD COLUMN attempt int',
];

const undoOfImports: readonly string[] = [
  // last_import: the import that wrote the contact last; null where that was somebody else, or its creation.
  'ALTER TABLE contacts ADD COLUMN last_import uuid',
  // The import that had written the contact before this one did, and the version that it had left: an undo hands the contact back to it.
  'ALTER TABLE contact_changes ADD COLUMN previous_import uuid, ADD COLUMN previous_version int',
  `CREATE TABLE undo_pages (
     import_id uuid NOT NULL,
     undo_id uuid NOT NULL,
     page int NOT NULL,
     reversed int NOT NULL DEFAULT 0,
     kept int NOT NULL DEFAULT 0,
     failed int NOT NULL DEFAULT 0,
     next uuid,
     PRIMARY KEY (import_id, undo_id, page)
   )`,
  // Of the last undo of each import: the contacts that it could not take back.
  `CREATE TABLE undo_outcomes (
     import_id uuid NOT NULL,
     contact_id uuid NOT NULL,
     outcome text NOT NULL CHECK (outcome IN ('kept', 'failed')),
     reason text NOT NULL,
     PRIMARY KEY (import_id, contact_id)
   )`,
];

const creationsOfChunks: readonly string[] = [
  // Between which ids the contacts lie that the chunk created; null where it created none. They are ids of UUIDv7, made in a moment, so
  // hardly others lie between them. An index of the contacts by import made an import a tenth slower.
  'ALTER TABLE chunk_ledger ADD COLUMN first_contact uuid, ADD COLUMN last_contact uuid',
  `UPDATE chunk_ledger SET first_contact = made.first, last_contact = made.last
     FROM (SELECT created_by_import, min(id::text)::uuid AS first, max(id::text)::uuid AS last
             FROM contacts WHERE created_by_import IS NOT NULL GROUP BY created_by_import) AS made
    WHERE import_id = created_by_import`,
];

const undosThatBeginAgain: readonly string[] = [
  // The last undo of the gate's upload, from 1; 0 before the first.
  'ALTER TABLE import_gates ADD COLUMN undo_run int NOT NULL DEFAULT 0',
  // Both tables are about the gate's upload alone. What an earlier one has left behind an open gate is forgotten here, later by whoever takes the gate.
  ...['undo_pages', 'undo_outcomes'].map(
    (table) =>
      `DELETE FROM ${table} USING import_gates AS gate WHERE gate.import_id = ${table}.import_id AND state = 'open'`,
  ),
];

const erasedOwners: readonly string[] = [
  // last_upload: the greatest id of an upload that began before the erasure; none up to it may leave anything any more.
  `CREATE TABLE erased_owners (
     owner text COLLATE "C" PRIMARY KEY,
     last_upload uuid NOT NULL,
     erased_at timestamptz NOT NULL DEFAULT now()
   )`,
];

const formerUploads: readonly string[] = [
  // Whether rows of the upload that had the gate before may still be there: see former-upload.ts.
  'ALTER TABLE import_gates ADD COLUMN former_remains boolean NOT NULL DEFAULT false',
  // The upload by which the import was sealed, which no other one replaces; null where none did, or an earlier release has kept it.
  'ALTER TABLE imports ADD COLUMN sealed_upload uuid',
];

const spaceThatIsUsedAgain: readonly string[] = [
  // By default a fifth of a table is dead before a server cleans it up: of a hundred million contacts that is too late.
  ...['contacts', 'contact_changes', 'row_errors', 'chunk_ledger'].map(
    (table) => `ALTER TABLE ${table} SET (autovacuum_vacuum_scale_factor = 0.05)`,
  ),
];

const reasonsAsCodes: readonly string[] = [
  // parameters: what the sentences of the codes need, with a version; null in rows of earlier releases, which kept sentences.
  'ALTER TABLE row_errors ADD COLUMN parameters json, ALTER COLUMN reason DROP NOT NULL',
];

const confirmedImports: readonly string[] = [
  // import_id has found contacts as the import confirmed had left them: see confirmations.ts.
  `CREATE TABLE confirmed_imports (
     import_id uuid NOT NULL,
     confirmed uuid NOT NULL,
     PRIMARY KEY (import_id, confirmed)
   )`,
  'CREATE INDEX confirmed_imports_by_confirmed ON confirmed_imports (confirmed)',
];

const mendedRows: readonly string[] = [
  // rules: what each column is for, and the default country, by which mended rows are read again; null of imports of earlier releases.
  'ALTER TABLE import_gates ADD COLUMN rules json',
  // mended: the cells that a person has written; taken_by: the import that they were handed to.
  'ALTER TABLE row_errors ADD COLUMN mended json, ADD COLUMN taken_by uuid',
  // mends: the import whose rejected rows it mends.
  'ALTER TABLE imports ADD COLUMN mends uuid',
  'CREATE INDEX imports_that_mend ON imports (mends) WHERE mends IS NOT NULL',
];

const searchIndex: readonly string[] = [
  // null: last written by a release that kept no times.
  'ALTER TABLE contacts ADD COLUMN changed_at timestamptz',
  'ALTER TABLE contacts ALTER COLUMN changed_at SET DEFAULT now()',
  // See search-index.ts. version: the contact's, of which the entry tells.
  `CREATE TABLE contact_search (
     contact_id uuid PRIMARY KEY,
     owner text COLLATE "C" NOT NULL,
     version int NOT NULL,
     name_key text COLLATE "C" NOT NULL,
     changed_at timestamptz NOT NULL,
     words tsvector NOT NULL
   )`,
  'CREATE INDEX contact_search_by_name ON contact_search (owner, name_key, contact_id)',
  'CREATE INDEX contact_search_by_change ON contact_search (owner, changed_at, contact_id)',
  'CREATE INDEX contact_search_by_words ON contact_search USING gin (words)',
  // entries: how many contacts wait; created: by how much the owner's total changes once the row is taken.
  `CREATE TABLE search_queue (
     seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     owner text COLLATE "C" NOT NULL,
     contacts uuid[] NOT NULL,
     entries int NOT NULL,
     created int NOT NULL,
     queued_at timestamptz NOT NULL DEFAULT now()
   )`,
  'CREATE INDEX search_queue_by_owner ON search_queue (owner)',
  'CREATE TABLE contact_totals (owner text COLLATE "C" PRIMARY KEY, contacts int NOT NULL)',
  // Copies of dry runs belong to owners whose names begin with a control character.
  `INSERT INTO contact_totals SELECT owner, count(*) FROM contacts WHERE owner >= '!' GROUP BY owner`,
  `INSERT INTO search_queue (owner, contacts, entries, created)
     SELECT owner, array_agg(id), count(*), 0
       FROM (SELECT owner, id, row_number() OVER (PARTITION BY owner ORDER BY email) / 1000 AS part
               FROM contacts WHERE owner >= '!') AS parts
      GROUP BY owner, part`,
];

const spellingsOfAddresses: readonly string[] = [
  // email is the key. email_spelling: the address as it was written; null: as the key is. spelling_of: the key of the address, which another
  // contact has: see twice-stored.ts.
  'ALTER TABLE contacts ADD COLUMN email_spelling text, ADD COLUMN spelling_of text COLLATE "C"',
  'CREATE INDEX contacts_stored_twice ON contacts (owner, spelling_of, id) WHERE spelling_of IS NOT NULL',
];

/** In the order of their versions, 1, 2, 3 … */
export const migrations: readonly Migration[] = [
  { version: 1, name: 'contacts and imports', statements: contactsAndImports },
  {
    version: 2,
    name: 'delimiter of imports',
    statements: ['ALTER TABLE import_gates ADD COLUMN delimiter text'],
  },
  {
    version: 3,
    name: 'rejected rows of chunks',
    statements: [
      // What the rejected rows of earlier chunks need is not known, so both columns count as needed.
      `ALTER TABLE chunk_ledger
         ADD COLUMN rejected_surplus_cells boolean NOT NULL DEFAULT true,
         ADD COLUMN rejected_record_faults boolean NOT NULL DEFAULT true,
         DROP COLUMN attempts, DROP COLUMN applied`,
      `ALTER TABLE chunk_ledger
         ALTER COLUMN rejected_surplus_cells SET DEFAULT false, ALTER COLUMN rejected_record_faults SET DEFAULT false`,
    ],
  },
  {
    version: 4,
    name: 'folded imports',
    // The imports of earlier releases are states alone: see folded-from-state.ts.
    statements: ['ALTER TABLE imports RENAME COLUMN state TO folded'],
  },
  {
    version: 5,
    name: 'retention',
    statements: [
      'ALTER TABLE imports ADD COLUMN ended_at timestamptz, ADD COLUMN details_removed boolean NOT NULL DEFAULT false',
      `UPDATE imports SET ended_at =
         coalesce((folded->'state'->>'endedAt')::timestamptz, (folded->>'endedAt')::timestamptz, accepted_at)`,
      'ALTER TABLE imports ALTER COLUMN ended_at SET NOT NULL',
      'CREATE INDEX imports_with_details ON imports (ended_at) WHERE NOT details_removed',
    ],
  },
  { version: 6, name: 'gates of uploads', statements: gatesOfUploads },
  { version: 7, name: 'undo of imports', statements: undoOfImports },
  { version: 8, name: 'creations of chunks', statements: creationsOfChunks },
  { version: 9, name: 'undos that begin again', statements: undosThatBeginAgain },
  { version: 10, name: 'erased owners', statements: erasedOwners },
  { version: 11, name: 'former uploads', statements: formerUploads },
  { version: 12, name: 'space that is used again', statements: spaceThatIsUsedAgain },
  { version: 13, name: 'reasons as codes', statements: reasonsAsCodes },
  { version: 14, name: 'confirmed imports', statements: confirmedImports },
  { version: 15, name: 'mended rows', statements: mendedRows },
  {
    version: 16,
    name: 'warnings of rows',
    statements: ['ALTER TABLE row_errors ADD COLUMN is_warning boolean NOT NULL DEFAULT false'],
  },
  { version: 17, name: 'search index', statements: searchIndex },
  { version: 18, name: 'spellings of addresses', statements: spellingsOfAddresses, step: keyAddresses },
  {
    version: 19,
    name: 'rejected rows that nobody is to mend',
    statements: ['ALTER TABLE import_gates ADD COLUMN rest_ignored boolean NOT NULL DEFAULT false'],
  },
  {
    version: 20,
    name: 'counted changes of what is ignored',
    statements: [
      `ALTER TABLE import_gates ADD COLUMN rest_changes integer NOT NULL DEFAULT 0,
                                ADD COLUMN rest_told integer NOT NULL DEFAULT 0`,
    ],
  },
  {
    version: 21,
    name: 'imports by status',
    statements: ['CREATE INDEX imports_by_status ON imports (status, accepted_at DESC, import_id DESC)'],
  },
  {
    version: 22,
    name: 'queued ids as they are',
    // They live for seconds, and to compress random ids costs more than it saves.
    statements: ['ALTER TABLE search_queue ALTER COLUMN contacts SET STORAGE EXTERNAL'],
  },
];
