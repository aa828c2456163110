/** Characters that a file of rejected rows cannot hold, and what it shows in their places. */
import type { RecordCode, RowCode } from '@tidings/contracts/codes.ts';
import { REPLACEMENT_CHARACTER } from '../utf8.ts';

interface StandIn {
  /** In rows with one of these codes `shown` stands for the character. A mended row that still holds `shown` gets the first code. */
  readonly codes: readonly [RecordCode, ...RecordCode[]];
  readonly character: string;
  readonly shown: string;
}

/** Characters that an export does not hold, each with the stand-in that it gets in a row that was rejected for it. */
const standIns: readonly StandIn[] = [
  { codes: ['nul_byte'], character: '\0', shown: '␀' },
  // Rows that earlier releases kept hold U+FFFD; this release keeps rows that are not UTF-8 with other letters.
  { codes: ['replacement_character', 'invalid_encoding'], character: REPLACEMENT_CHARACTER, shown: '␚' },
];

/** The cell as an export shows it. */
export function withStandIns(cell: string): string {
  return standIns.reduce((text, { character, shown }) => text.replaceAll(character, shown), cell);
}

/** The cell with its characters back. @param codes of the row: a stand-in stands for its character only where the row was rejected for it */
export function withoutStandIns(cell: string, codes: readonly RecordCode[]): string {
  const fitting = standIns.filter(({ codes: own }) => own.some((code) => codes.includes(code)));
  return fitting.reduce((text, { character, shown }) => text.replaceAll(shown, character), cell);
}

/** What cells hold that is no text. */
export function unreadableIn(cells: readonly string[]): RecordCode[] {
  const found = standIns.filter(({ character }) => cells.some((cell) => cell.includes(character)));
  return found.map(({ codes }) => codes[0]);
}

/** The first stand-in that the cells show in a row with these codes; undefined where there is none. */
export function shownStandIn(cells: readonly string[], codes: readonly RowCode[]): string | undefined {
  const isShown = ({ codes: fitting, shown }: StandIn) =>
    fitting.some((code) => codes.includes(code)) && cells.some((cell) => cell.includes(shown));
  return standIns.find(isShown)?.shown;
}
