/** The words of the contacts page. */
import { searchedFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { ContactsTranslation } from '../english/contacts.ts';
import { formatAlternatives, formatClock, formatContacts, formatCount } from '../format/format.ts';
import { contactFieldLabels } from './contact-fields.ts';

const asOf = (answeredAt: number) => `Stand ${formatClock(answeredAt)} Uhr.`;

const contactsWords: ContactsTranslation['contactsWords'] = {
  title: 'Kontakte',
  // A getter, because the language is not yet set when this file is loaded.
  get search() {
    return `Suche nach ${formatAlternatives(searchedFields.map(({ name }) => contactFieldLabels[name]))}`;
  },
  tryAgain: 'Erneut versuchen',
  searching: 'Sucht …',
  loading: 'Lädt …',
  silent: (answeredAt) => {
    const waits =
      'Der Server antwortet noch nicht. Diese Seite wartet und fragt von selbst erneut, wenn das fehlschlägt.';
    return answeredAt === null ? waits : `${waits} ${asOf(answeredAt)}`;
  },
  asOf,
  outOfDate: 'Ein Import ist zu Ende. Diese Liste ist nicht mehr aktuell.',
  readAnew: 'Liste neu lesen',
  loadMore: 'Mehr laden',
  actions: 'Aktionen',
  edit: 'Bearbeiten',
  editOf: (email) => `${email} bearbeiten`,
  shown: (count, more) => {
    if (more === 'none') return `${formatCount(count)} gezeigt`;
    return more === 'coming'
      ? `Die ersten ${formatCount(count)} gezeigt, weitere werden gesucht …`
      : `Die ersten ${formatCount(count)} gezeigt`;
  },
  none: {
    title: 'Noch keine Kontakte',
    detail: 'Sie erscheinen hier mit dem ersten Import.',
    importFile: 'Datei importieren',
  },
  notFound: {
    title: 'Nichts gefunden',
    detail: (query) =>
      `Kein Kontakt passt zu „${query}“. Versuchen Sie den Anfang eines Wortes der E-Mail-Adresse, des Namens oder der Firma oder den einer Telefonnummer.`,
  },
  name: 'Name',
  changed: 'Geändert',
  export: 'Als CSV exportieren',
  exporting: 'Wird exportiert …',
  deleted: (email) => `${email} wird in wenigen Sekunden gelöscht.`,
  undo: 'Rückgängig',
  unsorted: (count) => `${formatContacts(count)}, eben geschrieben, noch nicht eingeordnet.`,
  ofImport: 'Es werden nur die Kontakte eines Imports gezeigt.',
  showAll: 'Alle Kontakte zeigen',
  duplicates: {
    title: (count) => `Doppelt gespeichert: ${formatContacts(count)}`,
    meaning:
      'Eine frühere Version hat zwei Schreibweisen einer Adresse als zwei Kontakte geführt. Importe ändern jeweils nur den ersten der beiden. Löschen Sie den, den Sie nicht brauchen; der andere behält die Adresse.',
  },
};

const contactDialogWords: ContactsTranslation['contactDialogWords'] = {
  save: 'Speichern',
  saving: 'Wird gespeichert …',
  close: 'Schließen',
  discard: {
    question: 'Änderungen verwerfen?',
    meaning: 'Sie sind nicht gespeichert.',
    yes: 'Verwerfen',
    no: 'Weiter bearbeiten',
  },
  unanswered: {
    question: 'Schließen, ohne die Antwort abzuwarten?',
    meaning:
      'Der Server hat noch nicht geantwortet. Ihre Änderungen sind vielleicht gespeichert, vielleicht nicht.',
    yes: 'Schließen',
    no: 'Antwort abwarten',
  },
  noCountry: '– keines –',
  fieldHelp: {
    phone:
      'Schreiben Sie die Nummer mit Landesvorwahl, etwa +49 151 12345678, oder nennen Sie das Land. Das Feld kann auch leer bleiben.',
    country:
      'Schreiben Sie den Namen des Landes, etwa Deutschland, oder seine zwei Buchstaben, oder lassen Sie das Feld leer.',
    timeZone: 'Schreiben Sie den Namen der Zeitzone, etwa Europe/Berlin, oder lassen Sie das Feld leer.',
  },
  gone: {
    title: 'Diesen Kontakt gibt es nicht mehr',
    detail:
      'Er wurde gelöscht, seit diese Liste geladen wurde. Ihre Änderungen können nicht gespeichert werden.',
  },
  changedMeanwhile: {
    title: 'Der Kontakt wurde inzwischen geändert',
    detail: 'Ihre Änderungen sind nicht gespeichert.',
    byImport: (at) =>
      at === null ? 'Geändert hat ihn {import}.' : `Um ${formatClock(at)} Uhr hat ihn {import} geändert.`,
    byPerson: (at) =>
      at === null
        ? 'Jemand hat ihn geändert, hier in einem anderen Fenster oder anderswo.'
        : `Um ${formatClock(at)} Uhr hat jemand ihn geändert, hier in einem anderen Fenster oder anderswo.`,
    theImport: 'ein Import',
    showNow: 'Aktuellen Stand zeigen',
    kept: 'Was Sie geschrieben haben, bleibt stehen; darunter steht, was jetzt gespeichert ist. Mit „Speichern“ gilt Ihr Text.',
    takeAll: 'Alles Gespeicherte übernehmen',
    stored: (value) => `Jetzt gespeichert: „${value}“.`,
    storedNothing: 'Jetzt gespeichert: nichts.',
    take: 'Gespeichertes übernehmen',
    takeFor: (field) => `Gespeichertes übernehmen: ${field}`,
  },
  delete: 'Löschen',
};

const contactsAnnouncements: ContactsTranslation['contactsAnnouncements'] = {
  searching: 'Sucht …',
  nothingFound: (query) => `Nichts gefunden für ${query}.`,
  found: (count, query, isAll) =>
    isAll
      ? `${formatContacts(count)} gezeigt für ${query}.`
      : `Die ersten ${formatContacts(count)} gezeigt für ${query}.`,
  contactSaved: 'Der Kontakt wurde gespeichert.',
  contactDeleted: 'Der Kontakt wurde gelöscht. Strg+Z holt ihn zurück.',
  deletionUndone: 'Der Kontakt bleibt erhalten.',
};

export const germanContacts: ContactsTranslation = {
  contactsWords,
  contactDialogWords,
  contactsAnnouncements,
};
