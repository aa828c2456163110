/** The words of support's pages. `*…*` is drawn bold. */
import type { UndoProgress } from '@tidings/contracts/import.ts';
import { formatClock, formatCount } from '../format/format.ts';
import type { Translated } from './index.ts';
import { takeBackResults } from './take-back.ts';

const sections = {
  label: 'Parts of support',
  imports: 'Imports',
  leave: 'Sign out',
  noKey:
    'This page needs support’s key. Open the address that the server prints when it starts; it ends in {ending}',
  keyRefused: {
    title: 'This support key is not valid',
    detail: 'Copy the address again from the server’s output.',
  },
  sessionEnded: {
    title: 'This support session has ended',
    detail: 'Open the address again that the server prints when it starts. A session lasts twelve hours.',
  },
  copyId: (id: string) => `Copy the id ${id}`,
  copied: 'The id was copied.',
} as const;

const list = {
  title: 'All imports',
  search: 'File or id',
  owner: 'Owner',
  status: 'Show',
  ofOwner: (owner: string) => `Only imports of ${owner}`,
  loadOlder: 'Load older imports',
  loading: 'Loading…',
  none: 'No imports yet',
  noneFound: 'No import matches',
  appearsHere: 'An import appears here as soon as its file begins to arrive.',
  running: 'running',
  waiting: 'waiting',
  oldest: 'longest',
  look: 'to look at',
  rowsPerSecond: 'rows/s',
  fresh: (count: string) => `${count} new – show`,
  columns: {
    status: 'Status',
    file: 'File, owner',
    rows: 'Rows',
    now: 'Now',
    rate: 'Rate',
    started: 'Started',
    took: 'Took',
  },
  noValue: '–',
  asOf: (at: number): string => `What is shown is as of ${formatClock(at)}.`,
  /** @param total null while it is not known */
  rows: (reported: number, total: number | null) =>
    total === null ? `${formatCount(reported)} so far` : `${formatCount(reported)} of ${formatCount(total)}`,
  rate: (count: string) => `${count} rows/s`,
  uploading: (bytes: string) => `Receiving, ${bytes} so far`,
  stuck: 'No progress',
  /** What an undo has done so far, or in all. */
  undo: (undo: UndoProgress) =>
    `${undo.endedAt === null ? 'so far ' : ''}${takeBackResults(undo, formatCount)}`,
} as const;

const filters = {
  all: 'All',
  running: 'Running',
  waiting: 'Waiting',
  look: 'To look at',
  completed: 'Completed',
  completed_with_errors: 'Completed with errors',
  failed: 'Broken off',
  cancelled: 'Cancelled',
  undone: 'Taken back',
  sums_differ: 'Sums differ',
} as const;

/** The alarm where the sums of imports differ from those kept beside the contacts. */
const differing = {
  one: 'The sums of one import differ from those kept beside the contacts.',
  several: (count: string) => `The sums of ${count} imports differ from those kept beside the contacts.`,
  meaning: 'Rows may be lost, or counted twice. The log of the jobs service names what differs.',
  show: 'Show only these',
} as const;

const late = {
  late: (since: number) =>
    `*Live updates may be late.* What is shown may have changed since ${formatClock(since)}. Imports go on, and nothing is lost. This page catches up by itself.`,
  offline: '*This device is offline.*',
  noConnection: (since: number) => `*No connection since ${formatClock(since)}.*`,
  reconnects: 'What is shown may have changed since. This page reconnects by itself.',
} as const;

export const englishSupport = { sections, list, filters, differing, late };

export type SupportTranslation = Translated<typeof englishSupport>;
