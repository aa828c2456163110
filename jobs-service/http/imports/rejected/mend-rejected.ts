/**
 * `GET /imports/{id}/rejected`: the rejected rows, to be mended without a file; `GET /imports/{id}/rejected/{row}`: one of them. `PATCH /imports/{id}/rejected/{row}` and
 * `PATCH /imports/{id}/rejected` keep how somebody has mended them.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { KeptRejectedRow, MendedRow } from '@tidings/contact-store/kept-rejected-row.ts';
import type { RowReasonWords } from '@tidings/contracts/files/row-words/row-words.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { MendedRows, RejectedRowItem } from '@tidings/contracts/imports/rejected-rows.ts';
import { reasonsQuerySchema } from '@tidings/contracts/schemas/files/rejected-file.ts';
import {
  listRejectedQuerySchema,
  mendRowBodySchema,
  mendRowsBodySchema,
} from '@tidings/contracts/schemas/imports/rejected-rows.ts';
import { readWholeNumber } from '@tidings/contracts/text.ts';
import type { CountryLookup } from '@tidings/rows/country-directory.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { ImportReader } from '../../../imports/import-reader.ts';
import { lostMenders, takeBackLost } from '../../../imports/lost-menders.ts';
import { ownerOfBearer } from '../../owner-of-bearer.ts';
import { readPermittedImport } from '../import-answer.ts';
import { reasonsFor } from './reasons-language.ts';
import { noLayout, RejectedCells } from './rejected-cells.ts';

/** Times that others may mend a row between its reading and its keeping. */
const MOST_TRIES = 20;

/** Bytes of a request that mends rows, at most. */
export const MAX_MEND_BYTES = 1024 * 1024;

export interface MendParts {
  readonly reader: ImportReader;
  readonly contactStore: Pick<
    ContactStore,
    'importLayout' | 'listRejected' | 'rejectedByNumber' | 'mendRejected' | 'mendersOf' | 'takeBackMended'
  >;
  readonly countries: CountryLookup;
}

export function listRejected({ reader, contactStore, countries }: MendParts): RequestHandler {
  return readsQuery(listRejectedQuerySchema, async ({ language, ...query }, request, response) => {
    const { state } = await readPermittedImport(reader, request, response);
    const words = reasonsFor(language, request, response);
    const cells = await cellsOf({ contactStore, countries }, state.importId, words);
    const { items, nextCursor } = await contactStore.listRejected({ importId: state.importId, ...query });
    const lost = await lostMenders(
      reader,
      items.flatMap(({ takenBy }) => takenBy ?? []),
    );
    const shown = items.map((row) => (lost.has(row.takenBy ?? '') ? untaken(row) : row));
    response.json({ items: await cells.toItems(shown), nextCursor, left: leftOf(state) });
  });
}

/** Runs after the reader of JSON bodies. */
export function mendRow(parts: MendParts): RequestHandler {
  return readsQuery(reasonsQuerySchema, async ({ language }, request, response) => {
    const change = parse(mendRowBodySchema, request.body ?? {});
    const [item] = await mend({ ...parts, language }, request, response, [
      { row: rowOf(request), ...change },
    ]);
    response.json(item);
  });
}

export function getRejected({ reader, contactStore, countries }: MendParts): RequestHandler {
  return readsQuery(reasonsQuerySchema, async ({ language }, request, response) => {
    const words = reasonsFor(language, request, response);
    const { state } = await readPermittedImport(reader, request, response);
    const [row] = await contactStore.rejectedByNumber(state.importId, [rowOf(request) - 1]);
    if (row === undefined) throw notFound();
    const cells = await cellsOf({ contactStore, countries }, state.importId, words);
    const lost = await lostMenders(reader, row.takenBy === undefined ? [] : [row.takenBy]);
    const [item] = await cells.toItems([lost.has(row.takenBy ?? '') ? untaken(row) : row]);
    response.json(item);
  });
}

/** @throws Problem not_found: no row has such a number */
function rowOf(request: Request): number {
  const row = readWholeNumber(String(request.params.row)) ?? 0;
  if (row < 1 || row > 2 ** 31 - 1) throw notFound();
  return row;
}

/** Runs after the reader of JSON bodies. All rows are mended, or none. */
export function mendRows(parts: MendParts): RequestHandler {
  return readsQuery(reasonsQuerySchema, async ({ language }, request, response) => {
    const { rows } = parse(mendRowsBodySchema, request.body ?? {});
    const numbers = new Set(rows.map(({ row }) => row));
    if (numbers.size < rows.length)
      throw new Problem('invalid_request', 'A row stands in `rows` twice.', { field: 'rows' });
    response.json({ items: await mend({ ...parts, language }, request, response, rows) });
  });
}

/** Support reads rejected rows, and writes none. @throws Problem not_found, state_conflict, invalid_request, precondition_failed */
async function mend(
  { reader, contactStore, countries, language }: MendParts & z.output<typeof reasonsQuerySchema>,
  request: Request,
  response: Response,
  changes: MendedRows['rows'],
): Promise<RejectedRowItem[]> {
  ownerOfBearer(response);
  const words = reasonsFor(language, request, response);
  const { state } = await readPermittedImport(reader, request, response);
  const { importId } = state;
  const numbers = changes.map(({ row }) => row - 1);
  const cells = await cellsOf({ contactStore, countries }, importId, words);
  const attempt = async () => {
    const rows = await contactStore.rejectedByNumber(importId, numbers);
    return contactStore.mendRejected(importId, mendedOf(rows, changes, cells));
  };
  let outcome = await attempt();
  if (outcome === 'gone') {
    await takeBackLost(reader, contactStore, importId);
    outcome = await attempt();
  }
  // Each reading merges the change with what somebody else has written, or refuses it.
  for (let tried = 1; outcome === 'changed' && tried < MOST_TRIES; tried += 1) outcome = await attempt();
  if (outcome === 'gone') throw handedOver();
  if (outcome === 'changed')
    throw new Problem('precondition_failed', 'Others change these rows all the time: read them again.');
  const now = await contactStore.rejectedByNumber(importId, numbers);
  return cells.toItems(now);
}

function mendedOf(
  rows: readonly KeptRejectedRow[],
  changes: MendedRows['rows'],
  cells: RejectedCells,
): MendedRow[] {
  const found = new Map(rows.map((row) => [row.row, row]));
  return changes.map(({ row: number, cells: given, former }) => {
    const row = found.get(number - 1);
    if (row === undefined)
      throw new Problem('not_found', `Row ${number} is no rejected row of this import.`, { field: 'row' });
    return cells.mend(row, given, former);
  });
}

/** Of an import that runs nobody mends rows yet. */
function leftOf({ leftToMend, rows }: ImportState): number {
  return leftToMend ?? rows.rejected;
}

function untaken({ takenBy: _, ...row }: KeptRejectedRow): KeptRejectedRow {
  return row;
}

function handedOver(): Problem {
  const message =
    'A row was handed to an import as it was mended before: mend it there, if it was rejected again.';
  return new Problem('state_conflict', message);
}

async function cellsOf(
  { contactStore, countries }: Pick<MendParts, 'contactStore' | 'countries'>,
  importId: string,
  words: RowReasonWords,
): Promise<RejectedCells> {
  return new RejectedCells((await contactStore.importLayout(importId)) ?? noLayout, countries, words);
}
