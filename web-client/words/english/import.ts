/** The words of the import page. `*…*` is drawn bold, `{…}` is a place that the page fills. */
import { formatBytes, formatClock, formatCount, formatRows } from '../format/format.ts';

export const startWords = {
  title: 'Import contacts',
  lead: 'Drop a file and watch every row find its place: created, updated, left as it was, or handed back to you with the reason.',
  drop: 'Drop a contacts file, or choose one',
  letGo: 'Drop to check the file',
  chooseFile: 'Choose a file',
  chooseAnotherFile: 'Choose another file',
  chooseAgain: (fileName: string) => `Choose ${fileName} again`,
  /** @param mostBytes bytes of a file at most; null before the server has answered */
  accepted: (mostBytes: number | null) =>
    mostBytes === null
      ? 'CSV or Excel files, from Google, Outlook or any CRM. Nothing is written until you press Import.'
      : `CSV or Excel files, from Google, Outlook or any CRM, up to ${formatBytes(mostBytes)}. Nothing is written until you press Import.`,
  sample: 'Sample file',
} as const;

/** The earlier imports: what each has come to, as facts one beside the other. */
export const earlierWords = {
  title: 'Earlier imports',
  /** Where there is no import yet. */
  none: 'None yet. Each import appears here as soon as somebody presses Import.',
  cancel: 'Cancel',
  cancelOf: (fileName: string) => `Cancel the import of ${fileName}`,
  added: (count: number) => `${formatCount(count)} added`,
  changed: (count: number) => `${formatCount(count)} changed`,
  toFix: (count: number) => `${formatCount(count)} to fix`,
  ignored: (count: number) => `${formatCount(count)} ignored`,
  notSaved: (count: number) => `${formatCount(count)} not saved`,
  /** Of a dry run, as one of several facts. */
  onlyChecked: 'only checked',
  /** A link to it. */
  mendsAnother: 'Mends an earlier import',
  remembered: 'Below is what this browser remembers.',
  askAgain: 'Try again',
} as const;

/** An import that this browser has no key of. */
export const openWords = {
  looking: 'Looking for the import…',
  title: 'This import cannot be shown here',
  detail:
    'There is no import {importId} that this browser may see. It belongs to somebody else, or it was erased.',
  importFile: 'Import a file',
} as const;

export const runWords = {
  keepOpen: 'Keep this page open until the file is sent.',
  mayClose: 'You can close this page. The import goes on.',
  tellWhenDone: 'Tell me when it is done',
  willTell: 'This browser tells you when it is done, while this page is open in some tab.',
  willNotTell: 'This browser may not tell you: allow notifications of this page in its settings.',
  /** The title of a tab whose import has ended with rejected rows. */
  toFixTitle: (count: number, fileName: string) => `! ${formatCount(count)} to fix, ${fileName}`,
  progress: 'Progress',
  rowsByOutcome: 'Rows by outcome',
  importAnother: 'Import another file',
  importFile: 'Import a file',
  seeContacts: 'See the contacts',
  sendAgain: 'Send it again',
  numbersLag: (stateAt: number) =>
    `The numbers below are as of ${formatClock(stateAt)}. This page tells the rest as soon as the server can be reached.`,
} as const;

/** Notes that numbers may lag behind, or that the file has still to be sent. */
export const staleWords = {
  offline: 'This device is offline.',
  noConnection: (since: number) => `No connection since ${formatClock(since)}.`,
  unreachable: 'The server cannot be reached.',
  unsent:
    'The file is still on this device. It is sent as soon as the server answers: keep this page open until then, or cancel.',
  late: 'Live updates may be late.',
  notAvailable: 'Live updates are not available at the moment.',
  unsentWhileLate:
    'The file is still on this device, and is sent as soon as they are: keep this page open until then, or cancel.',
  asOf: (stateAt: number) => `The numbers are as of ${formatClock(stateAt)}.`,
  keepOpen: 'Keep this page open: the file is still being sent.',
  independent: 'The import goes on without this page.',
  reconnects: 'This page reconnects by itself.',
  goesOn: 'The import goes on, and nothing is lost.',
  catchesUp: 'This page catches up by itself.',
} as const;

/** What the two phases of an import say: bytes that were sent, rows that were imported. */
export const phaseWords = {
  upload: 'Upload',
  import: 'Import',
  brokeOff: { atOnce: 'Broke off', after: (rows: number) => `Broke off after ${formatRows(rows)}` },
  cutOff: { atOnce: 'Cut off', after: (rows: number) => `Cut off after ${formatRows(rows)}` },
  stopped: 'Stopped',
  complete: (bytes: number) => `Complete, ${formatBytes(bytes)}`,
  waiting: (bytes: number) => `Waiting for the server, ${formatBytes(bytes)} to send`,
  sent: (sentBytes: number, bytes: number) => `${formatBytes(sentBytes)} of ${formatBytes(bytes)} sent`,
  unknown: 'Not known yet',
  receivedElsewhere: (bytes: number) => `${formatBytes(bytes)} received so far, sent by another page`,
  notStarted: 'Not started',
  startsLater: 'Starts with the first rows received',
  soFar: (rows: number, why: string) => `${formatRows(rows)} so far${why}`,
  rowsOf: (rows: number, total: number) => `${formatCount(rows)} of ${formatRows(total)}`,
  rowsOfAbout: (rows: number, about: number) => `${formatCount(rows)} of about ${formatRows(about)}`,
  totalUnknown: {
    broken: ', of what had arrived',
    sent: '; the total comes in a moment',
    sending: '; the total is known when the upload is complete',
  },
  bytesPerSecond: (speed: number) => `${formatBytes(speed)}/s`,
  rowsPerSecond: (rate: number) => `${formatCount(rate)} rows/s`,
} as const;
