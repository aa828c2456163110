/** What a screen reader is told, sentence by sentence. */
import { type Bucket, type BucketCounts, buckets } from '@tidings/contracts/imports/import.ts';
import type { Translation } from '../english/index.ts';
import { formatContacts, formatCount, formatRows } from '../format/format.ts';
import { summaryWords } from './ending.ts';
import { cancelWords } from './take-back.ts';

export const announcements: Translation['announcements'] = {
  ofFile: (fileName, sentence) => `${fileName}: ${sentence}`,
  uploadStarted: 'El envío ha empezado.',
  uploadComplete: (total) => `Envío completo. ${formatRows(total)} en el archivo.`,
  quarter: (percent, rows, total) =>
    `${percent} por ciento importado, ${formatCount(rows)} de ${formatRows(total)}.`,
  ended: (status, rows) => `${status}. ${spokenRows(rows)}.`,
  cancelling: 'Cancelando la importación.',
  takenBack: (result) => `${result}.`,
  uploadGoesOn: 'El envío se interrumpió. Continúa solo: mantenga esta página abierta.',
  waiting: (what) => `${what}.`,
  keptShown: (count) => `Se muestran ${formatContacts(count)} que no se revirtieron.`,
  problem: (title, detail) => `${title}. ${detail}`,
  cancelUnanswered: `${cancelWords.unanswered.title} ${cancelWords.unanswered.meaning}`,
  sumsDiffer: summaryWords.sumsDiffer,
  keepPageOpen: 'Mantenga esta página abierta: el archivo aún se está enviando.',
  importGoesOn: 'La importación no depende de esta página.',
  importsGoOn: 'Las importaciones no dependen de esta página.',
  unsentWhileLate:
    'Los avisos en directo no están disponibles en este momento. El archivo se enviará en cuanto vuelvan.',
  unsentWhileAway:
    'No se puede contactar con el servidor. El archivo sigue en este dispositivo y se enviará en cuanto se pueda.',
  updatesLate:
    'Los avisos en directo pueden llegar tarde. Las importaciones continúan y esta página se pone al día sola.',
  updatesBack: 'Los avisos en directo han vuelto.',
  connectionLost: (meaning) => `Conexión perdida, volviendo a conectar. ${meaning}`,
  connectedAgain: 'Conectado de nuevo.',
};

const spokenBuckets: Record<Bucket, string> = {
  created: 'creadas',
  updated: 'actualizadas',
  unchanged: 'sin cambios',
  duplicate: 'duplicadas',
  rejected: 'rechazadas',
  failed: 'fallidas',
  cancelled: 'canceladas',
};

function spokenRows(rows: BucketCounts): string {
  const filled = buckets.filter((bucket) => rows[bucket] > 0);
  if (filled.length === 0) return 'El archivo no tiene filas';
  return filled.map((bucket) => `${formatCount(rows[bucket])} ${spokenBuckets[bucket]}`).join(', ');
}
