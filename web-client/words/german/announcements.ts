/** What a screen reader is told, sentence by sentence. */
import { type Bucket, type BucketCounts, buckets } from '@tidings/contracts/imports/import.ts';
import type { Translation } from '../english/index.ts';
import { formatContacts, formatCount, formatRows } from '../format/format.ts';
import { summaryWords } from './ending.ts';
import { cancelWords } from './take-back.ts';

export const announcements: Translation['announcements'] = {
  ofFile: (fileName, sentence) => `${fileName}: ${sentence}`,
  uploadStarted: 'Das Senden beginnt.',
  uploadComplete: (total) => `Gesendet. ${formatRows(total)} in der Datei.`,
  quarter: (percent, rows, total) =>
    `${percent} Prozent importiert, ${formatCount(rows)} von ${formatRows(total)}.`,
  ended: (status, rows) => `${status}. ${spokenRows(rows)}.`,
  cancelling: 'Der Import wird abgebrochen.',
  takenBack: (result) => `${result}.`,
  uploadGoesOn: 'Das Senden wurde unterbrochen. Es geht von selbst weiter: Lassen Sie diese Seite offen.',
  waiting: (what) => `${what}.`,
  keptShown: (count) => `${formatContacts(count)} gezeigt, die nicht zurückgenommen wurden.`,
  problem: (title, detail) => `${title}. ${detail}`,
  cancelUnanswered: `${cancelWords.unanswered.title} ${cancelWords.unanswered.meaning}`,
  sumsDiffer: summaryWords.sumsDiffer,
  keepPageOpen: 'Lassen Sie diese Seite offen: Die Datei wird noch gesendet.',
  importGoesOn: 'Der Import läuft auch ohne diese Seite.',
  importsGoOn: 'Importe laufen auch ohne diese Seite.',
  unsentWhileLate:
    'Live-Meldungen sind zurzeit nicht verfügbar. Die Datei wird gesendet, sobald sie es wieder sind.',
  unsentWhileAway:
    'Der Server ist nicht erreichbar. Die Datei ist noch auf diesem Gerät und wird gesendet, sobald er es wieder ist.',
  updatesLate:
    'Live-Meldungen können sich verspäten. Importe laufen weiter, und diese Seite holt von selbst auf.',
  updatesBack: 'Live-Meldungen sind wieder da.',
  connectionLost: (meaning) => `Verbindung verloren, wird wiederhergestellt. ${meaning}`,
  connectedAgain: 'Wieder verbunden.',
};

const spokenBuckets: Record<Bucket, string> = {
  created: 'angelegt',
  updated: 'geändert',
  unchanged: 'unverändert',
  duplicate: 'doppelt',
  rejected: 'abgelehnt',
  failed: 'nicht gespeichert',
  cancelled: 'abgebrochen',
};

function spokenRows(rows: BucketCounts): string {
  const filled = buckets.filter((bucket) => rows[bucket] > 0);
  if (filled.length === 0) return 'Die Datei hat keine Zeilen';
  return filled.map((bucket) => `${formatCount(rows[bucket])} ${spokenBuckets[bucket]}`).join(', ');
}
