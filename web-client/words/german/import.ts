/** The words of the import page. `*…*` is drawn bold, `{…}` is a place that the page fills. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatClock, formatCount, formatRows } from '../format/format.ts';

export const startWords: Translation['startWords'] = {
  title: 'Kontakte importieren',
  lead: 'Legen Sie eine Datei ab und sehen Sie zu, wie jede Zeile ihren Platz findet: angelegt, geändert, unverändert oder mit Begründung zurück an Sie.',
  drop: 'Legen Sie eine Kontaktdatei hier ab, oder wählen Sie eine',
  letGo: 'Loslassen, um die Datei zu prüfen',
  chooseFile: 'Datei wählen',
  chooseAnotherFile: 'Andere Datei wählen',
  chooseAgain: (fileName) => `${fileName} erneut wählen`,
  accepted: (mostBytes) =>
    mostBytes === null
      ? 'CSV- und Excel-Dateien aus Google, Outlook oder einem CRM. Nichts wird geschrieben, bevor Sie auf „Importieren“ drücken.'
      : `CSV- und Excel-Dateien aus Google, Outlook oder einem CRM, bis ${formatBytes(mostBytes)}. Nichts wird geschrieben, bevor Sie auf „Importieren“ drücken.`,
  sample: 'Beispieldatei',
};

export const earlierWords: Translation['earlierWords'] = {
  title: 'Frühere Importe',
  none: 'Noch keine. Jeder Import erscheint hier, sobald jemand auf „Importieren“ drückt.',
  cancel: 'Abbrechen',
  cancelOf: (fileName) => `Import von ${fileName} abbrechen`,
  added: (count) => `${formatCount(count)} angelegt`,
  changed: (count) => `${formatCount(count)} geändert`,
  toFix: (count) => `${formatCount(count)} zu korrigieren`,
  ignored: (count) => `${formatCount(count)} ignoriert`,
  notSaved: (count) => `${formatCount(count)} nicht gespeichert`,
  onlyChecked: 'nur geprüft',
  mendsAnother: 'Korrigiert einen früheren Import',
  remembered: 'Unten steht, was dieser Browser sich gemerkt hat.',
  askAgain: 'Erneut versuchen',
};

export const openWords: Translation['openWords'] = {
  looking: 'Der Import wird gesucht …',
  title: 'Dieser Import kann hier nicht angezeigt werden',
  detail:
    'Es gibt keinen Import {importId}, den dieser Browser sehen darf. Er gehört jemand anderem oder wurde gelöscht.',
  importFile: 'Datei importieren',
};

export const runWords: Translation['runWords'] = {
  keepOpen: 'Lassen Sie diese Seite offen, bis die Datei gesendet ist.',
  mayClose: 'Sie können diese Seite schließen. Der Import läuft weiter.',
  tellWhenDone: 'Bescheid geben, wenn er fertig ist',
  willTell: 'Dieser Browser gibt Bescheid, solange diese Seite in einem Tab offen ist.',
  willNotTell:
    'Dieser Browser darf nicht Bescheid geben: Erlauben Sie in seinen Einstellungen Mitteilungen dieser Seite.',
  toFixTitle: (count, fileName) => `! ${formatCount(count)} zu korrigieren, ${fileName}`,
  progress: 'Fortschritt',
  rowsByOutcome: 'Zeilen nach Ergebnis',
  importAnother: 'Weitere Datei importieren',
  importFile: 'Datei importieren',
  seeContacts: 'Kontakte ansehen',
  sendAgain: 'Erneut senden',
  numbersLag: (stateAt) =>
    `Die Zahlen unten sind von ${formatClock(stateAt)} Uhr. Der Rest folgt, sobald der Server erreichbar ist.`,
};

export const staleWords: Translation['staleWords'] = {
  offline: 'Dieses Gerät ist offline.',
  noConnection: (since) => `Keine Verbindung seit ${formatClock(since)} Uhr.`,
  unreachable: 'Der Server ist nicht erreichbar.',
  unsent:
    'Die Datei ist noch auf diesem Gerät. Sie wird gesendet, sobald der Server antwortet: Lassen Sie diese Seite bis dahin offen oder brechen Sie ab.',
  late: 'Live-Meldungen können sich verspäten.',
  notAvailable: 'Live-Meldungen sind zurzeit nicht verfügbar.',
  unsentWhileLate:
    'Die Datei ist noch auf diesem Gerät und wird gesendet, sobald sie wieder verfügbar sind: Lassen Sie diese Seite bis dahin offen oder brechen Sie ab.',
  asOf: (stateAt) => `Die Zahlen sind von ${formatClock(stateAt)} Uhr.`,
  keepOpen: 'Lassen Sie diese Seite offen: Die Datei wird noch gesendet.',
  independent: 'Der Import läuft auch ohne diese Seite.',
  reconnects: 'Diese Seite verbindet sich von selbst wieder.',
  goesOn: 'Der Import läuft weiter, nichts geht verloren.',
  catchesUp: 'Diese Seite holt von selbst auf.',
};

export const phaseWords: Translation['phaseWords'] = {
  upload: 'Senden',
  import: 'Import',
  brokeOff: { atOnce: 'Unterbrochen', after: (rows) => `Nach ${formatRows(rows)} unterbrochen` },
  cutOff: { atOnce: 'Abgebrochen', after: (rows) => `Nach ${formatRows(rows)} abgebrochen` },
  stopped: 'Angehalten',
  complete: (bytes) => `Vollständig, ${formatBytes(bytes)}`,
  waiting: (bytes) => `Wartet auf den Server, ${formatBytes(bytes)} zu senden`,
  sent: (sentBytes, bytes) => `${formatBytes(sentBytes)} von ${formatBytes(bytes)} gesendet`,
  unknown: 'Noch nicht bekannt',
  receivedElsewhere: (bytes) => `Bisher ${formatBytes(bytes)} empfangen, von einer anderen Seite gesendet`,
  notStarted: 'Nicht begonnen',
  startsLater: 'Beginnt mit den ersten empfangenen Zeilen',
  soFar: (rows, why) => `Bisher ${formatRows(rows)}${why}`,
  rowsOf: (rows, total) => `${formatCount(rows)} von ${formatRows(total)}`,
  rowsOfAbout: (rows, about) => `${formatCount(rows)} von etwa ${formatRows(about)}`,
  totalUnknown: {
    broken: ', vom Angekommenen',
    sent: '; die Gesamtzahl folgt gleich',
    sending: '; die Gesamtzahl steht fest, wenn alles gesendet ist',
  },
  bytesPerSecond: (speed) => `${formatBytes(speed)}/s`,
  rowsPerSecond: (rate) => `${formatCount(rate)} Zeilen/s`,
};
