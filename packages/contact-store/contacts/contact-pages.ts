/** Pages of contacts, in the order of their addresses, bounded in rows and in bytes; and the search among them. */

import type { Contact } from '@tidings/contracts/contact.ts';
import { searchedFields } from '@tidings/contracts/contact-fields.ts';
import { lineSchema } from '@tidings/contracts/schemas/text.ts';
import { z } from 'zod';
import { contactColumns, imageColumns } from '../contact-image.ts';
import {
  type ListContactsOptions,
  MAX_PAGE_BYTES,
  type PageOfContacts,
  SEARCHED_AT_A_TIME,
} from '../contact-store.ts';
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database, Queryable } from '../databases/database.ts';
import { readInOrder } from '../databases/read-in-order.ts';

/** Characters of an address in a cursor, at most: more than any address has. */
const MAX_CURSOR_EMAIL = 1_000;
/** The address of the last contact that was read. */
const cursorSchema = z.strictObject({ email: lineSchema(MAX_CURSOR_EMAIL).min(1) });

/** Bytes of a page besides its contacts: the cursor, and the JSON around it. */
const PAGE_OVERHEAD_BYTES = 4 * 1024;
/** Bytes of a contact's JSON that are not measured: field names, id and version. */
const CONTACT_OVERHEAD_BYTES = 256;
/** Characters of a field that are searched; only a file can bring in longer fields. */
const SEARCHED_LENGTH = 1_000;
/** Columns that are searched besides the address, which has a collation of its own. */
const searchedColumns = searchedFields.flatMap(({ name, column }) => (name === 'email' ? [] : [column]));

function encodeCursor(email: string): string {
  return Buffer.from(JSON.stringify({ email })).toString('base64url');
}

function decodeCursor(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))).email;
  } catch (error) {
    throw new ContactStoreError('cursor_invalid', 'The cursor is not one of this list.', { cause: error });
  }
}

/** Contacts that a page may hold, in the order of their addresses. */
interface Candidates {
  readonly emails: readonly string[];
  /** The address up to which contacts were read, if more follow; else null. */
  readonly lookedAt: string | null;
}

export async function listContacts(
  database: Database,
  options: ListContactsOptions,
): Promise<PageOfContacts> {
  const after = decodeCursor(options.cursor);
  const query = options.query?.trim() ?? '';
  return readInOrder(database, async (connection) => {
    const candidates =
      query === ''
        ? await following(connection, options, after)
        : await search(connection, options, query, after);
    return readPage(connection, options, candidates);
  });
}

async function following(
  database: Queryable,
  { owner, limit }: ListContactsOptions,
  after: string,
): Promise<Candidates> {
  const { rows } = await database.query<{ email: string }>(
    'SELECT email FROM contacts WHERE owner = $1 AND email > $2 ORDER BY email LIMIT $3',
    [owner, after, limit + 1],
  );
  return candidatesOf(rows, limit, null);
}

/**
 * Reads the next contacts, whatever they hold: an index for parts of words would cost every import more than the reads cost the
 * rare search. `lastSeen` is null after the last contact.
 */
async function search(
  database: Queryable,
  { owner, limit }: ListContactsOptions,
  query: string,
  after: string,
): Promise<Candidates> {
  const pattern = `%${query.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await database.query<{ email: string | null; lastSeen: string | null }>(
    `WITH seen AS MATERIALIZED (
       SELECT email, ${searchedColumns.map((column) => `left(${column}, ${SEARCHED_LENGTH}) AS ${column}`).join(', ')}
         FROM contacts WHERE owner = $1 AND email > $2 ORDER BY email LIMIT ${SEARCHED_AT_A_TIME}
     ), found AS (
       SELECT email FROM seen
        WHERE email COLLATE "default" ILIKE $3 ${searchedColumns.map((column) => `OR ${column} ILIKE $3`).join(' ')}
        ORDER BY email LIMIT $4
     )
     SELECT found.email, last_seen AS "lastSeen"
       FROM (SELECT CASE WHEN count(*) = ${SEARCHED_AT_A_TIME} THEN max(email) END AS last_seen FROM seen) AS looked
       LEFT JOIN found ON true ORDER BY found.email`,
    [owner, after, pattern, limit + 1],
  );
  const found = rows.flatMap(({ email }) => (email === null ? [] : [{ email }]));
  return candidatesOf(found, limit, rows[0]?.lastSeen ?? null);
}

/** @param rows up to one more than the limit */
function candidatesOf(
  rows: readonly { email: string }[],
  limit: number,
  lookedAt: string | null,
): Candidates {
  const emails = rows.slice(0, limit).map(({ email }) => email);
  const last = emails.at(-1);
  return { emails, lookedAt: rows.length > limit && last !== undefined ? last : lookedAt };
}

/**
 * Reads as many of the candidates as fit, and always the first. It measures one candidate after another, so that it reads none
 * in vain; a contact that was deleted meanwhile has no bytes.
 */
async function readPage(
  database: Queryable,
  { owner, maxBytes = MAX_PAGE_BYTES }: ListContactsOptions,
  { emails, lookedAt }: Candidates,
): Promise<PageOfContacts> {
  const lastCandidate = emails.at(-1);
  if (lastCandidate === undefined) return { items: [], nextCursor: lookedAt && encodeCursor(lookedAt) };
  const { rows: items } = await database.query<Contact>(
    `WITH RECURSIVE page (place, total) AS (
       SELECT 0, 0
       UNION ALL
       SELECT place + 1, total + ${CONTACT_OVERHEAD_BYTES} + coalesce((
           SELECT octet_length(json_build_array(email, ${imageColumns.join(', ')}, attributes)::text)
             FROM contacts WHERE owner = $1 AND email = ($2::text[])[place + 1]), 0)
         FROM page WHERE place < cardinality($2::text[]) AND total <= $3
     )
     SELECT ${contactColumns}
       FROM page, LATERAL (SELECT * FROM contacts WHERE owner = $1 AND email = ($2::text[])[place] OFFSET 0) AS contact
      WHERE place = 1 OR total <= $3 ORDER BY place`,
    [owner, emails, maxBytes - PAGE_OVERHEAD_BYTES],
  );
  const last = items.at(-1)?.email ?? lastCandidate;
  const goesOnAfter = last === lastCandidate ? lookedAt : last;
  return { items, nextCursor: goesOnAfter === null ? null : encodeCursor(goesOnAfter) };
}
