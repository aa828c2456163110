/**
 * The index of the search: a projection of the contacts, in a table of its own. Kept with the rows, such an index made imports eight times
 * as slow. So whoever writes many contacts leaves their ids in a queue, one row for a chunk, in the same transaction, and `indexQueued` writes the
 * entries in batches afterwards. A contact that is deleted takes its entry along at once.
 *
 * **Locks.** A batch runs alone, and not beside a deletion: else it could write the entry of a contact that it has read just before.
 */
import { createHash } from 'node:crypto';
import type { ContactImage } from '../contact-image.ts';
import type { Database, Queryable } from '../databases/database.ts';
import { type IndexTerm, indexWordsOf, nameKeyOf, SEARCHED_LENGTH, type SearchQuery } from './search-text.ts';

/** Any number that nobody else locks: batches hold it alone, deletions beside each other. */
const INDEX_LOCK = 7_240_613;

/** Queued rows of a batch, at most, whatever they hold: those of deletions hold nothing. */
const QUEUED_AT_A_TIME = 100;

/** Part of each word in the index, so that one owner's words are found apart from the others'. Two owners may share one. */
function markOf(owner: string): string {
  return createHash('sha256').update(owner).digest('base64url').slice(0, 4);
}

export interface WrittenContacts {
  readonly owner: string;
  /** Of contacts that were written. */
  readonly ids: readonly string[];
  /** By how much the number of the owner's contacts has changed. */
  readonly created: number;
}

/** Leaves contacts for the index, and counts them, in the transaction that writes them. */
export async function queueForIndex(
  connection: Queryable,
  { owner, ids, created }: WrittenContacts,
): Promise<void> {
  if (ids.length === 0 && created === 0) return;
  await connection.query(
    `INSERT INTO search_queue (owner, contacts, entries, created) VALUES ($1, $2::text[]::uuid[], $3, $4)`,
    [owner, ids, ids.length, created],
  );
}

/** Call it before contacts are deleted: from now on no batch runs until the transaction ends. */
export async function barIndexing(connection: Queryable): Promise<void> {
  await connection.query(`SELECT pg_advisory_xact_lock_shared(${INDEX_LOCK})`);
}

/** Removes the entries of contacts that were deleted, behind `barIndexing`, and counts them. */
export async function removeFromIndex(
  connection: Queryable,
  owner: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await connection.query('DELETE FROM contact_search WHERE contact_id = ANY($1::text[]::uuid[])', [ids]);
  await queueForIndex(connection, { owner, ids: [], created: -ids.length });
}

/** Forgets what waits for an owner who has no contacts any more, behind `barIndexing`. */
export async function forgetQueued(connection: Queryable, owner: string): Promise<void> {
  const { rows } = await connection.query<{ created: number }>(
    `WITH gone AS (
       DELETE FROM search_queue WHERE owner = $1
          AND NOT EXISTS (SELECT FROM contacts WHERE id = ANY(search_queue.contacts)) RETURNING created
     ) SELECT coalesce(sum(created), 0)::int AS created FROM gone`,
    [owner],
  );
  await addToTotal(connection, owner, rows[0]?.created ?? 0);
}

async function addToTotal(connection: Queryable, owner: string, created: number): Promise<void> {
  if (created !== 0)
    await connection.query(
      `INSERT INTO contact_totals AS known (owner, contacts) VALUES ($1, $2)
       ON CONFLICT (owner) DO UPDATE SET contacts = known.contacts + excluded.contacts`,
      [owner, created],
    );
  await connection.query('DELETE FROM contact_totals WHERE owner = $1 AND contacts = 0', [owner]);
}

/** A contact as an array, for the same reason as in contact-writes.ts. */
type ReadContact = [id: string, owner: string, version: number, ...fields: string[]];

/** SQL: the key, and the address as it was written where that is Punycode: case, accents and widths are folded in both. */
const emailSql = `CASE WHEN position('xn--' in lower(email_spelling)) > 0 THEN email || ' ' || email_spelling ELSE email END`;

