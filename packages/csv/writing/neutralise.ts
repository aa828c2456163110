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
 *
 * A cell that a spreadsheet would take for a number, a date, a time, money or a truth value, and write back otherwise, gets an
 * apostrophe too: `0301`, `491711234567`, `5-`, `3.10`, `1/2`, `5 May`, `5 kr`, `WAHR`. The language of the spreadsheet decides
 * which it takes, so every cell of digits, signs and the words below counts. Whole numbers of up to eleven digits stay as they are.
 * Such a cell holds no separator with a trigger behind it, so both kinds of apostrophes leave each other alone.
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

/** Months as spreadsheets write them in Latin and Cyrillic letters, by their first letters: the rest of the word is not looked at. */
const MONTHS =
  'jan|gen|ene|sty|янв|січ|feb|f[ée]v|lut|фев|лют|m[aä]r|ma[iyj]|mrz|бер|мар|apr|avr|abr|kwi|апр|кві|мая|май|тра|ju[nli]|giu|cze|июн|чер|' +
  'lug|lip|июл|лип|aug|ao[uû]|ago|sie|авг|сер|se[pt]|wrz|сен|вер|o[ck]t|ott|out|pa[źz]|окт|жов|no[vw]|lis|ноя|лис|de[csz]|d[ée]c|dic|gru|дек|гру';
/** Of languages in which LibreOffice takes a date with one. */
const WEEKDAYS = 'mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim';
const UNITS = String.raw`(?<=\p{Nd} ?)(?:[ap]m?|odp|dop|d[eu])|(?<=\p{Nd})[tz]|上午|下午|午前|午後|[年月日时分秒時]`;
const CURRENCIES = String.raw`k[rč]|ft|zł|lei|chf|грн|руб|лв|tl|(?:r|us|nt)(?=\$)|元|円`;
const EXPONENT = String.raw`(?<=\p{Nd}[.,]? ?)e(?= ?[+-]?\p{Nd})`;
const WORD = String.raw`(?:(?:${MONTHS})\p{L}{0,9}|${UNITS}|${CURRENCIES}|${EXPONENT})(?!\p{L})`;
const SIGN = String.raw`[\p{Nd}\p{P}\p{S}\p{Zs}]`;
const WHOLE_NUMBER = '(?:0|[1-9][0-9]{0,10})$';
const HELD = `.*[,;|]${PASSED_OVER}(?:[${TRIGGERS}]|$)`;
const VALUE = String.raw`(?=.*\p{Nd})(?!${WHOLE_NUMBER}|${HELD})(?:(?:${WEEKDAYS})\p{L}{0,9}(?!\p{L}))?(?:${SIGN}|${WORD})+`;
/** A date of the Japanese calendar. */
const ERA = String.raw`[mtshr]\d{1,2}\.\d{1,2}\.\d{1,2}`;
const TRUTH_VALUES =
  'true|false|wahr|falsch|vrai|faux|verdadero|verdadeiro|vero|falso|waar|onwaar|prawda|fałsz|истина|ложь|істина|хибність|igaz|hamis|' +
  'pravda|nepravda|sann|usann|sant|falskt|sand|falsk|tosi|epätosi|doğru|yanl[iı]ş|adevărat|fals|真|假';
/** A longer text is none of these, and is not searched. */
const MAX_CONVERTED = 60;
const CONVERTED = new RegExp(String.raw`^(?:${VALUE}|${ERA}|[ \u00a0]*(?:${TRUTH_VALUES})[ \u00a0]*)$`, 'iu');

const UNMARKED = new RegExp(`^${AT_START}|${AFTER_SEPARATOR}${WITHIN}`, 'gu');
const MARK = new RegExp(`^'${AT_START}|${AFTER_SEPARATOR}'${WITHIN}`, 'gu');

/** The cell made safe to open in a spreadsheet. */
export function neutraliseCell(cell: string): string {
  return isConverted(cell) ? `'${cell}` : cell.replace(UNMARKED, "'");
}

/**
 * The cell as it was before `neutraliseCell`. A cell whose apostrophe a spreadsheet has removed stays as it is. Also removes
 * an apostrophe that a person put before `+49…`.
 */
export function restoreCell(cell: string): string {
  if (!cell.includes("'")) return cell;
  return cell.startsWith("'") && isConverted(cell) ? cell.slice(1) : cell.replace(MARK, '');
}

/** The cell as it must be written where a spreadsheet takes it for text anyway, so that `restoreCell` gives it back. */
export function keepRestored(cell: string): string {
  return restoreCell(cell) === cell ? cell : neutraliseCell(cell);
}

/** The same for a text with and without apostrophes in front, which do not count for its length. */
function isConverted(cell: string): boolean {
  const marks = /^'*/.exec(cell)?.[0].length ?? 0;
  return cell.length - marks <= MAX_CONVERTED && CONVERTED.test(cell.slice(marks));
}
