/** What a screen reader is told, sentence by sentence. */
import { type Bucket, type BucketCounts, buckets } from '@tidings/contracts/imports/import.ts';
import { formatContacts, formatCount, formatRows } from '../format/format.ts';
import { summaryWords } from './ending.ts';
import { cancelWords } from './take-back.ts';

export const announcements = {
  /** Of an import that the page does not show. */
  ofFile: (fileName: string, sentence: string) => `${fileName}: ${sentence}`,
  uploadStarted: 'Upload started.',
  uploadComplete: (total: number) => `Upload complete. ${formatRows(total)} in the file.`,
  quarter: (percent: number, rows: number, total: number) =>
    `${percent} percent imported, ${formatCount(rows)} of ${formatRows(total)}.`,
  /** @param status how the import has ended, as its badge says it */
  ended: (status: string, rows: BucketCounts) => `${status}. ${spokenRows(rows)}.`,
  cancelling: 'Cancelling the import.',
  /** @param result as its summary says it */
  takenBack: (result: string) => `${result}.`,
  uploadGoesOn: 'The upload broke off. It goes on by itself: keep this page open.',
  /** @param what as the page says it */
  waiting: (what: string) => `${what}.`,
  keptShown: (count: number) => `${formatContacts(count)} shown that were not taken back.`,
  problem: (title: string, detail: string) => `${title}. ${detail}`,
  cancelUnanswered: `${cancelWords.unanswered.title} ${cancelWords.unanswered.meaning}`,
  sumsDiffer: summaryWords.sumsDiffer,
  keepPageOpen: 'Keep this page open: the file is still being sent.',
  importGoesOn: 'The import goes on without this page.',
  importsGoOn: 'Imports do not depend on this page.',
  unsentWhileLate: 'Live updates are not available at the moment. The file is sent as soon as they are.',
  unsentWhileAway:
    'The server cannot be reached. The file is still on this device, and is sent as soon as it can be.',
  updatesLate: 'Live updates may be late. Imports go on, and this page catches up by itself.',
  updatesBack: 'Live updates are back.',
  /** @param meaning what the loss means to the reader */
  connectionLost: (meaning: string) => `Connection lost, reconnecting. ${meaning}`,
  connectedAgain: 'Connected again.',
} as const;

const spokenBuckets: Record<Bucket, string> = {
  created: 'created',
  updated: 'updated',
  unchanged: 'unchanged',
  duplicate: 'duplicate',
  rejected: 'rejected',
  failed: 'failed',
  cancelled: 'cancelled',
};

function spokenRows(rows: BucketCounts): string {
  const filled = buckets.filter((bucket) => rows[bucket] > 0);
  if (filled.length === 0) return 'The file has no rows';
  return filled.map((bucket) => `${formatCount(rows[bucket])} ${spokenBuckets[bucket]}`).join(', ');
}
