/**
 * The step of a migration that gives the contacts of earlier releases the keys of their addresses; each keeps its address as it was written. Where
 * another contact of the owner has the key, nothing is joined: the contact stays as it is, and names the key in `spelling_of`.
 */
import { emailKeyOf } from '../email-key.ts';
import type { Queryable } from './database.ts';
import { FIRST_ID } from './read-in-order.ts';

/** Contacts that are looked at together. */
const STEP_CONTACTS = 1_000;

/** Addresses of plain ASCII without Punycode were stored as their keys. Copies of dry runs end with their imports. */
const maySpellOtherwise = `owner >= '!' AND (octet_length(email) <> char_length(email) OR position('xn--' in email) > 0)`;

/** How many contacts were stored under another spelling than the key. */
export interface KeyedAddresses {
  /** They have the key now. */
  readonly keyed: number;
  /** Another contact has it. */
  readonly twice: number;
}

export async function keyAddresses(connection: Queryable): Promise<KeyedAddresses> {
  let [keyed, twice] = [0, 0];
  for (let after = FIRST_ID; ; ) {
    const { rows } = await connection.query<{ readonly id: string; readonly email: string }>(
      `SELECT id, email FROM contacts WHERE id > $1 AND ${maySpellOtherwise} ORDER BY id LIMIT ${STEP_CONTACTS}`,
      [after],
    );
    const otherwise = rows.flatMap(({ id, email }) => {
      const key = emailKeyOf(email);
      return key === null || key === email ? [] : [{ id, key }];
    });
    if (otherwise.length > 0) {
      const step = await keyStep(connection, otherwise);
      keyed += step.keyed;
      twice += step.twice;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < STEP_CONTACTS) return { keyed, twice };
    after = last.id;
  }
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