/** The same of a contact that is here. */
export function searchedEmail(key: string, spelling: string | null): string {
  return spelling?.toLowerCase().includes('xn--') ? `${key} ${spelling}` : key;
}

/** What is searched of each contact but its phone number, in SQL, in the order of `SearchedValues`. */
export const searchedValues = [emailSql, 'first_name', 'last_name', 'company']
  .map((column) => `left(${column}, ${SEARCHED_LENGTH})`)
  .join(', ');

const upsert = `
  INSERT INTO contact_search AS known (contact_id, owner, version, name_key, changed_at, words)
  SELECT given.id, contacts.owner, given.version, given.name_key, coalesce(contacts.changed_at, 'epoch'),
         array_to_tsvector(string_to_array(given.words, ' '))
    FROM unnest($1::text[]::uuid[], $2::int[], $3::text[], $4::text[]) AS given (id, version, name_key, words),
         LATERAL (SELECT owner, changed_at FROM contacts WHERE id = given.id OFFSET 0) AS contacts
  ON CONFLICT (contact_id) DO UPDATE
    SET version = excluded.version, name_key = excluded.name_key, changed_at = excluded.changed_at, words = excluded.words
    WHERE known.version < excluded.version`;

interface Entry {
  readonly id: string;
  readonly owner: string;
  readonly version: number;
  readonly values: Pick<ContactImage, 'firstName' | 'lastName' | 'company' | 'phone'> & {
    readonly email: string;
  };
}

async function writeEntries(connection: Queryable, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const owners = new Set(entries.map(({ owner }) => owner));
  const marks = new Map([...owners].map((owner) => [owner, markOf(owner)]));
  await connection.query(upsert, [
    entries.map(({ id }) => id),
    entries.map(({ version }) => version),
    entries.map(({ values }) => nameKeyOf(values)),
    entries.map(({ owner, values }) => {
      const mark = marks.get(owner) ?? '';
      return [...indexWordsOf(values)].map((word) => mark + word).join(' ');
    }),
  ]);
}

/** Writes the entry of a contact that is locked, in the transaction that has written it. */
export function indexNow(connection: Queryable, entry: Entry): Promise<void> {
  const { values } = entry;
  const searched = (text: string) => text.slice(0, SEARCHED_LENGTH);
  const { firstName, lastName, company } = values;
  const cut = { firstName: searched(firstName), lastName: searched(lastName), company: searched(company) };
  return writeEntries(connection, [{ ...entry, values: { ...values, ...cut } }]);
}

/** What a batch has done, and left. */
export interface IndexedBatch {
  /** Contacts whose entries are up to date now. */
  readonly indexed: number;
  /** Contacts that wait still. */
  readonly waiting: number;
  /** Milliseconds for which the oldest of them has waited. */
  readonly oldestMs: number;
  /** Milliseconds that its statements took, without the wait for a connection or a turn. */
  readonly tookMs: number;
}

/**
 * Writes the entries of contacts that were written before, the oldest first, in one transaction.
 * @param limit contacts, at most, and at least those of one queued row: of one chunk, or of one page of an undo
 * @returns null where another process is at work, or contacts are being deleted
 */
