/**
 * What a chunk finds of its contacts is read in one go, as long as it is small: a file of addresses alone may name
 * thousands of contacts of 256 KiB. The large ones are told apart by how they are stored, and read few at a time.
 */

/** Rows that are read in one go whatever their size. */
export const LARGE_AT_A_TIME = 16;
/** Bytes of a row's values as stored, at most, for it to be small. */
const SMALL_BYTES = 2_000;

/** SQL: whether these columns are stored as they are, rather than compressed, and are small. None of it reads what is stored apart. */
export function areSmall(columns: readonly string[]): string {
  const bytes = columns.map((column) => `coalesce(pg_column_size(${column}), 0)`).join(' + ');
  const compression = columns.map((column) => `pg_column_compression(${column})`).join(', ');
  return `(${bytes} <= ${SMALL_BYTES} AND coalesce(${compression}) IS NULL)`;
}

export function* slicesOf<Item>(items: readonly Item[], length: number): Generator<Item[]> {
  for (let from = 0; from < items.length; from += length) yield items.slice(from, from + length);
}
