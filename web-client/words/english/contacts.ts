/** The words of the contacts page. */
import { searchedFields } from '@tidings/contracts/contacts/contact-fields.ts';
import { formatAlternatives, formatClock, formatContacts, formatCount } from '../format/format.ts';
import type { Translated } from './index.ts';

const contactsWords = {
  title: 'Contacts',
  search: `Search by ${formatAlternatives(searchedFields.map(({ label }) => label.toLowerCase()))}`,
  tryAgain: 'Try again',
  searching: 'Searching…',
  loading: 'Loading…',
  silent: (answeredAt: number | null) => {
    const waits = 'The server does not answer yet. This page waits, and asks again by itself if that fails.';
    return answeredAt === null ? waits : `${waits} ${contactsWords.asOf(answeredAt)}`;
  },
  asOf: (answeredAt: number): string => `As of ${formatClock(answeredAt)}.`,
  outOfDate: 'An import has ended. This list is out of date.',
  readAnew: 'Read the list anew',
  loadMore: 'Load more',
  actions: 'Actions',
  edit: 'Edit',
  editOf: (email: string) => `Edit ${email}`,
  /** How many are shown, and whether there are more, or some are on their way. */
  shown: (count: number, more: 'none' | 'some' | 'coming') => {
    const all = `${formatCount(count)} shown`;
    if (more === 'none') return all;
    return `The first ${all}${more === 'coming' ? ', looking for more…' : ''}`;
  },
  none: {
    title: 'No contacts yet',
    detail: 'They appear here with the first import.',
    importFile: 'Import a file',
  },
  notFound: {
    title: 'Nothing found',
    detail: (query: string) =>
      `No contact fits “${query}”. Try the beginning of a word of the e-mail, the name or the company, or that of a phone number.`,
  },
  /** The column of first and last name. */
  name: 'Name',
  changed: 'Changed',
  export: 'Export as CSV',
  exporting: 'Exporting…',
  deleted: (email: string) => `${email} will be deleted in a few seconds.`,
  undo: 'Undo',
  unsorted: (count: number) => `${formatContacts(count)} that were just written are still being sorted in.`,
  ofImport: 'Only the contacts of one import are shown.',
  showAll: 'Show all contacts',
  duplicates: {
    title: (count: number) => `Stored twice: ${formatContacts(count)}`,
    meaning:
      'An earlier version has kept two spellings of one address as two contacts. Imports change the first of each two alone. Delete the one that you do not need; the other one keeps the address.',
  },
} as const;

const contactDialogWords = {
  save: 'Save',
  saving: 'Saving…',
  close: 'Close',
  /** Where the dialog is to be closed with changes that are not saved. */
  discard: {
    question: 'Discard your changes?',
    meaning: 'They are not saved.',
    yes: 'Discard them',
    no: 'Keep editing',
  },
  /** Where the dialog is to be closed before the server has answered. */
  unanswered: {
    question: 'Close without waiting for the answer?',
    meaning: 'The server has not answered yet. Your changes may be saved, or not.',
    yes: 'Close',
    no: 'Wait for the answer',
  },
  noCountry: '– none –',
  /** What a field takes, by its format; a text is explained by the server. */
  fieldHelp: {
    phone:
      'Write the number with its country code, such as +49 151 12345678, or name the country. The field may also be empty.',
    country: 'Write the name of the country, such as Germany, or its two letters, or leave the field empty.',
    timeZone: 'Write the name of the time zone, such as Europe/Berlin, or leave the field empty.',
  },
  gone: {
    title: 'This contact is not there any more',
    detail: 'It was deleted since this list was loaded. Your changes cannot be saved.',
  },
  changedMeanwhile: {
    title: 'The contact was changed meanwhile',
    detail: 'Your changes are not saved.',
    /** @param at when, in milliseconds since 1970; null where nobody knows */
    byImport: (at: number | null): string =>
      at === null ? 'It was changed by {import}.' : `At ${formatClock(at)} {import} has changed it.`,
    byPerson: (at: number | null): string =>
      at === null
        ? 'Somebody has changed it, here in another window or elsewhere.'
        : `At ${formatClock(at)} somebody has changed it, here in another window or elsewhere.`,
    theImport: 'an import',
    showNow: 'Show the current version',
    kept: 'What you have written is kept: below it stands what is stored now. It is saved when you press Save.',
    takeAll: 'Take everything as stored',
    stored: (value: string) => `Stored now: “${value}”.`,
    storedNothing: 'Stored now: nothing.',
    take: 'Take what is stored',
    takeFor: (field: string) => `Take what is stored: ${field}`,
  },
  delete: 'Delete',
} as const;

/** What a screen reader is told. */
const contactsAnnouncements = {
  searching: 'Searching…',
  nothingFound: (query: string) => `Nothing found for ${query}.`,
  /** @param isAll whether there are no more than these */
  found: (count: number, query: string, isAll: boolean) =>
    `${isAll ? '' : 'The first '}${count === 1 ? 'one contact' : `${formatCount(count)} contacts`} shown for ${query}.`,
  contactSaved: 'The contact was saved.',
  contactDeleted: 'The contact was deleted. Control+Z brings it back.',
  deletionUndone: 'The contact is kept.',
} as const;

export const englishContacts = { contactsWords, contactDialogWords, contactsAnnouncements };

export type ContactsTranslation = Translated<typeof englishContacts>;
