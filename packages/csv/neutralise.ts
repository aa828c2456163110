/**
 * What a spreadsheet would run as a formula gets an apostrophe in front on the way out, and loses it on the way back. The
 * triggers are OWASP's: `= + - @`, tab, carriage return, and the full-width forms of the four; at the start of the text also
 * a line feed.
 *
 * A program may take another separator than the file's, and may ignore quotes. So a cell can begin at the start of the text,
 * and after each `, ; TAB |` and newline in it. It begins with a trigger also where only blanks, quotes, apostrophes
 * and invisible characters stand before the trigger. The apostrophe goes in front of these, so a text that has one already gets
 * another. The end of the text counts as a trigger too: the file goes on with a tab or a newline there.
 *
 * For every string `restoreCell(neutraliseCell(cell)) === cell`. No cell can begin between a start and its trigger, so the
 * apostrophe of one start changes no other start. A cell that has such an apostrophe already gets a second one.
 */
const TRIGGERS = String.raw`=+\-@\t\r＝＋－＠`;
/**
 * Blanks, controls, quotes and invisible characters, without tab and newlines, after which a cell can begin. They are one
 * character class: where two alternatives match a character, the engine tries both, and the time doubles with each such character.
 */
const PASSED_OVER = String.raw`[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"'\p{Z}\p{Cf}]*`;
const AT_START = String.raw`(?=${PASSED_OVER}[${TRIGGERS}\n])`;
const WITHIN = `(?=${PASSED_OVER}(?:[${TRIGGERS}]|$))`;
const AFTER_SEPARATOR = String.raw`(?<=[,;\t|\n\r])`;

const UNMARKED = new RegExp(`^${AT_START}|${AFTER_SEPARATOR}${WITHIN}`, 'gu');
const MARK = new RegExp(`^'${AT_START}|${AFTER_SEPARATOR}'${WITHIN}`, 'gu');

/** The cell made safe to open in a spreadsheet. */
export function neutraliseCell(cell: string): string {
  return cell.replace(UNMARKED, "'");
}

/**
 * The cell as it was before `neutraliseCell`. A cell whose apostrophe a spreadsheet has removed stays as it is. Also removes
 * an apostrophe that a person put before `+49…`.
 */
export function restoreCell(cell: string): string {
  return cell.includes("'") ? cell.replace(MARK, '') : cell;
}
