/** The words of support's pages, in German. `*…*` is drawn bold. */
import type { SupportTranslation } from '../english/support.ts';
import { formatClock, formatCount } from '../format/format.ts';
import { takeBackResults } from './take-back.ts';

export const germanSupport: SupportTranslation = {
  sections: {
    label: 'Teile des Supports',
    imports: 'Importe',
    leave: 'Abmelden',
    noKey:
      'Diese Seite braucht den Schlüssel des Supports. Öffnen Sie die Adresse, die der Server beim Start ausgibt; sie endet mit {ending}',
    keyRefused: {
      title: 'Dieser Support-Schlüssel gilt nicht',
      detail: 'Kopieren Sie die Adresse noch einmal aus der Ausgabe des Servers.',
    },
    sessionEnded: {
      title: 'Diese Support-Sitzung ist zu Ende',
      detail:
        'Öffnen Sie noch einmal die Adresse, die der Server beim Start ausgibt. Eine Sitzung dauert zwölf Stunden.',
    },
    copyId: (id) => `Die Kennung ${id} kopieren`,
    copied: 'Die Kennung ist kopiert.',
  },
  list: {
    title: 'Alle Importe',
    search: 'Datei oder Kennung',
    owner: 'Besitzer',
    status: 'Zeigen',
    ofOwner: (owner) => `Nur Importe von ${owner}`,
    loadOlder: 'Ältere Importe laden',
    loading: 'Lädt …',
    none: 'Noch keine Importe',
    noneFound: 'Kein Import passt',
    appearsHere: 'Ein Import erscheint hier, sobald seine Datei ankommt.',
    running: 'laufend',
    waiting: 'wartend',
    oldest: 'längstens',
    look: 'anzusehen',
    rowsPerSecond: 'Zeilen/s',
    fresh: (count) => `${count} neu – zeigen`,
    columns: {
      status: 'Stand',
      file: 'Datei, Besitzer',
      rows: 'Zeilen',
      now: 'Jetzt',
      rate: 'Tempo',
      started: 'Begonnen',
      took: 'Dauer',
    },
    noValue: '–',
    asOf: (at) => `Gezeigt wird der Stand von ${formatClock(at)} Uhr.`,
    rows: (reported, total) =>
      total === null
        ? `bisher ${formatCount(reported)}`
        : `${formatCount(reported)} von ${formatCount(total)}`,
    rate: (count) => `${count} Zeilen/s`,
    uploading: (bytes) => `Kommt an, bisher ${bytes}`,
    stuck: 'Kein Fortschritt',
    undo: (undo) =>
      undo.endedAt === null
        ? `bisher ${takeBackResults(undo, formatCount)}`
        : takeBackResults(undo, formatCount),
  },
  filters: {
    all: 'Alle',
    running: 'Laufend',
    waiting: 'Wartend',
    look: 'Anzusehen',
    completed: 'Fertig',
    completed_with_errors: 'Fertig mit Fehlern',
    failed: 'Abgerissen',
    cancelled: 'Abgebrochen',
    undone: 'Zurückgenommen',
    sums_differ: 'Summen weichen ab',
  },
  differing: {
    one: 'Die Summen eines Imports weichen von denen bei den Kontakten ab.',
    several: (count) => `Die Summen von ${count} Importen weichen von denen bei den Kontakten ab.`,
    meaning:
      'Zeilen können verloren oder doppelt gezählt sein. Das Protokoll des Jobs-Service nennt, was abweicht.',
    show: 'Nur diese zeigen',
  },
  late: {
    late: (since) =>
      `*Live-Meldungen können sich verspäten.* Das Gezeigte kann sich seit ${formatClock(since)} Uhr geändert haben. Importe laufen weiter, nichts geht verloren. Diese Seite holt von selbst auf.`,
    offline: '*Dieses Gerät ist offline.*',
    noConnection: (since) => `*Keine Verbindung seit ${formatClock(since)} Uhr.*`,
    reconnects:
      'Das Gezeigte kann sich seitdem geändert haben. Diese Seite verbindet sich von selbst wieder.',
  },
};
