/**
 * Contacts whose addresses are spellings of one address. Releases without the key have stored them as two. The one that has the key is the one
 * that imports find; each other one names the key in `spelling_of`. Nothing joins them: a person deletes the one that is not wanted.
 */
import type { PageOfTwiceStored, TwiceStored } from '@tidings/contracts/contacts/listed-contacts.ts';
import { z } from 'zod';
import { changedAtText } from '../contact-image.ts';
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database, Queryable } from '../databases/database.ts';
import { FIRST_ID, readInOrder } from '../databases/read-in-order.ts';
import type { ListTwiceStoredOptions } from '../listed-contacts.ts';
import { queueForIndex } from '../search/search-index.ts';

/** Characters of each part of a name that the list shows. */
const SHOWN_LENGTH = 200;

/**
 * SQL: the owner's (`$1`) contacts that are spellings of a key, each with the one that has it. A look-up of its own for each, OFFSET 0, whatever the
 * statistics say.
 */
const spelled = `contacts AS other
  LEFT JOIN LATERAL (SELECT * FROM contacts WHERE owner = $1 AND email = other.spelling_of OFFSET 0) AS holder ON true
 WHERE other.owner = $1 AND other.spelling_of IS NOT NULL`;

const named = (contact: string) => `json_build_object('id', ${contact}.id,
  'writtenEmail', coalesce(${contact}.email_spelling, ${contact}.email), 'firstName', left(${contact}.first_name, ${SHOWN_LENGTH}),
  'lastName', left(${contact}.last_name, ${SHOWN_LENGTH}), 'changedAt', ${changedAtText(`${contact}.changed_at`)})`;

const cursorSchema = z.tuple([z.string().min(1).max(1_000), z.uuid()]);

/** Of the owner's pairs, by key. @throws ContactStoreError `cursor_invalid` */
export async function listTwiceStored(
  database: Database,
  { owner, cursor, limit }: ListTwiceStoredOptions,
): Promise<PageOfTwiceStored> {
  const [key, id] = decodeCursor(cursor);
  return readInOrder(database, async (connection) => {
    const { rows } = await connection.query<TwiceStored>(
      `SELECT other.spelling_of AS email, ${named('holder')} AS contact, ${named('other')} AS other
         FROM ${spelled} AND holder.id IS NOT NULL AND (other.spelling_of, other.id) > ($2, $3::text::uuid)
        ORDER BY other.spelling_of, other.id LIMIT $4`,
      [owner, key, id, limit + 1],
    );
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    const total = cursor === undefined ? await countTwiceStored(connection, owner) : null;
    return {
      items: shown,
      nextCursor: last === undefined ? null : encodeCursor(last.email, last.other.id),
      total,
    };
  });
}

async function countTwiceStored(connection: Queryable, owner: string): Promise<number> {
  const { rows } = await connection.query<{ total: number }>(
    `SELECT count(*)::int AS total FROM ${spelled} AND holder.id IS NOT NULL`,
    [owner],
  );
  return rows[0]?.total ?? 0;
}

function encodeCursor(...place: z.infer<typeof cursorSchema>): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function decodeCursor(cursor: string | undefined): z.infer<typeof cursorSchema> {
  if (cursor === undefined) return ['', FIRST_ID];
  try {
    const place = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (place[0].includes('\0')) throw new RangeError('no address');
    return place;
  } catch (error) {
    throw new ContactStoreError('cursor_invalid', 'The cursor is not one of this list.', { cause: error });
  }
}

/**
 * Gives each key that a deletion has freed to the oldest contact that is a spelling of it, so that imports find that one from now on. It is no
 * write of the contact: an undo still takes back what it would have. Call it behind `barIndexing`, in the transaction of the deletion.
 */
export async function giveFreedKeys(connection: Queryable, owner: string): Promise<void> {
  const { rows } = await connection.query<{ id: string }>(
    `SELECT DISTINCT ON (other.spelling_of) other.id FROM ${spelled} AND holder.id IS NULL
      ORDER BY other.spelling_of, other.id`,
    [owner],
  );
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  await connection.query(
    `UPDATE contacts SET email = spelling_of, email_spelling = coalesce(email_spelling, email), spelling_of = NULL
      WHERE id = ANY($1::text[]::uuid[]) AND spelling_of IS NOT NULL`,
    [ids],
  );
  await connection.query('DELETE FROM contact_search WHERE contact_id = ANY($1::text[]::uuid[])', [ids]);
  await queueForIndex(connection, { owner, ids, created: 0 });
}
