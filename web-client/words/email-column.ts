/** What is wrong with a file of which no column is recognised as the one of the e-mail addresses, and what to do. */

/** Names of columns that a sentence lists, and characters of each, at most. */
const MAX_NAMES = 12;
const MAX_NAME_LENGTH = 60;

export const missingEmailWords = {
  thenAgain: (detail: string) => `${detail} Then choose the file again.`,
  noHeader: {
    title: 'The file has no header row',
    detail:
      'Its first line is a contact already. Put a line with the names of the columns above it, and “email” above the addresses.',
  },
  otherDelimiter: {
    title: 'The columns cannot be told apart',
    detail: (delimiter: string) =>
      `They seem to be separated by ${delimiter === '\t' ? 'tabs' : `“${delimiter}”`}, while a name in the header holds another separator. Put that name in quotes, or take the separator out of it.`,
  },
  headerFurtherDown: {
    title: 'The first line is not the header',
    detail: (names: readonly string[]) =>
      `The names of the columns stand further down, in the line ${listNames(names)}. Delete all that is above it.`,
  },
  noColumn: {
    title: 'The file has no e-mail column',
    detail: (names: readonly string[]) =>
      `The header reads ${listNames(names)}. Name the column with the addresses “email”.`,
  },
  notRecognised: {
    title: 'The e-mail column was not recognised',
    detail: (likely: readonly string[]) =>
      likely.length === 1
        ? `It seems to be ${listNames(likely)}. Name it “email” in the header.`
        : `It may be one of ${listNames(likely)}. Name the right one “email” in the header.`,
  },
} as const;

/** `“name”, “phone” and 3 more`; empty names are left out. */
function listNames(names: readonly string[]): string {
  const named = names.map((name) => name.trim()).filter((name) => name !== '');
  const shown = named.slice(0, MAX_NAMES).map((name) => `“${[...name].slice(0, MAX_NAME_LENGTH).join('')}”`);
  const more = named.length - shown.length;
  return shown.length === 0 ? 'nothing' : `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
