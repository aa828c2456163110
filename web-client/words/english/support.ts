/** The words of the support page. `*…*` is drawn bold. */
import type { ImportState, UndoProgress } from '@tidings/contracts/import.ts';
import { formatBytes, formatClock, formatCount } from '../format/format.ts';
import { takeBackResults, waitingWords } from './take-back.ts';

export const supportWords = {
  title: 'All imports',
  noToken:
    'This page needs support’s key. Open the address that the server prints when it starts; it ends in {ending}',
  show: 'Show',
  loadOlder: 'Load older imports',
  loading: 'Loading…',
  none: 'No imports yet',
  noneOfThisKind: 'None of this kind',
  appearsHere: 'An import appears here as soon as its file begins to arrive.',
  totals: { running: 'running', rowsPerSecond: 'rows/s', troubled: 'ended with errors' },
  columns: {
    file: 'File',
    status: 'Status',
    rows: 'Rows',
    rowsPerSecond: 'Rows/s',
    started: 'Started',
    ended: 'Ended',
  },
  /** The same columns where the table is a list, on narrow screens. */
  labels: { rowsPerSecond: 'rows/s', started: 'started', ended: 'ended' },
  noValue: '–',
  asOf: (at: number): string => `What is shown is as of ${formatClock(at)}.`,
  /** @param total null while it is not known */
  rows: (reported: number, total: number | null) =>
    total === null ? `${formatCount(reported)} so far` : `${formatCount(reported)} of ${formatCount(total)}`,
  /** What an undo has done so far, or in all. */
  undo: (undo: UndoProgress) =>
    `${undo.endedAt === null ? 'so far ' : ''}${takeBackResults(undo, formatCount)}`,
  /** How far a running import has come, and what it waits for. */
  running: ({ upload, bytes, waitingFor, chunks: { completed, total } }: ImportState) => {
    const phase = upload === 'receiving' ? 'uploading' : 'importing';
    const chunks =
      total === null ? formatCount(completed) : `${formatCount(completed)}/${formatCount(total)}`;
    const progress = `${phase}, ${formatBytes(bytes)}, chunks ${chunks}`;
    return waitingFor === null ? progress : `${waitingWords(waitingFor)}; ${progress}`;
  },
} as const;

export const supportFilterWords = {
  all: 'All',
  running: 'Running',
  completed: 'Completed',
  completed_with_errors: 'Completed with errors',
  failed: 'Broken off',
  cancelled: 'Cancelled',
  undone: 'Taken back',
  sums_differ: 'Sums differ',
} as const;

/** The alarm where the sums of imports differ from those kept beside the contacts. */
export const differingWords = {
  title: (count: number) =>
    count === 1
      ? 'The sums of one import differ from those kept beside the contacts.'
      : `The sums of ${formatCount(count)} imports differ from those kept beside the contacts.`,
  meaning: 'Rows may be lost, or counted twice. The log of the jobs service names what differs.',
  show: 'Show only these',
} as const;

export const supportStaleWords = {
  late: (since: number) =>
    `*Live updates may be late.* What is shown may have changed since ${formatClock(since)}. Imports go on, and nothing is lost. This page catches up by itself.`,
  offline: '*This device is offline.*',
  noConnection: (since: number) => `*No connection since ${formatClock(since)}.*`,
  reconnects: 'What is shown may have changed since. This page reconnects by itself.',
} as const;
