/** What is wrong with a file of which no column is recognised as the one of the e-mail addresses, and what to do. */
import type { Translation } from '../english/index.ts';
import { listNames } from '../format/names.ts';

const names = (all: readonly string[]) =>
  listNames(all, { quotes: ['„', '“'], more: (count) => ` und ${count} weitere`, none: 'nichts' });

export const missingEmailWords: Translation['missingEmailWords'] = {
  thenAgain: (detail) => `${detail} Wählen Sie die Datei dann erneut.`,
  noHeader: {
    title: 'Die Datei hat keine Kopfzeile',
    detail:
      'Ihre erste Zeile ist schon ein Kontakt. Setzen Sie eine Zeile mit den Namen der Spalten darüber, und „email“ über die Adressen.',
  },
  otherDelimiter: {
    title: 'Die Spalten lassen sich nicht trennen',
    detail: (delimiter) =>
      delimiter === '\t'
        ? 'Sie scheinen durch Tabulatoren getrennt zu sein, aber ein Name in der Kopfzeile enthält ein anderes Trennzeichen. Setzen Sie den Namen in Anführungszeichen oder entfernen Sie das Zeichen.'
        : `Sie scheinen durch „${delimiter}“ getrennt zu sein, aber ein Name in der Kopfzeile enthält ein anderes Trennzeichen. Setzen Sie den Namen in Anführungszeichen oder entfernen Sie das Zeichen.`,
  },
  headerFurtherDown: {
    title: 'Die erste Zeile ist nicht die Kopfzeile',
    detail: (found) =>
      `Die Namen der Spalten stehen weiter unten, in der Zeile ${names(found)}. Löschen Sie alles darüber.`,
  },
  noColumn: {
    title: 'Die Datei hat keine Spalte mit E-Mail-Adressen',
    detail: (found) =>
      `In der Kopfzeile steht ${names(found)}. Nennen Sie die Spalte mit den Adressen „email“.`,
  },
  notRecognised: {
    title: 'Die Spalte der E-Mail-Adressen wurde nicht erkannt',
    detail: (likely) =>
      likely.length === 1
        ? `Es scheint ${names(likely)} zu sein. Nennen Sie sie in der Kopfzeile „email“.`
        : `Es kann eine von diesen sein: ${names(likely)}. Nennen Sie die richtige in der Kopfzeile „email“.`,
  },
};
