/**
 * The step of a migration that gives the contacts of earlier releases the keys of their addresses; each keeps its address as it was written. Where
 * another contact of the owner has the key, nothing is joined: the contact stays as it is, and names the key in `spelling_of`.
 */
import { emailKeyOf } from '../email-key.ts';
import type { Queryable } from './database.ts';
import { FIRST_ID } from './read-in-order.ts';

/** Contacts that one statement looks at: of a hundred million, none of which may be spelled otherwise, it would take longer than it may. */
const PAGE_CONTACTS = 20_000;
/** Contacts that get their keys together. */
const STEP_CONTACTS = 1_000;

/** Addresses of plain ASCII without Punycode were stored as their keys. Copies of dry runs end with their imports. */
const maySpellOtherwise = `owner >= '!' AND (octet_length(email) <> char_length(email) OR position('xn--' in email) > 0)`;

/** How many contacts were stored under another spelling than the key. */
export interface KeyedAddresses {
  /** Contacts that have the key now. */
  readonly keyed: number;
  /** Contacts whose key another contact has. */
  readonly twice: number;
}

/** In a transaction. */
export async function keyAddresses(connection: Queryable): Promise<KeyedAddresses> {
  let [keyed, twice] = [0, 0];
  // As `readInOrder`; without statistics a plan may read and sort all contacts for each page, too.
  await connection.query(
    `SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)`,
  );
  for (let after: string | null = FIRST_ID; ; ) {
    const page = await readPage(connection, after);
    if (page.last === null) return { keyed, twice };
    after = page.last;
    const otherwise = page.contacts.flatMap(({ id, email }) => {
      const key = emailKeyOf(email);
      return key === null || key === email ? [] : [{ id, key }];
    });
    for (let start = 0; start < otherwise.length; start += STEP_CONTACTS) {
      const step = await keyStep(connection, otherwise.slice(start, start + STEP_CONTACTS));
      keyed += step.keyed;
      twice += step.twice;
    }
  }
}

interface Page {
  /** null: there is no contact any more. */
  readonly last: string | null;
  /** Contacts whose addresses may be spelled otherwise, by id. */
  readonly contacts: readonly { readonly id: string; readonly email: string }[];
}

async function readPage(connection: Queryable, after: string): Promise<Page> {
  const { rows } = await connection.query<Page>(
    `SELECT max(id::text COLLATE "C") AS last,
            coalesce(json_agg(json_build_object('id', id, 'email', email) ORDER BY id) FILTER (WHERE may), '[]') AS contacts
       FROM (SELECT id, email, (${maySpellOtherwise}) AS may FROM contacts WHERE id > $1 ORDER BY id LIMIT ${PAGE_CONTACTS}) AS page`,
    [after],
  );
  return rows[0] ?? { last: null, contacts: [] };
}

async function keyStep(
  connection: Queryable,
  contacts: readonly { readonly id: string; readonly key: string }[],
): Promise<KeyedAddresses> {
  const given = 'unnest($1::text[]::uuid[], $2::text[]) AS given (contact, key)';
  const parameters = [contacts.map(({ id }) => id), contacts.map(({ key }) => key)];
  // Of two that have the same key, the older one gets it.
  const { rows: keyed } = await connection.query<{ id: string }>(
    `UPDATE contacts SET email_spelling = email, email = key
       FROM (SELECT DISTINCT ON (owner, key) id AS first, key FROM ${given} JOIN contacts ON id = contact
              WHERE NOT EXISTS (SELECT FROM contacts AS holder
                                 WHERE holder.owner = contacts.owner AND holder.email = key)
              ORDER BY owner, key, id) AS free
      WHERE id = first RETURNING id`,
    parameters,
  );
  const twice = await connection.query(
    `UPDATE contacts SET spelling_of = key FROM ${given} WHERE id = contact AND email <> key`,
    parameters,
  );
  const ids = keyed.map(({ id }) => id);
  await connection.query('DELETE FROM contact_search WHERE contact_id = ANY($1::text[]::uuid[])', [ids]);
  await connection.query(
    `INSERT INTO search_queue (owner, contacts, entries, created)
     SELECT owner, array_agg(id), count(*), 0 FROM contacts WHERE id = ANY($1::text[]::uuid[]) GROUP BY owner`,
    [ids],
  );
  return { keyed: ids.length, twice: twice.affected };
}
