/** The words around every page, and those that stand on several of them. */
import type { Translation } from '../english/index.ts';

export const siteWords: Translation['siteWords'] = {
  name: 'Tidings',
  skip: 'Zum Inhalt springen',
  navigation: 'Seiten',
  pages: { import: 'Import', contacts: 'Kontakte', support: 'Support', webhooks: 'Ihre Webhook-Ziele' },
  language: 'Sprache',
  languageNotLoaded:
    'Die Texte in dieser Sprache konnten nicht geladen werden. Bitte versuchen Sie es noch einmal.',
  loading: 'Lädt …',
  notLoaded: 'Diese Seite konnte nicht geladen werden. Bitte laden Sie sie neu.',
  unknownPage: {
    title: 'Diese Seite gibt es nicht',
    detail: 'Vielleicht ist die Adresse unvollständig. {start} ist ein guter Anfang.',
    start: 'Kontakte importieren',
  },
};

export const titled: Translation['titled'] = (page) => `${page} – ${siteWords.name}`;

export const documentTitles: Translation['documentTitles'] = {
  import: titled('Kontakte importieren'),
  contacts: titled('Kontakte'),
  support: titled('Alle Importe'),
  webhooks: titled('Webhook-Ziele'),
  unknown: titled('Nicht gefunden'),
};
