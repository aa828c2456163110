/**
 * Tells small rows from large ones by how they are stored. A chunk reads its small contacts at once, and large ones few at a time:
 * a file of addresses alone may name thousands of contacts of 256 KiB.
 */

/** Rows of any size that are read at once. */
export const LARGE_AT_A_TIME = 16;
/** Bytes of a row's values as stored, at most, for it to be small. */
const SMALL_BYTES = 2_000;

/** SQL: whether these columns are stored uncompressed and are small. It reads no value that is stored apart from its row. */
export function areSmall(columns: readonly string[]): string {
  const bytes = columns.map((column) => `coalesce(pg_column_size(${column}), 0)`).join(' + ');
  const compression = columns.map((column) => `pg_column_compression(${column})`).join(', ');
  return `(${bytes} <= ${SMALL_BYTES} AND coalesce(${compression}) IS NULL)`;
}

export function* slicesOf<Item>(items: readonly Item[], length: number): Generator<Item[]> {
  for (let from = 0; from < items.length; from += length) yield items.slice(from, from + length);
}
