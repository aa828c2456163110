/**
 * Finds contacts that a query or an import names. Where many match, the next ones in the order are read until a page is full. Where few do, the
 * index, or the ledger of the import, names them all. Each is checked against its row, so nothing is shown that does not match.
 */
import { changedAtExact } from '../contact-image.ts';
import type { Queryable } from '../databases/database.ts';
import { SEARCHED_AT_A_TIME } from '../listed-contacts.ts';
import { indexQueryOf, searchedValues } from '../search/search-index.ts';
import { nameKeyOf, type SearchedValues, type SearchQuery } from '../search/search-text.ts';
import { readIds } from '../undo/page-contacts.ts';
import {
  type Cursor,
  comparePlaces,
  followsSql,
  type Order,
  type OrderPlace,
  orderSql,
} from './contact-orders.ts';

/** Contacts that are sorted for a page, at most; where more match, the order is followed instead. */
const MOST_CANDIDATES = 5_000;

export interface Filter {
  readonly owner: string;
  /** null: any text. */
  readonly search: SearchQuery | null;
  /** The import that has created a contact, or has found it; null: any. */
  readonly importId: string | null;
}

/** Contacts that a page may hold, in order. */
export interface Candidates {
  readonly places: readonly OrderPlace[];
  /** The place up to which contacts were read, if more follow; else null. */
  readonly lookedAt: OrderPlace | null;
}

type Row = [
  id: string,
  key: string,
  touched: boolean,
  email: string,
  firstName: string,
  lastName: string,
  company: string,
  phone: string,
];

/** Whether the import (the parameter named) has created the contact, or has found it. */
const touchedBy = (
  parameter: string,
) => `(${parameter}::uuid IS NULL OR c.created_by_import = ${parameter}::uuid OR EXISTS (
    SELECT FROM contact_changes WHERE import_id = ${parameter}::uuid AND contact_changes.contact_id = c.id))`;

function valuesOf([, , , email, firstName, lastName, company, phone]: Row): SearchedValues {
  return { email, firstName, lastName, company, phone };
}

function matches({ search }: Filter, row: Row): boolean {
  return row[2] && (search === null || search.matches(valuesOf(row)));
}

/** The next contacts in the order, all that there are. */
export async function following(
  connection: Queryable,
  { owner }: Filter,
  { order, limit, after }: { order: Order; limit: number; after: OrderPlace | null },
): Promise<Candidates> {
  const { rows } = await connection.query<OrderPlace>(
    `SELECT c.id, ${order.key} AS key FROM ${order.from} WHERE ${followsSql(order, after)}
      ORDER BY ${orderSql(order)} LIMIT ${limit + 1}`,
    placeParameters(owner, order, after),
  );
  const places = rows.slice(0, limit);
  return { places, lookedAt: rows.length > limit ? (places.at(-1) ?? null) : null };
}

function placeParameters(owner: string, { values }: Order, after: OrderPlace | null): string[] {
  return after === null ? [owner] : [owner, after.key, after.id].slice(0, values.length + 1);
}

/** Reads the next contacts, whatever they hold. */
export async function walk(
  connection: Queryable,
  filter: Filter,
  { order, limit, after }: { order: Order; limit: number; after: OrderPlace | null },
): Promise<Candidates> {
  const parameters = placeParameters(filter.owner, order, after);
  const { rows } = await connection.query<{ read: Row[] | null }>(
    `SELECT json_agg(json_build_array(id, key, ${touchedBy(`$${parameters.length + 1}`)}, ${searchedValues}, phone)) AS read
       FROM (SELECT c.*, ${order.key} AS key FROM ${order.from} WHERE ${followsSql(order, after)}
              ORDER BY ${orderSql(order)} LIMIT ${SEARCHED_AT_A_TIME}) AS c`,
    [...parameters, filter.importId],
  );
  const read = rows[0]?.read ?? [];
  const found = read.filter((row) => matches(filter, row)).map(placeOf);
  const places = found.slice(0, limit);
  const last = read.at(-1);
  const lookedAt = last === undefined || read.length < SEARCHED_AT_A_TIME ? null : placeOf(last);
  return { places, lookedAt: found.length > limit ? (places.at(-1) ?? null) : lookedAt };
}

function placeOf([id, key]: Row): OrderPlace {
  return { id, key };
}

/** All contacts that match, in order; null where too many may, or nothing names them. */
export async function allMatches(
  connection: Queryable,
  filter: Filter,
  order: Order,
  isIndexed: boolean,
): Promise<OrderPlace[] | null> {
  const ids =
    (await idsOfImport(connection, filter)) ?? (isIndexed ? await idsInIndex(connection, filter) : null);
  if (ids === null) return null;
  const { rows } = await connection.query<{ read: Row[] | null }>(
    `SELECT json_agg(json_build_array(id, ${order.name.endsWith('changed') ? changedAtExact('changed_at') : 'email'}, ${touchedBy('$3')}, ${searchedValues}, phone)) AS read
       FROM unnest($2::text[]::uuid[]) AS wanted (contact),
            LATERAL (SELECT * FROM contacts WHERE id = contact AND owner = $1 OFFSET 0) AS c`,
    [filter.owner, ids, filter.importId],
  );
  const found = (rows[0]?.read ?? []).filter((row) => matches(filter, row));
  return found
    .map((row) => ({ id: row[0], key: keyOf(order, row) }))
    .sort((one, other) => comparePlaces(order, one, other));
}

function keyOf({ name }: Order, row: Row): string {
  return name.endsWith('name') ? nameKeyOf(valuesOf(row)) : row[1];
}

/** null where the import has too many, or its ledger is kept no longer. */
async function idsOfImport(connection: Queryable, { importId }: Filter): Promise<string[] | null> {
  if (importId === null) return null;
  const { rows } = await connection.query<{ known: boolean }>(
    'SELECT EXISTS (SELECT FROM chunk_ledger WHERE import_id = $1) AS known',
    [importId],
  );
  if (rows[0]?.known !== true) return null;
  const { ids, next } = await readIds(connection, { importId, after: null }, MOST_CANDIDATES);
  return next === null ? ids : null;
}

async function idsInIndex(connection: Queryable, { owner, search }: Filter): Promise<string[] | null> {
  const words = search === null ? null : indexQueryOf(owner, search);
  if (words === null) return null;
  // Only this index answers the condition, and without statistics the table would be read instead.
  await useIndexOfWords(connection, true);
  const { rows } = await connection.query<{ ids: string[] | null }>(
    `WITH found AS MATERIALIZED (
       SELECT contact_id, owner FROM contact_search WHERE words @@ $1::tsquery LIMIT ${MOST_CANDIDATES + 1}
     ) SELECT json_agg(contact_id) AS ids FROM found WHERE owner = $2`,
    [words, owner],
  );
  await useIndexOfWords(connection, false);
  const ids = rows[0]?.ids ?? [];
  return ids.length > MOST_CANDIDATES ? null : ids;
}

async function useIndexOfWords(connection: Queryable, used: boolean): Promise<void> {
  await connection.query(
    `SELECT set_config('enable_bitmapscan', $1, true), set_config('enable_seqscan', $2, true)`,
    used ? ['on', 'off'] : ['off', 'on'],
  );
}

/** The part of a sorted list that a page may hold. */
export function pageOf(
  all: readonly OrderPlace[],
  order: Order,
  after: Cursor | null,
  limit: number,
): Candidates {
  const rest = after === null ? all : all.filter((place) => comparePlaces(order, place, after) > 0);
  const places = rest.slice(0, limit);
  return { places, lookedAt: rest.length > limit ? (places.at(-1) ?? null) : null };
}
