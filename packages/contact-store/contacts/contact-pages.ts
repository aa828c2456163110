/** Pages of contacts in one of their orders, bounded in rows and in bytes; of all, or of those that a query or an import names. */

import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { PageOfContacts } from '@tidings/contracts/contacts/listed-contacts.ts';
import { contactColumns, imageColumns, writtenEmail } from '../contact-image.ts';
import type { Database, Queryable } from '../databases/database.ts';
import { readInOrder } from '../databases/read-in-order.ts';
import { type ListContactsOptions, MAX_PAGE_BYTES } from '../listed-contacts.ts';
import { countContacts } from '../search/search-index.ts';
import { parseSearch } from '../search/search-text.ts';
import { allMatches, type Candidates, type Filter, following, pageOf, walk } from './contact-candidates.ts';
import { type Cursor, decodeCursor, encodeCursor, type Order, orderOf } from './contact-orders.ts';

/** Bytes of a page besides its contacts: the cursor, and the JSON around it. */
const PAGE_OVERHEAD_BYTES = 4 * 1024;
/** Bytes of a contact's JSON that are not measured: field names, id, version and time. */
const CONTACT_OVERHEAD_BYTES = 340;

export async function listContacts(
  database: Database,
  options: ListContactsOptions,
): Promise<PageOfContacts> {
  const order = orderOf(options.order);
  const after = decodeCursor(order, options.cursor);
  const { owner, importId = null } = options;
  const filter: Filter = { owner, search: parseSearch(options.query ?? ''), importId };
  return readInOrder(database, async (connection) => {
    const counts = await countContacts(connection, owner);
    const found = await find(connection, filter, { ...{ order, after, limit: options.limit }, ...counts });
    const page = await readPage(connection, options, order, found);
    const unsorted = order.name.endsWith('email') ? 0 : counts.waiting;
    return { ...page, total: after === null ? found.total : null, unsorted };
  });
}

interface Wanted {
  readonly order: Order;
  readonly after: Cursor | null;
  readonly limit: number;
  readonly total: number;
  readonly waiting: number;
}

interface Found extends Candidates {
  /** null where it is not known. */
  readonly total: number | null;
  readonly walks: boolean;
}

async function find(connection: Queryable, filter: Filter, wanted: Wanted): Promise<Found> {
  const { order, after, limit, total, waiting } = wanted;
  if (filter.search === null && filter.importId === null)
    return { ...(await following(connection, filter, wanted)), total, walks: false };
  const step = await walk(connection, filter, wanted);
  const isAll = after === null && step.lookedAt === null;
  const read: Found = { ...step, total: isAll ? step.places.length : null, walks: after?.walks ?? false };
  if (read.walks || step.lookedAt === null) return read;
  if (step.places.length === limit) return read;
  // An index that lags would leave contacts out: they are read one by one then.
  const all = await allMatches(connection, filter, order, waiting === 0);
  if (all === null) return { ...read, walks: true };
  return { ...pageOf(all, order, after, limit), total: all.length, walks: false };
}

/**
 * Reads as many of the candidates as fit, and always the first. It measures one candidate after another, so that it reads none
 * in vain; a contact that was deleted meanwhile has no bytes.
 */
async function readPage(
  database: Queryable,
  { owner, maxBytes = MAX_PAGE_BYTES }: ListContactsOptions,
  order: Order,
  { places, lookedAt, walks }: Found,
): Promise<Pick<PageOfContacts, 'items' | 'nextCursor'>> {
  const lastCandidate = places.at(-1);
  if (lastCandidate === undefined)
    return { items: [], nextCursor: lookedAt && encodeCursor(order, lookedAt, walks) };
  const { rows: items } = await database.query<Contact>(
    `WITH RECURSIVE page (place, total) AS (
       SELECT 0, 0
       UNION ALL
       SELECT place + 1, total + ${CONTACT_OVERHEAD_BYTES} + coalesce((
           SELECT octet_length(json_build_array(email, ${writtenEmail}, ${imageColumns.join(', ')}, attributes)::text)
             FROM contacts WHERE id = ($2::text[])[place + 1]::uuid), 0)
         FROM page WHERE place < cardinality($2::text[]) AND total <= $3
     )
     SELECT ${contactColumns}
       FROM page, LATERAL (SELECT * FROM contacts
                            WHERE id = ($2::text[])[place]::uuid AND owner = $1 OFFSET 0) AS contact
      WHERE place = 1 OR total <= $3 ORDER BY place`,
    [owner, places.map(({ id }) => id), maxBytes - PAGE_OVERHEAD_BYTES],
  );
  const last = places.find(({ id }) => id === items.at(-1)?.id) ?? lastCandidate;
  const goesOnAfter = last === lastCandidate ? lookedAt : last;
  return { items, nextCursor: goesOnAfter && encodeCursor(order, goesOnAfter, walks) };
}
