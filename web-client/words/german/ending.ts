/** The words of the end of an import: what came of it, what is to fix, and the proof. */
import type { Translation } from '../english/index.ts';
import { formatContacts, formatCount, formatDuration, formatRows } from '../format/format.ts';

/** By the codes of the API. Files of rejected rows have their words from there, too. */
export { germanRowFaults as rowFaultWords } from '@tidings/contracts/files/row-words/german.ts';

export const summaryWords: Translation['summaryWords'] = {
  brokenOff: 'Das Senden wurde unterbrochen',
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
  needYou: (count) => `${formatRows(count)} ${count === 1 ? 'ist' : 'sind'} noch zu korrigieren.`,
  notSaved: (count) => `${formatRows(count)} ${count === 1 ? 'konnte' : 'konnten'} nicht gespeichert werden.`,
  onlyChecked: 'Die Datei wurde nur geprüft. Es wurde nichts geschrieben.',
  whole: (total, { upload, status }) => {
    const rows = total === 1 ? 'Zeile' : 'Zeilen';
    if (upload !== 'aborted') return `${rows} der Datei`;
    return status === 'cancelled'
      ? `${rows}, die vor dem Abbruch ankamen`
      : `${rows}, die vor der Unterbrechung ankamen`;
  },
  sumsAgree: 'Mit den gespeicherten Kontakten verglichen: Die Summen stimmen.',
  sumsDifferTitle: 'Die Kontakte passen nicht zu diesen Zahlen',
  sumsDiffer:
    'Die Summen stimmen nicht mit den gespeicherten Kontakten überein. Bitte melden Sie diesen Import dem Support.',
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
  titles: { toFix: 'Zu korrigieren', ignored: 'Ignorierte Zeilen', mended: 'Korrigierte Zeilen' },
  left: (left, all) =>
    left === 0
      ? `${formatCount(all)} von ${formatRows(all)} korrigiert`
      : `${formatCount(left)} von ${formatRows(all)} noch zu korrigieren`,
  reasons: 'Gründe',
  example: (line, cell) =>
    cell === ''
      ? `zum Beispiel Zeile ${formatCount(line)}`
      : `zum Beispiel Zeile ${formatCount(line)}: „${cell}“`,
  mendedHere: 'Korrigiert, noch nicht importiert',
  counted: (rows) => `Gezählt in den ersten ${formatRows(rows)}.`,
  fixHere: 'Hier korrigieren',
  closeTable: 'Tabelle schließen',
  elsewhere:
    'Oder korrigieren Sie die Zeilen in einer Tabellenkalkulation und legen Sie die Datei auf der Import-Seite ab: Nur diese Zeilen werden geändert.',
  download: { xlsx: 'Für Excel herunterladen', csv: 'Als CSV herunterladen' },
  ignore: 'Diese Zeilen ignorieren',
  showAgain: 'Wieder zeigen',
  ignored: (rows) => `${formatRows(rows)} ignoriert`,
  ignoredMeaning:
    'Diese Zeilen werden nicht importiert, und niemand muss sie korrigieren. Sie bleiben erhalten und lassen sich wieder zeigen.',
  shownAgain: 'Die Zeilen werden wieder gezeigt.',
  preparing: 'Die Datei wird vorbereitet …',
};

export const mendWords: Translation['mendWords'] = {
  caption: 'Zeilen, die zu korrigieren sind',
  how: 'Ändern Sie die falschen Zellen. Jede Änderung wird gespeichert, sobald Sie die Zelle verlassen.',
  line: 'Zeile',
  extra: 'hinter der Kopfzeile',
  cell: (column, line) => `${column}, Zeile ${formatCount(line)}`,
  allReasons: 'Alle Gründe',
  reason: 'Grund',
  saving: 'Wird gespeichert …',
  mended: 'Korrigiert',
  notRight: 'Gespeichert, aber noch fehlerhaft',
  overtaken: (column, text) =>
    `Jemand anderes hat inzwischen „${text}“ in ${column} geschrieben. Ihr Text ist nicht gespeichert.`,
  keepMine: 'Meinen behalten',
  takeTheirs: 'Den anderen nehmen',
  notSaved: 'Nicht gespeichert',
  taken: 'Diese Zeile wurde inzwischen übergeben, wie sie vorher war. Ihr Text ist nicht gespeichert.',
  unsaved: (lines) => `Noch nicht gespeichert: Zeile ${lines}. Vorher wird nichts importiert.`,
  more: 'Weitere Zeilen zeigen',
  none: 'Hier ist keine Zeile mehr zu korrigieren.',
  hand: (count) =>
    count === 1 ? '1 korrigierte Zeile importieren' : `${formatCount(count)} korrigierte Zeilen importieren`,
  handing: 'Wird übergeben …',
  handed: (count) => `${formatRows(count)} übergeben.`,
  imports: 'Importe korrigierter Zeilen',
  progress: (mended, all) => `${formatCount(mended)} von ${formatCount(all)} korrigiert`,
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
