/** The words of the contacts page. */
import { searchedFields } from '@tidings/contracts/contact-fields.ts';
import type { Translation } from '../english/index.ts';
import { formatAlternatives, formatClock, formatContacts, formatCount } from '../format/format.ts';

export const contactFieldLabels: Translation['contactFieldLabels'] = {
  email: 'E-Mail',
  firstName: 'Vorname',
  lastName: 'Nachname',
  phone: 'Telefon',
  company: 'Firma',
  country: 'Land',
  timeZone: 'Zeitzone',
};

const asOf = (answeredAt: number) => `Stand ${formatClock(answeredAt)} Uhr.`;

export const contactsWords: Translation['contactsWords'] = {
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
      `Kein Kontakt passt zu „${query}“. Versuchen Sie einen kürzeren Teil der E-Mail-Adresse oder des Namens.`,
  },
  name: 'Name',
};

export const contactDialogWords: Translation['contactDialogWords'] = {
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
  fieldHelp: {
    phone:
      'Schreiben Sie die Nummer mit Landesvorwahl, etwa +49 151 12345678, oder lassen Sie das Feld leer.',
    country:
      'Schreiben Sie die zwei Buchstaben des Landes, etwa DE für Deutschland, oder lassen Sie das Feld leer.',
    timeZone: 'Schreiben Sie den Namen der Zeitzone, etwa Europe/Berlin, oder lassen Sie das Feld leer.',
  },
  gone: {
    title: 'Diesen Kontakt gibt es nicht mehr',
    detail:
      'Er wurde gelöscht, seit diese Liste geladen wurde. Ihre Änderungen können nicht gespeichert werden.',
  },
  delete: 'Löschen …',
  deleteQuestion: 'Diesen Kontakt endgültig löschen?',
  deleteMeaning: 'Was Importe von ihm aufbewahrt haben, wird ebenfalls gelöscht.',
  deleteYes: 'Ja, löschen',
  deleteNo: 'Behalten',
};

export const contactsAnnouncements: Translation['contactsAnnouncements'] = {
  searching: 'Sucht …',
  nothingFound: (query) => `Nichts gefunden für ${query}.`,
  found: (count, query, isAll) =>
    isAll
      ? `${formatContacts(count)} gezeigt für ${query}.`
      : `Die ersten ${formatContacts(count)} gezeigt für ${query}.`,
  contactSaved: 'Der Kontakt wurde gespeichert.',
  contactDeleted: 'Der Kontakt wurde gelöscht.',
};
