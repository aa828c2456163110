/** The words around every page, and those that stand on several of them. */
export const siteWords = {
  name: 'Tidings',
  skip: 'Skip to the content',
  navigation: 'Pages',
  pages: { import: 'Import', contacts: 'Contacts', support: 'Support', webhooks: 'Your webhooks' },
  language: 'Language',
  languageNotLoaded: 'Its words could not be loaded. Please try again.',
  loading: 'Loading…',
  notLoaded: 'This page could not be loaded. Please reload it.',
  unknownPage: {
    title: 'There is no such page',
    detail: 'Perhaps the address was cut short. {start} is a good place to start.',
    start: 'Import contacts',
  },
} as const;

/** Titles of the document, as tabs and bookmarks show them. */
export const documentTitles = {
  import: titled('Import contacts'),
  contacts: titled('Contacts'),
  support: titled('All imports'),
  webhooks: titled('Webhooks'),
  unknown: titled('Not found'),
} as const;

/** `spring.csv – Tidings`. */
export function titled(page: string): string {
  return `${page} – ${siteWords.name}`;
}
