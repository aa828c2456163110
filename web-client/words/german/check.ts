/** Die Prüfung einer Datei vor dem Import. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatColumns, formatCount, formatRows } from '../format/format.ts';

export const checkWords: Translation['checkWords'] = {
  file: (bytes, columns) => `${formatBytes(bytes)}, ${formatColumns(columns)}`,
  reading: 'Die Datei wird angesehen …',
  readingAgain: 'Wird neu gelesen …',
  unchecked: 'Ungeprüft importieren',
  unreachable: {
    title: 'Der Server antwortet nicht.',
    detail:
      'Die Datei liegt noch auf diesem Gerät, und nichts davon ist importiert. Diese Seite fragt von selbst erneut.',
    tryNow: 'Jetzt versuchen',
  },
  isExport: 'Dies ist eine Datei abgelehnter Zeilen. Nur die Kontakte dieser Zeilen werden geändert.',
  mends: 'Sie korrigiert',
  mendsNone: 'keinen früheren Import',
  mendsMet: (rows: number) => `Zeilen davon unter den angesehenen: ${formatCount(rows)}`,
  mendable: (fileName, moment, left) => `${fileName}, ${moment}: ${formatCount(left)} zu korrigieren`,
};

export const readingWords: Translation['readingWords'] = {
  title: 'Erkannt als',
  encoding: 'Zeichenkodierung',
  sheet: 'Tabellenblatt',
  delimiter: 'Trennzeichen',
  header: 'Spaltennamen',
  country: 'Telefonnummern ohne Land',
  delimiters: {
    ',': 'Komma ,',
    ';': 'Semikolon ;',
    '\t': 'Tabulator',
    '|': 'Senkrechter Strich |',
    ':': 'Doppelpunkt :',
    '^': 'Zirkumflex ^',
  },
  noHeader: 'Keine Spaltennamen',
  line: (line, cells) =>
    cells === '' ? `Zeile ${formatCount(line)}` : `Zeile ${formatCount(line)}: ${cells}`,
  noCountry: 'Land wählen',
  countryNeeded: (rows) =>
    rows === 1
      ? 'Eine Telefonnummer hat kein Land. Zu welchem Land gehört sie?'
      : `${formatCount(rows)} Telefonnummern haben kein Land. Zu welchem Land gehören sie?`,
  headerGuessed:
    'Die erste Zeile sieht wie ein Kontakt aus, nicht wie Spaltennamen. Wählen Sie deren Zeile, falls es eine gibt.',
  encodingAsked:
    'Die Zeichenkodierung ließ sich nicht sicher erkennen. Wählen Sie die Fassung, in der die Buchstaben stimmen:',
  lettersLost:
    'Die Spaltennamen enthalten das Zeichen �: Ein früheres Programm hat diese Buchstaben verloren. Holen Sie die Datei noch einmal von ihrer Quelle.',
  rowsLost: (rows, line) =>
    `${formatRows(rows)} ${rows === 1 ? 'enthält' : 'enthalten'} das Zeichen �, die erste ist Zeile ${formatCount(line)}: Ein früheres Programm hat diese Buchstaben verloren. Solche Zeilen kommen zurück.`,
  encodedTwice: (rows, line, written, meant) =>
    `${formatRows(rows)} ${rows === 1 ? 'sieht' : 'sehen'} aus wie in der falschen Kodierung gespeichert, die erste ist Zeile ${formatCount(line)}: „${written}“ ist wohl „${meant}“. Von selbst wird nichts geändert: Exportieren Sie die Datei noch einmal aus ihrer Quelle, als UTF-8.`,
  rowsUnreadable: (rows, line) =>
    `${formatRows(rows)} ${rows === 1 ? 'enthält' : 'enthalten'} Buchstaben, die diese Kodierung nicht hat, die erste ist Zeile ${formatCount(line)}. Ist es eine andere Kodierung?`,
};

export const columnWords: Translation['columnWords'] = {
  title: 'Spalten',
  how: 'Was aus jeder Spalte der Datei wird.',
  unnamed: (number) => `Spalte ${formatCount(number)}, ohne Namen`,
  noValues: 'am Anfang keine Werte',
  targets: {
    fullName: 'Ganzer Name',
    'fullName.familyFirst': 'Ganzer Name, Nachname zuerst',
    'phone.international': 'Telefon, mit Landesvorwahl',
  },
  extra: 'Als Zusatz behalten',
  extraAs: (name) => `Als Zusatz „${name}“ behalten`,
  leaveOut: 'Weglassen',
  states: {
    recognised: 'Erkannt',
    guessed: 'Vermutet: bitte prüfen',
    remembered: 'Wie beim letzten Mal',
    chosen: 'Ihre Wahl',
    extra: 'Bleibt als Zusatz',
    leftOut: 'Weggelassen',
  },
  passedOver: (field) => `Das Feld „${field}“ hat schon eine andere Spalte.`,
  standsIn: 'Wo die E-Mail-Adresse einer Zeile leer ist, gilt diese.',
  emailMissing: {
    title: 'In welcher Spalte stehen die E-Mail-Adressen?',
    detail: 'Es wurde keine solche Spalte erkannt, und jeder Kontakt braucht eine Adresse.',
    choose: 'Spalte wählen',
    use: 'Diese Spalte nehmen',
  },
};

export const firstRowsWords: Translation['firstRowsWords'] = {
  title: (rows) => (rows === 1 ? 'Die erste Zeile' : `Die ersten ${formatCount(rows)} Zeilen`),
  caption: 'Die ersten Zeilen, wie sie importiert werden',
  line: 'Zeile',
  comesBack: 'Kommt zurück',
};

export const verdictWords: Translation['verdictWords'] = {
  noRows: 'Die Datei hat Spaltennamen und keine Zeilen.',
  rows: (rows, isExact) => (isExact ? `${formatRows(rows)}.` : `Etwa ${formatRows(rows)}.`),
  allFine: (rows, isWhole) =>
    isWhole
      ? rows === 1
        ? 'Sie ist in Ordnung.'
        : 'Alle sind in Ordnung.'
      : rows === 1
        ? 'Die erste Zeile ist in Ordnung.'
        : `Die ersten ${formatRows(rows)} sind alle in Ordnung.`,
  noneFine: (rows) => (rows === 1 ? 'Sie käme zu Ihnen zurück:' : 'Alle kämen zu Ihnen zurück:'),
  someFine: (rows, fine, isWhole) => {
    const good = `${formatCount(fine)} in Ordnung`;
    const back =
      rows - fine === 1 ? '1 käme zu Ihnen zurück:' : `${formatCount(rows - fine)} kämen zu Ihnen zurück:`;
    return isWhole
      ? `Davon ${fine === 1 ? 'ist' : 'sind'} ${good}, ${back}`
      : `Von den ersten ${formatCount(rows)} ${fine === 1 ? 'ist' : 'sind'} ${good}, ${back}`;
  },
  warnings: 'Ohne diese Werte importiert:',
  leaveOut: 'Auch Zeilen importieren, deren Telefonnummer oder Land nicht lesbar ist, dann ohne diesen Wert',
  blankRows: (rows) =>
    rows === 1
      ? 'Eine leere Zeile wird übersprungen.'
      : `${formatCount(rows)} leere Zeilen werden übersprungen.`,
  start: (rows, isExact) => {
    if (rows === null) return 'Importieren';
    return isExact ? `${formatRows(rows)} importieren` : `Etwa ${formatRows(rows)} importieren`;
  },
  answerFirst: 'Beantworten Sie zuerst die Frage darüber.',
};
