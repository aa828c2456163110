/** What went wrong, in words. Details that the server gives are in English. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatDays } from '../format/format.ts';

export const problemWords: Translation['problemWords'] = {
  unknownTitle: 'Das hat nicht geklappt',
  internalDetail: 'Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.',
  signedOut: {
    title: 'Niemand ist angemeldet',
    detail: 'Bitte melden Sie sich an und versuchen Sie es noch einmal.',
  },
  importToken: {
    title: 'Dieser Import kann von hier aus nicht verfolgt werden',
    detail: (tokenMilliseconds) =>
      `Der Schlüssel in diesem Browser öffnet ihn nicht mehr. Schlüssel gelten ${formatDays(tokenMilliseconds)}.`,
  },
  network: {
    title: 'Der Server ist nicht erreichbar',
    detail: 'Bitte prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
  },
  brokenUpload: {
    title: 'Das Senden wurde unterbrochen',
    detail:
      'Die Verbindung zum Server ging verloren, während die Datei unterwegs war. Hat der Server sie nicht ganz erhalten, nimmt er zurück, was er schon importiert hatte. Senden Sie die Datei erneut, um alles zu importieren.',
  },
  severalFiles: {
    title: 'Bitte eine Datei nach der anderen',
    detail:
      'Jede Datei ist ein eigener Import. Legen Sie die erste ab; die nächste kann folgen, während er läuft.',
  },
  emptyDetail: 'Wählen Sie eine Datei mit Spaltennamen und Kontakten.',
  unreadable: {
    title: 'Die Datei konnte nicht gelesen werden',
    detail:
      'Vielleicht ist es ein Ordner, oder sie wurde verschoben oder geändert, seit sie gewählt wurde. Bitte wählen Sie sie erneut.',
  },
  tooLarge: (mostBytes) =>
    `Bis zu ${formatBytes(mostBytes)} können auf einmal importiert werden. Bitte teilen Sie die Datei; jeder Teil braucht die Kopfzeile.`,
  asksAgain: 'Diese Seite fragt von selbst erneut.',
  line: (line) => `Zeile ${line}.`,
};
