/**
 * Which import has found contacts as another one had left them. Its change of such a contact says `unchanged`, at the version that the
 * other had left; undoing the other one would make that untrue, so an undo keeps those contacts. Changes have no index by contact,
 * so `confirmed_imports` names the imports whose changes to look at: a pair may stand there though no contact is left of it.
 */
import type { Queryable } from '../databases/database.ts';

/**
 * Writes down whose contacts the import has confirmed. It is the last thing for which a chunk may wait for another one of its import.
 * @param confirmed imports
 */
export async function keepConfirmations(
  connection: Queryable,
  importId: string,
  confirmed: ReadonlySet<string>,
): Promise<void> {
  if (confirmed.size === 0) return;
  await connection.query(
    `INSERT INTO confirmed_imports (import_id, confirmed)
     SELECT $1, id FROM unnest($2::text[]::uuid[]) AS given (id) ORDER BY id ON CONFLICT DO NOTHING`,
    [importId, [...confirmed]],
  );
}

/** Whoever has confirmed what the one import had left has confirmed what now counts as the others' work: it shows the same. */
export async function handConfirmationsOver(
  connection: Queryable,
  importId: string,
  others: ReadonlySet<string>,
): Promise<void> {
  if (others.size === 0) return;
  await connection.query(
    `INSERT INTO confirmed_imports (import_id, confirmed)
     SELECT import_id, id FROM confirmed_imports, unnest($2::text[]::uuid[]) AS given (id)
      WHERE confirmed = $1 AND import_id <> id ORDER BY import_id, id ON CONFLICT DO NOTHING`,
    [importId, [...others]],
  );
}

/** The ids of those among the contacts, which are locked, that another import has found as they are. */
export async function confirmedAmong(
  connection: Queryable,
  importId: string,
  contacts: readonly { readonly id: string; readonly version: number }[],
): Promise<Set<string>> {
  if (contacts.length === 0) return new Set();
  const confirmers = await connection.query<{ importId: string }>(
    'SELECT import_id AS "importId" FROM confirmed_imports WHERE confirmed = $1',
    [importId],
  );
  if (confirmers.rows.length === 0) return new Set();
  const { rows } = await connection.query<{ ids: string[] | null }>(
    `SELECT json_agg(contact) AS ids
       FROM unnest($1::text[]::uuid[], $2::int[]) AS given (contact, present)
      WHERE EXISTS (SELECT FROM contact_changes
                     WHERE import_id = ANY($3::text[]::uuid[]) AND contact_id = contact
                       AND version_after = present AND bucket = 'unchanged')`,
    [
      contacts.map(({ id }) => id),
      contacts.map(({ version }) => version),
      confirmers.rows.map((row) => row.importId),
    ],
  );
  return new Set(rows[0]?.ids);
}
