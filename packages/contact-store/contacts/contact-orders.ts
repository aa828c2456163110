/** The orders in which contacts are listed, and the places in them that cursors name. */
import { type ContactOrder, contactOrders } from '@tidings/contracts/contacts/contact.ts';
import { z } from 'zod';
import { changedAtExact } from '../contact-image.ts';
import { ContactStoreError } from '../contact-store-error.ts';

/** Characters of a key in a cursor, at most: more than any address or name has. */
const MAX_CURSOR_KEY = 1_000;

/** A contact's place in an order: its key, and its id among those of the same key. */
export interface OrderPlace {
  readonly key: string;
  readonly id: string;
}

export interface Order {
  readonly name: ContactOrder;
  readonly descending: boolean;
  /** SQL: contacts in this order, each joined with its entry in the index where the order comes from there. */
  readonly from: string;
  readonly key: string;
  /** SQL: the columns that are ordered by. */
  readonly columns: readonly string[];
  /** SQL: the parameters of `columns`, made of the key (`$2`) and the id (`$3`). */
  readonly values: readonly string[];
}

const indexed = 'contact_search AS entry JOIN contacts AS c ON c.id = entry.contact_id';
const places = {
  email: { from: 'contacts AS c', key: 'c.email', columns: ['c.email'], values: ['$2'] },
  name: {
    from: indexed,
    key: 'entry.name_key',
    columns: ['entry.name_key', 'entry.contact_id'],
    values: ['$2', '$3::uuid'],
  },
  changed: {
    from: indexed,
    key: changedAtExact('entry.changed_at'),
    columns: ['entry.changed_at', 'entry.contact_id'],
    values: ['$2::timestamptz', '$3::uuid'],
  },
} as const;

export function orderOf(name: ContactOrder = 'email'): Order {
  const descending = name.startsWith('-');
  return { name, descending, ...places[name.replace('-', '') as keyof typeof places] };
}

/** SQL: whether the owner (`$1`) has the row, behind the place; every row where there is none. */
export function followsSql({ descending, columns, values, from }: Order, after: OrderPlace | null): string {
  const owner = `${from.startsWith('contacts') ? 'c' : 'entry'}.owner = $1`;
  if (after === null) return owner;
  return `${owner} AND (${columns.join(', ')}) ${descending ? '<' : '>'} (${values.join(', ')})`;
}

export function orderSql({ descending, columns }: Order): string {
  return columns.map((column) => `${column} ${descending ? 'DESC' : 'ASC'}`).join(', ');
}

/** Compares two places as the database does: byte by byte. */
export function comparePlaces({ descending }: Order, one: OrderPlace, other: OrderPlace): number {
  const bytes = Buffer.compare(Buffer.from(one.key), Buffer.from(other.key));
  const ascending = bytes === 0 ? (one.id < other.id ? -1 : Number(one.id > other.id)) : bytes;
  return descending ? -ascending : ascending;
}

export interface Cursor extends OrderPlace {
  /** Whether the index was of no help, so that the rest is read row by row as well. */
  readonly walks: boolean;
}

const cursorSchema = z.strictObject({
  order: z.enum(contactOrders),
  key: z.string().min(1).max(MAX_CURSOR_KEY),
  id: z.uuid(),
  walks: z.boolean(),
});

export function encodeCursor(order: Order, { key, id }: OrderPlace, walks: boolean): string {
  return Buffer.from(JSON.stringify({ order: order.name, key, id, walks })).toString('base64url');
}

/** @throws ContactStoreError `cursor_invalid`, also for a cursor of another order */
export function decodeCursor(order: Order, cursor: string | undefined): Cursor | null {
  if (cursor === undefined) return null;
  try {
    const place = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (place.order !== order.name || place.key.includes('\0')) throw new RangeError('another list');
    if (order.name.endsWith('changed') && !z.iso.datetime().safeParse(place.key).success)
      throw new RangeError('no time');
    return place;
  } catch (error) {
    throw new ContactStoreError('cursor_invalid', 'The cursor is not one of this list.', { cause: error });
  }
}
