/** What went wrong on this side of the connection, in words. What the server refuses it explains itself. */
import { type ProblemCode, problemKinds } from '@tidings/contracts/codes.ts';
import { formatBytes, formatDays } from '../format/format.ts';

export const problemWords = {
  unknownTitle: 'That did not work',
  internalDetail: 'Please reload the page and try again.',
  signedOut: { title: 'Nobody is signed in', detail: 'Sign in, and try again.' },
  /** `tokenMilliseconds`: for how long a token is valid. */
  importToken: {
    title: 'This import cannot be watched from here',
    detail: (tokenMilliseconds: number) =>
      `The key that this browser holds does not open it any more. Keys are valid for ${formatDays(tokenMilliseconds)}.`,
  },
  network: {
    title: 'The server cannot be reached',
    detail: 'Please check the connection and try again.',
  },
  brokenUpload: {
    title: 'The upload broke off',
    detail:
      'The connection to the server was lost while the file was on its way. If the server has not received all of it, it takes back what it had imported. Send the file again to import all of it.',
  },
  severalFiles: {
    title: 'One file at a time, please',
    detail: 'Each file is an import of its own. Drop the first one; the next can follow while it runs.',
  },
  emptyDetail: 'Choose a file with names of columns and contacts.',
  unreadable: {
    title: 'The file could not be read',
    detail: 'Perhaps it is a folder, or it was moved or changed since it was chosen. Please choose it again.',
  },
  tooLarge: (mostBytes: number) =>
    `Up to ${formatBytes(mostBytes)} can be imported at once. Please split the file; each part needs the header row.`,
  /** After a problem that ends without the reader. */
  asksAgain: 'This page asks again by itself.',
  /** The line of the file, after the sentence that tells what is wrong there. */
  line: (line: number) => `Line ${line}.`,
} as const;

/** By the codes of the services, which say the same in English. */
export const problemTitles = Object.fromEntries(
  Object.entries(problemKinds).map(([code, { title }]) => [code, title]),
) as Readonly<Record<ProblemCode, string>>;
