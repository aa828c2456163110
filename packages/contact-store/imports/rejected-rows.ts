/** The rejected rows of an import, and those that were imported without a value. */
import { type RowCode, recordCodes } from '@tidings/contracts/codes.ts';
import type { ParametersByCode } from '@tidings/contracts/files/row-faults.ts';
import { readWholeNumber } from '@tidings/contracts/text.ts';
import type { RejectedRow } from '../chunk-to-apply.ts';
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database, Queryable } from '../databases/database.ts';
import { readInOrder } from '../databases/read-in-order.ts';
import { foldAddress } from '../email-key.ts';
import type { ListWarnedRowsOptions, RejectedTraits } from '../kept-imports.ts';
import type { KeptCells, KeptRejectedRow } from '../kept-rejected-row.ts';

const BATCH_ROWS = 1_000;
/** Bytes of a batch's cells, at most, unless it is one row. */
const BATCH_BYTES = 1024 * 1024;
/** Rows that may hold an address, read at a time; each is at most as large as a record. */
const ERASED_AT_A_TIME = 32;

/** The greatest number of a row. */
export const MAX_ROW = 2 ** 31 - 1;

/** The column `code` holds all codes of a row, parted by blanks. */
const BETWEEN_CODES = ' ';

/** Of the form in which parameters are kept. Of another form nothing is read: the sentences then have no parameters. */
const PARAMETERS_VERSION = 1;
interface KeptParameters {
  readonly version: number;
  readonly byCode: ParametersByCode;
}

/**
 * Keeps the rows; a row of an earlier upload of the same import is replaced.
 * @param warned imported without a value; one that is rejected, too, is kept as rejected
 */
export async function keepRejectedRows(
  connection: Queryable,
  importId: string,
  rejected: readonly RejectedRow[],
  warned: readonly RejectedRow[],
): Promise<void> {
  const numbers = new Set(rejected.map(({ row }) => row));
  const kept = [...rejected, ...warned.filter(({ row }) => !numbers.has(row))];
  if (kept.length === 0) return;
  await connection.query(
    `INSERT INTO row_errors (import_id, row, line, code, parameters, cells, is_warning)
     SELECT $1, r, l, c, p::json, ce::json, w = 1
       FROM unnest($2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::int[]) AS kept (r, l, c, p, ce, w)
     ON CONFLICT (import_id, row) DO UPDATE
       SET line = excluded.line, code = excluded.code, parameters = excluded.parameters, cells = excluded.cells,
           is_warning = excluded.is_warning, mended = NULL, taken_by = NULL`,
    [
      importId,
      kept.map(({ row }) => row),
      kept.map(({ line }) => line),
      kept.map(({ codes }) => codes.join(BETWEEN_CODES)),
      kept.map(({ parameters }) => JSON.stringify(keptForm(parameters))),
      kept.map(({ cells }) => JSON.stringify(cells)),
      kept.map((_, index) => (index < rejected.length ? 0 : 1)),
    ],
  );
}

function keptForm(byCode: ParametersByCode): KeptParameters {
  return { version: PARAMETERS_VERSION, byCode };
}

const faultsOfRecords: ReadonlySet<RowCode> = new Set(recordCodes);

/** @param width cells of the header */
export function traitsOf(rejected: readonly RejectedRow[], width: number): RejectedTraits {
  return {
    surplusCells: rejected.some(({ cells }) => cells.length > width),
    recordFaults: rejected.some(({ codes }) => codes.some((code) => faultsOfRecords.has(code))),
  };
}

/** Rows of an import, by a further condition, whose parameters come after the import. */
export interface RowFilter {
  readonly where: string;
  readonly parameters: readonly (string | readonly number[])[];
  /** The rows that were imported without a value, and not the rejected ones; default false. */
  readonly warnings?: boolean;
}
const everyRow: RowFilter = { where: 'true', parameters: [] };

/** By row number, in bounded batches; each batch is a statement of its own, so nothing is held in between. */
export async function* rejectedRows(
  database: Database,
  importId: string,
  filter: RowFilter = everyRow,
): AsyncGenerator<KeptRejectedRow[]> {
  let last = -1;
  for (let limit = BATCH_ROWS; ; ) {
    const rows = await readInOrder(database, (connection) =>
      readBatch(connection, importId, filter, { after: last, limit }),
    );
    const newest = rows.at(-1);
    if (newest === undefined) return;
    yield rows.map(readKept);
    last = newest.row;
    // A row that is measured and then left out is measured again for the next batch.
    limit = Math.min(BATCH_ROWS, 2 * rows.length);
  }
}

