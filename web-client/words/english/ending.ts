/** The words of the end of an import: what came of it, what is to fix, and the proof. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { formatContacts, formatCount, formatDuration, formatRows } from '../format/format.ts';

/** By the codes of the API. Files of rejected rows have their words from there, too. */
export { englishRowFaults as rowFaultWords } from '@tidings/contracts/files/row-words/english.ts';

export const summaryWords = {
  brokenOff: 'The upload broke off',
  cancelled: (notImported: number) =>
    notImported === 0
      ? 'Cancelled'
      : `Cancelled: ${formatRows(notImported)} of the file ${notImported === 1 ? 'was' : 'were'} not imported`,
  cutOff: 'Cancelled while the file was on its way',
  noRows: 'The file has a header and no rows',
  nothingImported: (total: number) =>
    total === 1
      ? 'The one row could not be imported.'
      : `None of the ${formatRows(total)} could be imported.`,
  added: (count: number) => `${formatContacts(count)} added.`,
  changed: (count: number) => `${formatContacts(count)} changed.`,
  addedAndChanged: (added: number, changed: number) =>
    `${formatContacts(added)} added, ${formatCount(changed)} changed.`,
  allKnown: (total: number) =>
    total === 1 ? 'The one row was already there.' : `All ${formatRows(total)} were already there.`,
  nothingNew: (known: number) =>
    `Nothing new: ${formatRows(known)} ${known === 1 ? 'was' : 'were'} already there.`,
  needYou: (count: number) => `${formatRows(count)} ${count === 1 ? 'needs' : 'need'} you.`,
  notSaved: (count: number) => `${formatRows(count)} could not be saved.`,
  /** Of a dry run. */
  onlyChecked: 'The file was only checked. Nothing was written.',
  /** What the sum is a sum of. */
  whole: (total: number, { upload, status }: ImportState) => {
    const rows = total === 1 ? 'row' : 'rows';
    if (upload !== 'aborted') return `${rows} of the file`;
    return `${rows} received before it ${status === 'cancelled' ? 'was cancelled' : 'broke off'}`;
  },
  sumsAgree: 'Checked against the stored contacts: the totals match.',
  sumsDifferTitle: 'The contacts do not match these numbers',
  sumsDiffer: 'The totals do not match the stored contacts. Please tell support about this import.',
  tookAMoment: 'Took less than 0.1 s.',
  /** @param rowsPerSecond null where the pace is noise */
  took: (milliseconds: number, rowsPerSecond: number | null) =>
    `Took ${formatDuration(milliseconds)}${rowsPerSecond === null ? '' : ` at ${formatCount(rowsPerSecond)} rows/s`}.`,
  sendAgain: 'Send the file again to import all of it.',
  sendAgainLater:
    'Send the file again to import all of it. That begins as soon as what had been added is taken back.',
  importedStays: 'What was already imported stays, and will count as unchanged.',
} as const;

export const rejectedWords = {
  titles: { toFix: 'To fix', ignored: 'Ignored rows', mended: 'Mended rows' },
  /** @param left rows that nobody has mended yet */
  left: (left: number, all: number) =>
    left === 0
      ? `${formatCount(all)} of ${formatRows(all)} mended`
      : `${formatCount(left)} of ${formatRows(all)} left to fix`,
  reasons: 'Reasons',
  /** An example of a reason; `cell` is empty where the row itself is at fault. */
  example: (line: number, cell: string) =>
    cell === ''
      ? `for example line ${formatCount(line)}`
      : `for example line ${formatCount(line)}: “${cell}”`,
  mendedHere: 'Mended, not imported yet',
  counted: (rows: number) => `Counted in the first ${formatRows(rows)}.`,
  fixHere: 'Fix here',
  closeTable: 'Close the table',
  elsewhere:
    'Or fix them in a spreadsheet, and drop that file on the page for imports: only these rows are touched.',
  download: { xlsx: 'Download for Excel', csv: 'Download as CSV' },
  ignore: 'Ignore these rows',
  showAgain: 'Show again',
  ignored: (rows: number) => `${formatRows(rows)} ignored`,
  ignoredMeaning:
    'These rows are not imported, and nobody has to fix them. They are kept, and can be shown again.',
  shownAgain: 'The rows are shown again.',
  preparing: 'Preparing the file…',
} as const;

/** The table in which rejected rows are mended. */
export const mendWords = {
  caption: 'Rows to fix',
  how: 'Change the cells that are wrong. Each change is kept as soon as you leave the cell.',
  line: 'Line',
  extra: 'beyond the header',
  cell: (column: string, line: number) => `${column}, line ${formatCount(line)}`,
  allReasons: 'All reasons',
  reason: 'Reason',
  saving: 'Saving…',
  mended: 'Mended',
  /** Of a row that was mended, and would be rejected as it stands. */
  notRight: 'Saved, but still not valid',
  overtaken: (column: string, text: string) =>
    `Somebody else has written “${text}” in ${column} meanwhile. What you have written is not saved.`,
  keepMine: 'Keep mine',
  takeTheirs: 'Take theirs',
  notSaved: 'Not saved',
  /** Of a row that another tab has had imported. */
  taken: 'This row was handed over meanwhile, as it was before. What you have written is not saved.',
  /** Beside the button that imports what is mended. @param lines of the rows, as a list */
  unsaved: (lines: string) => `Not saved yet: line ${lines}. Nothing is imported before that.`,
  more: 'Show more rows',
  none: 'No row is left to fix here.',
  hand: (count: number) => (count === 1 ? 'Import 1 mended row' : `Import ${formatCount(count)} mended rows`),
  handing: 'Handing over…',
  handed: (count: number) => `${formatRows(count)} handed over.`,
  imports: 'Imports of mended rows',
  /** What an import of mended rows has come to. */
  progress: (mended: number, all: number) => `${formatCount(mended)} of ${formatCount(all)} mended`,
} as const;

export const failedWords = {
  title: (count: number) => `${count === 1 ? 'One row' : formatRows(count)} could not be saved.`,
  notWritten: (count: number) =>
    `${count === 1 ? 'It was not' : 'None of them was'} written. The server keeps ${count === 1 ? 'it' : 'them'}: try again once the cause is gone.`,
} as const;
