/** The words of the support page. `*…*` is drawn bold. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatClock, formatCount } from '../format/format.ts';
import { takeBackResults, waitingWords } from './take-back.ts';

export const supportWords: Translation['supportWords'] = {
  title: 'Alle Importe',
  noToken:
    'Diese Seite braucht den Schlüssel des Supports. Öffnen Sie die Adresse, die der Server beim Start ausgibt; sie endet mit {ending}',
  show: 'Zeigen',
  loadOlder: 'Ältere Importe laden',
  loading: 'Lädt …',
  none: 'Noch keine Importe',
  noneOfThisKind: 'Keine dieser Art',
  appearsHere: 'Ein Import erscheint hier, sobald seine Datei ankommt.',
  totals: { running: 'laufend', rowsPerSecond: 'Zeilen/s', troubled: 'mit Fehlern beendet' },
  columns: {
    file: 'Datei',
    status: 'Status',
    rows: 'Zeilen',
    rowsPerSecond: 'Zeilen/s',
    started: 'Begonnen',
    ended: 'Beendet',
  },
  labels: { rowsPerSecond: 'Zeilen/s', started: 'begonnen', ended: 'beendet' },
  noValue: '–',
  asOf: (at) => `Gezeigt wird der Stand von ${formatClock(at)} Uhr.`,
  rows: (reported, total) =>
    total === null ? `bisher ${formatCount(reported)}` : `${formatCount(reported)} von ${formatCount(total)}`,
  undo: (undo) =>
    undo.endedAt === null
      ? `bisher ${takeBackResults(undo, formatCount)}`
      : takeBackResults(undo, formatCount),
  running: ({ upload, bytes, waitingFor, chunks: { completed, total } }) => {
    const phase = upload === 'receiving' ? 'wird gesendet' : 'wird importiert';
    const chunks =
      total === null ? formatCount(completed) : `${formatCount(completed)}/${formatCount(total)}`;
    const progress = `${phase}, ${formatBytes(bytes)}, Teile ${chunks}`;
    return waitingFor === null ? progress : `${waitingWords(waitingFor)}; ${progress}`;
  },
};

export const supportFilterWords: Translation['supportFilterWords'] = {
  all: 'Alle',
  running: 'Laufend',
  completed: 'Fertig',
  completed_with_errors: 'Fertig mit Fehlern',
  failed: 'Abgerissen',
  cancelled: 'Abgebrochen',
  undone: 'Zurückgenommen',
  sums_differ: 'Summen weichen ab',
};

export const differingWords: Translation['differingWords'] = {
  title: (count) =>
    count === 1
      ? 'Die Summen eines Imports weichen von denen bei den Kontakten ab.'
      : `Die Summen von ${formatCount(count)} Importen weichen von denen bei den Kontakten ab.`,
  meaning:
    'Zeilen können verloren oder doppelt gezählt sein. Das Protokoll des Jobs-Service nennt, was abweicht.',
  show: 'Nur diese zeigen',
};

export const supportStaleWords: Translation['supportStaleWords'] = {
  late: (since) =>
    `*Live-Meldungen können sich verspäten.* Das Gezeigte kann sich seit ${formatClock(since)} Uhr geändert haben. Importe laufen weiter, nichts geht verloren. Diese Seite holt von selbst auf.`,
  offline: '*Dieses Gerät ist offline.*',
  noConnection: (since) => `*Keine Verbindung seit ${formatClock(since)} Uhr.*`,
  reconnects: 'Das Gezeigte kann sich seitdem geändert haben. Diese Seite verbindet sich von selbst wieder.',
};