export function indexQueued(database: Database, limit: number): Promise<IndexedBatch | null> {
  return database.transaction(
    async (connection) => {
      const began = performance.now();
      const lock = await connection.query<{ locked: boolean }>(
        `SELECT pg_try_advisory_xact_lock(${INDEX_LOCK}) AS locked`,
      );
      if (lock.rows[0]?.locked !== true) return null;
      const queued = await takeQueued(connection, limit);
      if (queued.length === 0) return { indexed: 0, waiting: 0, oldestMs: 0, tookMs: 0 };
      const ids = [...new Set(queued.flatMap(({ contacts }) => contacts))];
      await writeEntries(connection, await readContacts(connection, ids));
      const totals = new Map<string, number>();
      for (const { owner, created } of queued) totals.set(owner, (totals.get(owner) ?? 0) + created);
      for (const [owner, created] of totals) await addToTotal(connection, owner, created);
      const { rows } = await connection.query<Pick<IndexedBatch, 'waiting' | 'oldestMs'>>(
        `SELECT least(coalesce(sum(entries), 0), 2147483647)::int AS waiting,
              coalesce(extract(epoch FROM clock_timestamp() - min(queued_at)) * 1000, 0)::int AS "oldestMs"
         FROM search_queue`,
      );
      const left = { waiting: 0, oldestMs: 0, ...rows[0] };
      return { indexed: ids.length, ...left, tookMs: performance.now() - began };
    },
    { admitsLookUps: true },
  );
}

interface QueuedRow {
  readonly owner: string;
  readonly contacts: readonly string[];
  readonly created: number;
}

async function takeQueued(connection: Queryable, limit: number): Promise<QueuedRow[]> {
  const { rows } = await connection.query<{ queued: QueuedRow[] | null }>(
    `WITH oldest AS MATERIALIZED (
       SELECT seq, sum(entries) OVER (ORDER BY seq) - entries AS before
         FROM (SELECT seq, entries FROM search_queue ORDER BY seq LIMIT ${QUEUED_AT_A_TIME}) AS first
     ), taken AS (
       DELETE FROM search_queue USING oldest
        WHERE search_queue.seq = oldest.seq AND (before = 0 OR before + search_queue.entries <= $1)
       RETURNING search_queue.owner, contacts, created
     ) SELECT json_agg(json_build_object('owner', owner, 'contacts', contacts, 'created', created)) AS queued FROM taken`,
    [limit],
  );
  return rows[0]?.queued ?? [];
}

async function readContacts(connection: Queryable, ids: readonly string[]): Promise<Entry[]> {
  if (ids.length === 0) return [];
  const { rows } = await connection.query<{ found: ReadContact[] | null }>(
    `SELECT json_agg(json_build_array(id, owner, version, ${searchedValues}, phone)) AS found
       FROM unnest($1::text[]::uuid[]) AS wanted (contact),
            LATERAL (SELECT * FROM contacts WHERE id = contact OFFSET 0) AS one`,
    [ids],
  );
  return (rows[0]?.found ?? []).map(
    ([id, owner, version, email = '', firstName = '', lastName = '', company = '', phone = '']) => ({
      ...{ id, owner, version },
      values: { email, firstName, lastName, company, phone },
    }),
  );
}

/** How many contacts an owner has, and how many of them wait for the index: of one moment. */
export async function countContacts(
  connection: Queryable,
  owner: string,
): Promise<{ total: number; waiting: number }> {
  const { rows } = await connection.query<{ total: number; waiting: number }>(
    `SELECT (coalesce((SELECT contacts FROM contact_totals WHERE owner = $1), 0) + coalesce(sum(created), 0))::int AS total,
            coalesce(sum(entries), 0)::int AS waiting
       FROM search_queue WHERE owner = $1`,
    [owner],
  );
  return rows[0] ?? { total: 0, waiting: 0 };
}

/** The query of an owner for `words @@ …`; null where the index does not help. */
export function indexQueryOf(
  owner: string,
  { alternatives }: Pick<SearchQuery, 'alternatives'>,
): string | null {
  if (alternatives.length === 0) return null;
  const mark = markOf(owner);
  const all = (parts: readonly string[], operator: string) => `(${parts.join(` ${operator} `)})`;
  // Words are letters and digits alone, so that nothing in them ends the quotes.
  const termText = (term: IndexTerm) =>
    all(
      term.map((words) =>
        all(
          words.map(({ word, isPrefix }) => `'${mark}${word}'${isPrefix ? ':*' : ''}`),
          '&',
        ),
      ),
      '|',
    );
  return all(
    alternatives.map((terms) => all(terms.map(termText), '&')),
    '|',
  );
}
