/** The words of the end of an import: what came of it, what is to fix, and the proof. */
import type { Translation } from '../english/index.ts';
import { formatContacts, formatCount, formatDuration, formatRows } from '../format/format.ts';

/** By the codes of the API. Files of rejected rows have their words from there, too. */
export { germanRowFaults as rowFaultWords } from '@tidings/contracts/row-words/german.ts';

export const summaryWords: Translation['summaryWords'] = {
  brokenOff: 'Das Senden ist abgerissen',
  cancelled: (notImported) =>
    notImported === 0
      ? 'Abgebrochen'
      : `Abgebrochen: ${formatRows(notImported)} der Datei ${notImported === 1 ? 'wurde' : 'wurden'} nicht importiert`,
  cutOff: 'Abgebrochen, während die Datei unterwegs war',
  noRows: 'Die Datei hat eine Kopfzeile und keine Zeilen',
  nothingImported: (total) =>
    total === 1
      ? 'Die eine Zeile konnte nicht importiert werden.'
      : `Keine der ${formatRows(total)} konnte importiert werden.`,
  added: (count) => `${formatContacts(count)} angelegt.`,
  changed: (count) => `${formatContacts(count)} geändert.`,
  addedAndChanged: (added, changed) => `${formatContacts(added)} angelegt, ${formatCount(changed)} geändert.`,
  allKnown: (total) =>
    total === 1 ? 'Die eine Zeile war schon vorhanden.' : `Alle ${formatRows(total)} waren schon vorhanden.`,
  nothingNew: (known) =>
    `Nichts Neues: ${formatRows(known)} ${known === 1 ? 'war' : 'waren'} schon vorhanden.`,
  needYou: (count) => `${formatRows(count)} ${count === 1 ? 'ist' : 'sind'} noch zu verbessern.`,
  notSaved: (count) => `${formatRows(count)} ${count === 1 ? 'konnte' : 'konnten'} nicht gespeichert werden.`,
  onlyChecked: 'Die Datei wurde nur geprüft. Es wurde nichts geschrieben.',
  whole: (total, { upload, status }) => {
    const rows = total === 1 ? 'Zeile' : 'Zeilen';
    if (upload !== 'aborted') return `${rows} der Datei`;
    return status === 'cancelled'
      ? `${rows}, die vor dem Abbruch ankamen`
      : `${rows}, die vor dem Abriss ankamen`;
  },
  sumsAgree: 'Mit den gespeicherten Kontakten verglichen: Die Summen stimmen.',
  sumsDifferTitle: 'Die Kontakte passen nicht zu diesen Zahlen',
  sumsDiffer:
    'Die Summen weichen von denen bei den Kontakten ab. Bitte melden Sie dem Support diesen Import.',
  tookAMoment: 'Dauerte weniger als 0,1 s.',
  took: (milliseconds, rowsPerSecond) =>
    rowsPerSecond === null
      ? `Dauerte ${formatDuration(milliseconds)}.`
      : `Dauerte ${formatDuration(milliseconds)} bei ${formatCount(rowsPerSecond)} Zeilen/s.`,
  sendAgain: 'Senden Sie die Datei erneut, um alles zu importieren.',
  sendAgainLater:
    'Senden Sie die Datei erneut, um alles zu importieren. Das beginnt, sobald das Hinzugefügte zurückgenommen ist.',
  importedStays: 'Was schon importiert ist, bleibt und zählt dann als unverändert.',
};

export const rejectedWords: Translation['rejectedWords'] = {
  titles: { toFix: 'Zu verbessern', ignored: 'Übergangene Zeilen', mended: 'Verbesserte Zeilen' },
  left: (left, all) =>
    left === 0
      ? `${formatCount(all)} von ${formatRows(all)} verbessert`
      : `${formatCount(left)} von ${formatRows(all)} noch zu verbessern`,
  reasons: 'Gründe',
  example: (line, cell) =>
    cell === ''
      ? `zum Beispiel Zeile ${formatCount(line)}`
      : `zum Beispiel Zeile ${formatCount(line)}: „${cell}“`,
  counted: (rows) => `Gezählt in den ersten ${formatRows(rows)}.`,
  fixHere: 'Hier verbessern',
  closeTable: 'Tabelle schließen',
  elsewhere:
    'Oder verbessern Sie die Zeilen in einer Tabellenkalkulation und legen Sie die Datei auf der Import-Seite ab: Nur diese Zeilen werden angefasst.',
  download: { xlsx: 'Für Excel herunterladen', csv: 'Als CSV herunterladen' },
  ignore: 'Diese Zeilen übergehen',
  showAgain: 'Wieder zeigen',
  ignored: (rows) => `${formatRows(rows)} übergangen`,
  ignoredMeaning:
    'Diese Zeilen werden nicht importiert, und der Import wartet auf niemanden. Sie bleiben erhalten und lassen sich wieder zeigen.',
  shownAgain: 'Die Zeilen werden wieder gezeigt.',
  preparing: 'Die Datei wird vorbereitet …',
};

export const mendWords: Translation['mendWords'] = {
  caption: 'Zeilen, die zu verbessern sind',
  how: 'Ändern Sie die falschen Zellen. Jede Änderung wird behalten, sobald Sie die Zelle verlassen.',
  line: 'Zeile',
  extra: 'hinter der Kopfzeile',
  cell: (column, line) => `${column}, Zeile ${formatCount(line)}`,
  allReasons: 'Alle Gründe',
  reason: 'Grund',
  saving: 'Wird gespeichert …',
  mended: 'Verbessert',
  notRight: 'Gemerkt, aber noch nicht richtig',
  overtaken: (column, text) =>
    `Jemand anderes hat inzwischen „${text}“ in ${column} geschrieben. Ihr Text ist nicht gespeichert.`,
  keepMine: 'Meinen behalten',
  takeTheirs: 'Den anderen nehmen',
  notSaved: 'Nicht gespeichert',
  more: 'Weitere Zeilen zeigen',
  none: 'Hier ist keine Zeile mehr zu verbessern.',
  hand: (count) =>
    count === 1 ? '1 verbesserte Zeile importieren' : `${formatCount(count)} verbesserte Zeilen importieren`,
  handing: 'Wird übergeben …',
  handed: (count) => `${formatRows(count)} übergeben.`,
  imports: 'Importe verbesserter Zeilen',
  progress: (mended, all) => `${formatCount(mended)} von ${formatCount(all)} verbessert`,
};

export const failedWords: Translation['failedWords'] = {
  title: (count) =>
    count === 1
      ? 'Eine Zeile konnte nicht gespeichert werden.'
      : `${formatRows(count)} konnten nicht gespeichert werden.`,
  notWritten: (count) =>
    count === 1
      ? 'Sie wurde nicht geschrieben. Der Server bewahrt sie auf: Versuchen Sie es erneut, sobald die Ursache behoben ist.'
      : 'Keine davon wurde geschrieben. Der Server bewahrt sie auf: Versuchen Sie es erneut, sobald die Ursache behoben ist.',
};