/** A page of the rows that were imported without a value, by row number. */
export async function listWarnedRows(
  database: Database,
  { importId, cursor, limit }: ListWarnedRowsOptions,
): Promise<{ items: RejectedRow[]; nextCursor: string | null }> {
  const after = cursor === undefined ? -1 : readWholeNumber(cursor);
  if (after === null || after > MAX_ROW)
    throw new ContactStoreError('cursor_invalid', 'The cursor is not one of this list.');
  const rows = await readInOrder(database, (connection) =>
    readBatch(connection, importId, { ...everyRow, warnings: true }, { after, limit }),
  );
  const last = rows.at(-1);
  // A page of many bytes is short, so that only an empty one is known to be the last.
  return { items: rows.map(readKept), nextCursor: last === undefined ? null : String(last.row) };
}

/** A row as the table has it. */
interface TableRow extends Omit<RejectedRow, 'codes' | 'parameters'> {
  readonly code: string;
  readonly parameters: KeptParameters | null;
  readonly mended: KeptCells | null;
  readonly takenBy: string | null;
}

function readKept({ code, parameters: kept, mended, takenBy, ...row }: TableRow): KeptRejectedRow {
  const parameters = kept?.version === PARAMETERS_VERSION ? kept.byCode : {};
  return {
    ...{ ...row, codes: code.split(BETWEEN_CODES) as RowCode[], parameters },
    ...(mended === null ? {} : { mended }),
    ...(takenBy === null ? {} : { takenBy }),
  };
}

interface Batch {
  /** The number of the row before. */
  readonly after: number;
  /** Rows, at most. */
  readonly limit: number;
  /** Bytes of cells, at most, unless it is one row. */
  readonly bytes?: number;
}

export async function readBatchOf(
  database: Queryable,
  importId: string,
  filter: RowFilter,
  batch: Batch,
): Promise<KeptRejectedRow[]> {
  return (await readBatch(database, importId, filter, batch)).map(readKept);
}

async function readBatch(
  database: Queryable,
  importId: string,
  { where, parameters, warnings = false }: RowFilter,
  { after, limit, bytes = BATCH_BYTES }: Batch,
): Promise<TableRow[]> {
  const { rows } = await database.query<TableRow>(
    `SELECT row, line, code, parameters, cells, mended, taken_by AS "takenBy"
       FROM (SELECT *, row_number() OVER in_order AS place,
                    sum(octet_length(cells::text) + coalesce(octet_length(mended::text), 0)) OVER in_order AS total
               FROM (SELECT * FROM row_errors
                      WHERE import_id = $1 AND row > $2 AND ${warnings ? '' : 'NOT '}is_warning AND (${where}) ORDER BY row LIMIT $3) AS next_rows
             WINDOW in_order AS (ORDER BY row)) AS weighed
      WHERE place = 1 OR total <= $4 ORDER BY row`,
    [importId, after, limit, bytes, ...parameters],
  );
  return rows;
}

/** A character of e-mail addresses: text with such a character before or after it is part of a longer address. */
const ADDRESS_CHARACTER = /[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]/u;

/**
 * Whether a cell holds the address, in any case and any spelling of its letters, alone or within a text, but not as a part of a longer address.
 * @param email as of `formsOfAddress`
 */
export function holdsAddress(cell: string, email: string): boolean {
  for (let from = 0; ; from += PIECE_LENGTH - OVERLAP) {
    const isLast = from + PIECE_LENGTH >= cell.length;
    const text = foldAddress(cell.slice(from, from + PIECE_LENGTH));
    // What touches an edge within the cell stands whole in the piece before or behind.
    if (pieceHoldsAddress(text, email, { isFirst: from === 0, isLast })) return true;
    if (isLast) return false;
  }
}

/** A cell is folded in pieces, because normalizing a long text may take quadratic time; each address stands whole in one of them. */
const PIECE_LENGTH = 4_096;
const OVERLAP = 1_024;

