/** The bulk statements on contacts. */

import type { ContactImage, StoredContact } from '../contacts/contact-image.ts';
import type { Queryable } from '../databases/database.ts';
import { areSmall } from '../databases/small-rows.ts';

export interface ContactToWrite {
  readonly id: string;
  readonly email: string;
  readonly image: ContactImage;
  /** Those of the image, as JSON. */
  readonly attributes: string;
  /** After the write. */
  readonly version: number;
  /** Highest row that it is created by; null for a contact that exists. */
  readonly createdByRow: number | null;
}

/** A contact as an array: a thousand of them are parsed three times faster than as rows of many columns. */
type PackedContact = [
  id: string,
  email: string,
  firstName: string,
  lastName: string,
  phone: string,
  company: string,
  country: string,
  timeZone: string,
  attributes: Record<string, string>,
  version: number,
  createdByImport: string | null,
  createdByRow: number | null,
];

function unpack(packed: PackedContact): StoredContact {
  const [id, email, firstName, lastName, phone, company, country, timeZone, attributes, version, ...created] =
    packed;
  const [createdByImport, createdByRow] = created;
  const fields = { firstName, lastName, phone, company, country, timeZone };
  return { id, email, ...fields, attributes, version, createdByImport, createdByRow };
}

const isSmall = areSmall(['first_name', 'last_name', 'phone', 'company', 'attributes']);

export interface LockedContacts {
  /** By address. */
  readonly contacts: Map<string, StoredContact>;
  /** Addresses of those that are there, but too large to be read with all others. */
  readonly large: Set<string>;
}

/**
 * Locks those of the owner's contacts that exist, in the order of the addresses given, and reads them. Each is
 * a look-up of its own, LATERAL with its lock, so that no plan can turn them into a scan: as `= ANY`, on a table that has
 * grown since its statistics were taken, every chunk read all of the owner's contacts.
 * @param whole large ones are read too: then no more than `LARGE_AT_A_TIME`
 */
export async function lockContacts(
  connection: Queryable,
  owner: string,
  emails: readonly string[],
  whole: boolean,
): Promise<LockedContacts> {
  const { rows } = await connection.query<{ packed: PackedContact[] | null; large: string[] | null }>(
    `SELECT json_agg(json_build_array(id, email, first_name, last_name, phone, company, country, time_zone, attributes,
                                      version, created_by_import, created_by_row)) FILTER (WHERE $3 OR ${isSmall}) AS packed,
            json_agg(email) FILTER (WHERE NOT ($3 OR ${isSmall})) AS large
       FROM unnest($2::text[]) AS wanted (address),
            LATERAL (SELECT * FROM contacts WHERE owner = $1 AND email = address FOR UPDATE) AS locked`,
    [owner, emails, whole],
  );
  const contacts = (rows[0]?.packed ?? []).map(unpack);
  return {
    contacts: new Map(contacts.map((contact) => [contact.email, contact])),
    large: new Set(rows[0]?.large ?? []),
  };
}

/**
 * Writes locked contacts, and creates new ones unless there is one with that address by now. One statement for both: it
 * always goes by the index, where an UPDATE joined with a list may be planned as a scan of the whole table.
 * @returns how many were written; fewer than given where creations came too late
 */
export async function writeContacts(
  connection: Queryable,
  owner: string,
  importId: string,
  contacts: readonly ContactToWrite[],
): Promise<number> {
  if (contacts.length === 0) return 0;
  const { affected } = await connection.query(
    `INSERT INTO contacts AS known
       (id, owner, email, first_name, last_name, phone, company, country, time_zone, attributes, version,
        created_by_import, created_by_row)
     SELECT i, $1, e, fn, ln, ph, co, ct, tz, at::jsonb, v, CASE WHEN r IS NOT NULL THEN $2::uuid END, r
       FROM unnest($3::text[]::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                   $11::text[], $12::int[], $13::int[]) AS contact (i, e, fn, ln, ph, co, ct, tz, at, v, r)
     ON CONFLICT (owner, email) DO UPDATE
       SET first_name = excluded.first_name, last_name = excluded.last_name, phone = excluded.phone,
           company = excluded.company, country = excluded.country, time_zone = excluded.time_zone,
           attributes = excluded.attributes, version = excluded.version
       WHERE known.id = excluded.id`,
    [
      owner,
      importId,
      contacts.map(({ id }) => id),
      contacts.map(({ email }) => email),
      contacts.map(({ image }) => image.firstName),
      contacts.map(({ image }) => image.lastName),
      contacts.map(({ image }) => image.phone),
      contacts.map(({ image }) => image.company),
      contacts.map(({ image }) => image.country),
      contacts.map(({ image }) => image.timeZone),
      contacts.map(({ attributes }) => attributes),
      contacts.map(({ version }) => version),
      contacts.map(({ createdByRow }) => createdByRow),
    ],
  );
  return affected;
}

/** Which of these ids there are. */
export async function createdAmong(connection: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await connection.query<{ id: string }>(
    'SELECT id FROM contacts WHERE id = ANY($1::text[]::uuid[])',
    [ids],
  );
  return new Set(rows.map((row) => row.id));
}
