/**
 * Cells that a spreadsheet would run as a formula get one apostrophe in front on the way out, and lose one on the way
 * back. The triggers are OWASP's: `= + - @`, tab, carriage return, line feed, and the full-width forms of the four.
 * Cells that already start with apostrophes before a trigger get one more, so that nothing is lost: for every string,
 * `restoreCell(neutraliseCell(cell)) === cell`.
 */
const NEEDS_APOSTROPHE = /^'*[=+\-@\t\r\n＝＋－＠]/;
const HAS_APOSTROPHE = /^'+[=+\-@\t\r\n＝＋－＠]/;

/** The cell made safe to open in a spreadsheet. */
export function neutraliseCell(cell: string): string {
  return NEEDS_APOSTROPHE.test(cell) ? `'${cell}` : cell;
}

/** The cell as it was before `neutraliseCell`. Also takes the apostrophe that a spreadsheet put before `'+49…`. */
export function restoreCell(cell: string): string {
  return HAS_APOSTROPHE.test(cell) ? cell.slice(1) : cell;
}