function pieceHoldsAddress(
  text: string,
  email: string,
  { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
): boolean {
  for (let at = text.indexOf(email); at >= 0; at = text.indexOf(email, at + 1)) {
    const end = at + email.length;
    if ((at < 2 && !isFirst) || (end + 2 > text.length && !isLast)) continue;
    const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? '';
    const [after = '', beyond = ''] = text.slice(end, end + 4);
    const longerBefore = before === '.' || ADDRESS_CHARACTER.test(before);
    const longerAfter = ADDRESS_CHARACTER.test(after) || (after === '.' && ADDRESS_CHARACTER.test(beyond));
    if (!longerBefore && !longerAfter) return true;
  }
  return false;
}

/** The longest part of the address that every server lower-cases alike, and that JSON does not escape; of `İ` none makes an `i`. */
function plainPartOf(email: string): string {
  const parts = email.split(/[^\x21\x23-\x5b\x5d-\x7e]+|i/);
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

/** Characters that stand for ASCII in numbers of houses and areas, and dots of East Asia. */
const STANDING_FOR: Readonly<Record<string, string>> = { a: 'ª', o: 'º', 1: '¹', 2: '²', 3: '³', '.': '。｡' };
/** How far behind a character of ASCII the one is that stands for it in full width. */
const TO_FULL_WIDTH = 0xfee0;

/** A regular expression of what may stand for the plain character. */
function formsOfPlain(plain: string): string {
  const cases = [...new Set([plain, plain.toUpperCase()])];
  const wide = cases.map((one) => String.fromCharCode(one.charCodeAt(0) + TO_FULL_WIDTH));
  const narrow = cases.map((one) => (/[a-z0-9]/i.test(one) ? one : `\\${one}`));
  return `[${[...narrow, ...wide].join('')}${STANDING_FOR[plain] ?? ''}]`;
}

/** The other letters of which `foldAddress` makes ASCII, and a few besides. They are rare, so rows with one are all read. */
const FOLDED_TO_ASCII =
  '[\xbc-\xbe\u0132\u0133\u013f\u0140\u0149\u017f\u01c4-\u01cc\u01f1-\u01f3\u02b0-\u02b8\u02e1-\u02e3\u037e\u1d2c-\u1dbb\u1e9a\u1fef' +
  '\u2024-\u2026\u203c\u2047-\u2049\u2070-\u209c\u20a8\u2100-\u2189\u2460-\u24ea\u2a74-\u2a76\u2c7c\u2c7d\u3200-\u33ff\ua7f1-\ua7f4' +
  '\ufb00-\ufb06\ufb29\ufe10-\ufe6b\u{107a5}\u{1ccd6}-\u{1ccf9}\u{1d400}-\u{1d7ff}\u{1f100}-\u{1f190}\u{1fbf0}-\u{1fbf9}]';

/**
 * SQL: whether a rejected row may hold the address whose `candidatesOf` is `$1`. One expression for all of it, because each rejected row of
 * the owner is asked: to `translate` from full width took fifty times as long.
 */
const MAY_HOLD = `concat(cells, mended) COLLATE "C" ~ $1`;

function candidatesOf(email: string): string {
  return `${[...plainPartOf(email)].map(formsOfPlain).join('')}|${FOLDED_TO_ASCII}`;
}

interface Candidate {
  row: number;
  cells: string[];
  mended: KeptCells | null;
}

function textsOf({ cells, mended }: Candidate): string[] {
  return mended === null ? cells : [...cells, ...mended.own, mended.extra];
}

/** Erases the rejected rows of the owner's imports that hold an address. In a transaction. `email`: as of `formsOfAddress`. */
export async function eraseRejectedRows(connection: Queryable, owner: string, email: string): Promise<void> {
  // Each page goes along the index of its import, and stops: see `readInOrder`.
  await connection.query('SET LOCAL enable_bitmapscan = off');
  const { rows: imports } = await connection.query<{ importId: string }>(
    `SELECT import_id AS "importId" FROM import_gates
      WHERE owner = $2 AND EXISTS (SELECT FROM row_errors WHERE row_errors.import_id = import_gates.import_id AND ${MAY_HOLD} OFFSET 0)`,
    [candidatesOf(email), owner],
  );
  for (const { importId } of imports) await eraseFromImport(connection, importId, email);
}

async function eraseFromImport(connection: Queryable, importId: string, email: string): Promise<void> {
  for (let after = -1; ; ) {
    const { rows } = await connection.query<Candidate>(
      `SELECT row, cells, mended FROM row_errors WHERE import_id = $2 AND row > $3 AND ${MAY_HOLD}
        ORDER BY row LIMIT ${ERASED_AT_A_TIME}`,
      [candidatesOf(email), importId, after],
    );
    const holding = rows.filter((row) => textsOf(row).some((cell) => holdsAddress(cell, email)));
    if (holding.length > 0)
      await connection.query('DELETE FROM row_errors WHERE import_id = $1 AND row = ANY ($2::int[])', [
        importId,
        holding.map(({ row }) => row),
      ]);
    const last = rows.at(-1);
    if (last === undefined || rows.length < ERASED_AT_A_TIME) return;
    after = last.row;
  }
}
