/** The bulk statements on contacts. */

import { blankFields, editableFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { ChunkToApply } from '../chunk-to-apply.ts';
import { type ContactImage, imageColumns, imageFields, type StoredContact } from '../contact-image.ts';
import type { Queryable } from '../databases/database.ts';
import { areSmall } from '../databases/small-rows.ts';

export interface ContactToWrite {
  readonly id: string;
  readonly email: string;
  /** As in `StoredContact`. */
  readonly spelling: string | null;
  /** Whether it has a spelling of its own, or had one before. */
  readonly isSpelled: boolean;
  readonly image: ContactImage;
  /** The attributes of the image, as JSON. */
  readonly attributes: string;
  /** The version after the write. */
  readonly version: number;
  /** As in `StoredContact`. */
  readonly lastImport: string | null;
  /** The highest row that creates the contact; null for a contact that exists. */
  readonly createdByRow: number | null;
}

/** A contact as an array: a thousand of them are parsed three times faster than as rows of many columns. */
type PackedContact = [
  id: string,
  email: string,
  /** In the order of `imageFields`. */
  values: readonly string[],
  attributes: Record<string, string>,
  version: number,
  createdByImport: string | null,
  createdByRow: number | null,
  createdByAttempt: number | null,
  lastImport: string | null,
  spelling: string | null,
];

const packedContact = `json_build_array(id, email, json_build_array(${imageColumns.join(', ')}), attributes, version,
  created_by_import, created_by_row, created_by_attempt, last_import, email_spelling)`;

function unpack(packed: PackedContact): StoredContact {
  const [
    id,
    email,
    values,
    attributes,
    version,
    createdByImport,
    createdByRow,
    createdByAttempt,
    lastImport,
    spelling,
  ] = packed;
  const fields = { ...blankFields };
  for (const [index, field] of imageFields.entries()) fields[field] = values[index] ?? '';
  return {
    id,
    email,
    spelling,
    ...fields,
    attributes,
    version,
    createdByImport,
    createdByRow,
    createdByAttempt,
    lastImport,
  };
}

/** The columns of the fields whose format does not bound their length. */
const isSmall = areSmall([
  ...editableFields.flatMap(({ format, column }) => (format === 'text' ? [column] : [])),
  'attributes',
]);

export interface LockedContacts {
  /** By address. */
  readonly contacts: Map<string, StoredContact>;
  /** Addresses of contacts that exist and are too large to be read with the others. */
  readonly large: Set<string>;
}

/**
 * Locks the owner's contacts with these addresses, in the order given, and reads them. Each is a look-up of its own, LATERAL
 * with its lock, so that no plan can turn the look-ups into a scan. With `= ANY` every chunk read all of the owner's contacts,
 * on a table that had grown since its statistics were taken.
 * @param whole reads large contacts too; give at most `LARGE_AT_A_TIME` addresses then
 */
export async function lockContacts(
  connection: Queryable,
  owner: string,
  emails: readonly string[],
  whole: boolean,
): Promise<LockedContacts> {
  const { rows } = await connection.query<{ packed: PackedContact[] | null; large: string[] | null }>(
    `SELECT json_agg(${packedContact}) FILTER (WHERE $3 OR ${isSmall}) AS packed,
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
 * Parameters: the owner, the import, its attempt, and an array for each column. The spellings are the last column, and are left out where no contact
 * has one: most files have none, and a further column costs a tenth of the statement.
 */
function writeStatement(spelled: boolean): string {
  const columns = [...imageColumns, ...(spelled ? ['email_spelling'] : [])];
  return `
  INSERT INTO contacts AS known
    (id, owner, email, ${columns.join(', ')}, attributes, version, created_by_import, created_by_row,
     created_by_attempt, last_import)
  SELECT given.id, $1, given.email, ${columns.map((column) => `given.${column}`).join(', ')}, given.attributes::jsonb,
         given.version, CASE WHEN given.row IS NOT NULL THEN $2::uuid END, given.row,
         CASE WHEN given.row IS NOT NULL THEN nullif($3::int, 0) END, given.last_import
    FROM unnest($4::text[]::uuid[], $5::text[], $6::text[], $7::int[], $8::int[], $9::text[]::uuid[],
                ${columns.map((_, index) => `$${index + 10}::text[]`).join(', ')})
      AS given (id, email, attributes, version, row, last_import, ${columns.join(', ')})
  ON CONFLICT (owner, email) DO UPDATE
    SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')},
        attributes = excluded.attributes, version = excluded.version, last_import = excluded.last_import, changed_at = now()
    WHERE known.id = excluded.id`;
}

const plainStatement = writeStatement(false);
const spelledStatement = writeStatement(true);

/**
 * Writes locked contacts, and creates new ones unless a contact with the address exists by now. It is one statement, which
 * always uses the index; an UPDATE joined with a list may be planned as a scan of the whole table.
 * @returns how many were written; fewer than given where another transaction has created some
 */
export async function writeContacts(
  connection: Queryable,
  { owner, importId, attempt }: Pick<ChunkToApply, 'owner' | 'importId'> & { readonly attempt: number },
  contacts: readonly ContactToWrite[],
): Promise<number> {
  if (contacts.length === 0) return 0;
  const spelled = contacts.some(({ isSpelled }) => isSpelled);
  const { affected } = await connection.query(spelled ? spelledStatement : plainStatement, [
    owner,
    importId,
    attempt,
    contacts.map(({ id }) => id),
    contacts.map(({ email }) => email),
    contacts.map(({ attributes }) => attributes),
    contacts.map(({ version }) => version),
    contacts.map(({ createdByRow }) => createdByRow),
    contacts.map(({ lastImport }) => lastImport),
    ...imageFields.map((field) => contacts.map(({ image }) => image[field])),
    ...(spelled ? [contacts.map(({ spelling }) => spelling)] : []),
  ]);
  return affected;
}

/** The ids among these that exist. */
export async function createdAmong(connection: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await connection.query<{ id: string }>(
    'SELECT id FROM contacts WHERE id = ANY($1::text[]::uuid[])',
    [ids],
  );
  return new Set(rows.map((row) => row.id));
}
