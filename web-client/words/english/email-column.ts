/** What is wrong with a file of which no column is recognised as the one of the e-mail addresses, and what to do. */

import { listNames } from '../format/names.ts';

const namesOf = (names: readonly string[]) =>
  listNames(names, { quotes: ['“', '”'], more: (count) => ` and ${count} more`, none: 'nothing' });

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
      `The names of the columns stand further down, in the line ${namesOf(names)}. Delete all that is above it.`,
  },
  noColumn: {
    title: 'The file has no e-mail column',
    detail: (names: readonly string[]) =>
      `The header reads ${namesOf(names)}. Name the column with the addresses “email”.`,
  },
  notRecognised: {
    title: 'The e-mail column was not recognised',
    detail: (likely: readonly string[]) =>
      likely.length === 1
        ? `It seems to be ${namesOf(likely)}. Name it “email” in the header.`
        : `It may be one of ${namesOf(likely)}. Name the right one “email” in the header.`,
  },
} as const;
