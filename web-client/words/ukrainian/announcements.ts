/** What a screen reader is told, sentence by sentence. */
import { type Bucket, type BucketCounts, buckets } from '@tidings/contracts/imports/import.ts';
import type { Translation } from '../english/index.ts';
import { formatContacts, formatCount, formatRows } from '../format/format.ts';
import { summaryWords } from './ending.ts';
import { ofRows } from './genitive.ts';
import { cancelWords } from './take-back.ts';

export const announcements: Translation['announcements'] = {
  ofFile: (fileName, sentence) => `${fileName}: ${sentence}`,
  uploadStarted: 'Надсилання почалося.',
  uploadComplete: (total) => `Надіслано. У файлі ${formatRows(total)}.`,
  quarter: (percent, rows, total) =>
    `Імпортовано ${percent} відсотків, ${formatCount(rows)} з ${ofRows(total)}.`,
  ended: (status, rows) => `${status}: ${spokenRows(rows)}.`,
  cancelling: 'Імпорт скасовується.',
  takenBack: (result) => `${result}.`,
  uploadGoesOn: 'Надсилання обірвалося. Воно продовжиться саме: не закривайте цю сторінку.',
  waiting: (what) => `${what}.`,
  keptShown: (count) => `Показано ${formatContacts(count)}, яких не відкликано.`,
  problem: (title, detail) => `${title}. ${detail}`,
  cancelUnanswered: `${cancelWords.unanswered.title} ${cancelWords.unanswered.meaning}`,
  sumsDiffer: summaryWords.sumsDiffer,
  keepPageOpen: 'Не закривайте цю сторінку: файл ще надсилається.',
  importGoesOn: 'Імпорт не залежить від цієї сторінки.',
  importsGoOn: 'Імпорти не залежать від цієї сторінки.',
  unsentWhileLate: 'Оновлення наживо зараз недоступні. Файл буде надіслано, щойно вони відновляться.',
  unsentWhileAway:
    'Сервер недоступний. Файл ще на цьому пристрої, і його буде надіслано, щойно сервер стане доступним.',
  updatesLate: 'Оновлення можуть надходити із запізненням. Імпорти тривають, і ця сторінка оновиться сама.',
  updatesBack: 'Оновлення наживо відновлено.',
  connectionLost: (meaning) => `Зв’язок втрачено, відновлюємо. ${meaning}`,
  connectedAgain: 'Зв’язок відновлено.',
};

const spokenBuckets: Record<Bucket, string> = {
  created: 'створено',
  updated: 'оновлено',
  unchanged: 'без змін',
  duplicate: 'повторено',
  rejected: 'відхилено',
  failed: 'не збережено',
  cancelled: 'скасовано',
};

function spokenRows(rows: BucketCounts): string {
  const filled = buckets.filter((bucket) => rows[bucket] > 0);
  if (filled.length === 0) return 'У файлі немає рядків';
  return filled.map((bucket) => `${spokenBuckets[bucket]} ${formatCount(rows[bucket])}`).join(', ');
}
