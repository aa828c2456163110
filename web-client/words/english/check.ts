/** The words of the check of a file before its import. */
import { formatBytes, formatColumns, formatCount, formatRows } from '../format/format.ts';

const about = (rows: number, isExact: boolean) => (isExact ? formatRows(rows) : `about ${formatRows(rows)}`);

export const checkWords = {
  /** `1.8 MiB, 7 columns`. */
  file: (bytes: number, columns: number) => `${formatBytes(bytes)}, ${formatColumns(columns)}`,
  reading: 'Looking inside…',
  readingAgain: 'Reading it again…',
  unchecked: 'Import without checking',
  unreachable: {
    title: 'The server does not answer.',
    detail:
      'The file is still on this device, and nothing of it is imported. This page asks again by itself.',
    tryNow: 'Try now',
  },
  isExport: 'This is a file of rejected rows. Only the contacts of these rows are touched.',
  /** Stands before the list of imports that the file may mend. */
  mends: 'It mends',
  mendsNone: 'no earlier import',
  mendsMet: (rows: number) => `Its rows among those looked at: ${formatCount(rows)}`,
  mendable: (fileName: string, moment: string, left: number) =>
    `${fileName}, ${moment}: ${formatCount(left)} to fix`,
} as const;

/** How the file is read. */
export const readingWords = {
  title: 'Understood as',
  encoding: 'Encoding',
  sheet: 'Sheet',
  delimiter: 'Separator',
  header: 'Column names',
  country: 'Phone numbers without a country',
  delimiters: {
    ',': 'Comma ,',
    ';': 'Semicolon ;',
    '\t': 'Tab',
    '|': 'Bar |',
    ':': 'Colon :',
    '^': 'Caret ^',
  },
  noHeader: 'No column names',
  /** @param cells the first cells of the line; '' where they are not known */
  line: (line: number, cells: string) =>
    cells === '' ? `Line ${formatCount(line)}` : `Line ${formatCount(line)}: ${cells}`,
  noCountry: 'Choose a country',
  countryNeeded: (rows: number) =>
    rows === 1
      ? 'One phone number has no country. Which country does it belong to?'
      : `${formatCount(rows)} phone numbers have no country. Which country do they belong to?`,
  headerGuessed:
    'The first line looks like a contact, not like column names. Choose the line that has them, if there is one.',
  encodingAsked: 'The encoding is not certain. Choose the reading whose letters are right:',
  lettersLost:
    'The column names hold the character �: an earlier program lost these letters. Take the file from its source again.',
  rowsLost: (rows: number, line: number) =>
    `${formatRows(rows)} ${rows === 1 ? 'holds' : 'hold'} the character �, the first on line ${formatCount(line)}: an earlier program lost these letters. These rows will come back to you.`,
  encodedTwice: (rows: number, line: number, written: string, meant: string) =>
    `${formatRows(rows)} ${rows === 1 ? 'looks' : 'look'} as if saved in the wrong encoding, the first on line ${formatCount(line)}: “${written}” seems to be “${meant}”. Nothing is changed by itself: export the file from its source again, as UTF-8.`,
  rowsUnreadable: (rows: number, line: number) =>
    `${formatRows(rows)} ${rows === 1 ? 'holds' : 'hold'} letters that this encoding does not have, the first on line ${formatCount(line)}. Is it another encoding?`,
} as const;

/** What each column is for. */
export const columnWords = {
  title: 'Columns',
  how: 'What each column of the file becomes.',
  unnamed: (number: number) => `Column ${formatCount(number)}, without a name`,
  noValues: 'no values at the start',
  targets: {
    fullName: 'Full name',
    'fullName.familyFirst': 'Full name, family name first',
    'phone.international': 'Phone, with country code',
  },
  extra: 'Keep as extra',
  extraAs: (name: string) => `Keep as extra “${name}”`,
  leaveOut: 'Leave out',
  states: {
    recognised: 'Recognised',
    guessed: 'A guess: please check',
    remembered: 'As last time',
    chosen: 'Your choice',
    extra: 'Kept as extra',
    leftOut: 'Left out',
  },
  /** @param field of the contact, which another column is for */
  passedOver: (field: string) => `Another column has the field “${field}”.`,
  standsIn: 'Where the e-mail address of a row is blank, this one counts.',
  emailMissing: {
    title: 'Which column holds the e-mail addresses?',
    detail: 'No column was recognised as this, and every contact needs an address.',
    choose: 'Choose a column',
    use: 'Use this column',
  },
} as const;

export const firstRowsWords = {
  title: (rows: number) => (rows === 1 ? 'The first row' : `The first ${formatCount(rows)} rows`),
  caption: 'The first rows as they will be imported',
  line: 'Line',
  comesBack: 'Comes back',
} as const;

/** What would become of the file. */
export const verdictWords = {
  noRows: 'The file has column names, and no rows.',
  rows: (rows: number, isExact: boolean) => (isExact ? `${formatRows(rows)}.` : `About ${formatRows(rows)}.`),
  allFine: (rows: number, isWhole: boolean) =>
    isWhole
      ? rows === 1
        ? 'It is fine.'
        : 'All are fine.'
      : rows === 1
        ? 'The first row is fine.'
        : `The first ${formatRows(rows)} are all fine.`,
  /** All rows of the file were looked at. */
  noneFine: (rows: number) => (rows === 1 ? 'It would come back to you:' : 'All would come back to you:'),
  /** @param isWhole whether the rows that were looked at are all rows of the file */
  someFine: (rows: number, fine: number, isWhole: boolean) =>
    isWhole
      ? `${formatCount(fine)} ${fine === 1 ? 'is' : 'are'} fine, ${formatCount(rows - fine)} would come back to you:`
      : `Of the first ${formatCount(rows)}, ${formatCount(fine)} ${fine === 1 ? 'is' : 'are'} fine, ${formatCount(rows - fine)} would come back to you:`,
  warnings: 'Imported without these values:',
  leaveOut: 'Also import rows whose phone number or country cannot be read, without that value',
  blankRows: (rows: number) =>
    rows === 1 ? 'One empty line is skipped.' : `${formatCount(rows)} empty lines are skipped.`,
  start: (rows: number | null, isExact: boolean) =>
    rows === null ? 'Import' : `Import ${about(rows, isExact)}`,
  answerFirst: 'Answer the question above first.',
} as const;
