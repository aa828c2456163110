/** Newlines within the cells of a sheet. They are written as a character of their own, so that a line of the text is a row of the sheet. */

/** The vertical tab, with which word processors break a line within a paragraph. */
export const LINE_BREAK = '\v';

/** The cells with the newlines that the sheet has. */
export function restoreLineBreaks(cells: readonly string[]): string[] {
  return cells.map((cell) => (cell.includes(LINE_BREAK) ? cell.replaceAll(LINE_BREAK, '\n') : cell));
}
