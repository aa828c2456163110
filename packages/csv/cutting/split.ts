import type { Delimiter } from '@tidings/contracts/files/csv.ts';

/**
 * The cells of one record, its newline included or not. Exact for a well-formed record, and lenient with any other: a
 * quote that is not closed before a delimiter or the end is text, so that a person sees what stood there.
 *
 * Linear in the record, for the reason given in `scanner.ts`. With more than `maxCells` cells, the last one is the rest
 * of the record as it stands.
 */
export function splitRecord(
  record: string,
  delimiter: Delimiter,
  maxCells: number = Number.MAX_SAFE_INTEGER,
): string[] {
  const text = withoutNewline(record);
  const cells: string[] = [];
  let at = 0;
  while (cells.length < maxCells - 1) {
    const quotedEnd = text[at] === '"' ? closingQuote(text, at, delimiter) : -1;
    const unquotedEnd = quotedEnd < 0 ? text.indexOf(delimiter, at) : -1;
    if (quotedEnd >= 0) {
      cells.push(text.slice(at + 1, quotedEnd).replaceAll('""', '"'));
      if (quotedEnd + 1 === text.length) return cells;
      at = quotedEnd + 2;
    } else if (unquotedEnd >= 0) {
      cells.push(text.slice(at, unquotedEnd));
      at = unquotedEnd + 1;
    } else break;
  }
  cells.push(text.slice(at));
  return cells;
}

/** Where the quote that opens at `open` is closed, or -1 if something else follows it or nothing closes it. */
function closingQuote(text: string, open: number, delimiter: Delimiter): number {
  let quote = text.indexOf('"', open + 1);
  while (quote >= 0 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2);
  if (quote < 0) return -1;
  return quote + 1 === text.length || text[quote + 1] === delimiter ? quote : -1;
}

function withoutNewline(record: string): string {
  if (record.endsWith('\r\n')) return record.slice(0, -2);
  return record.endsWith('\n') || record.endsWith('\r') ? record.slice(0, -1) : record;
}
