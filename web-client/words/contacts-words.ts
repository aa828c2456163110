/** What the contacts page says, in the language that is chosen. These words come with that page, and not with the import page. */
import { signal } from '@preact/signals';
import { type ContactsTranslation, englishContacts } from './english/contacts.ts';
import type { Language } from './format/language.ts';
import { readSections } from './section.ts';

const contactsTranslation = signal<ContactsTranslation>(englishContacts);

const translations: Record<Language, () => Promise<ContactsTranslation>> = {
  en: () => Promise.resolve(englishContacts),
  de: () => import('./german/contacts.ts').then(({ germanContacts }) => germanContacts),
  uk: () => import('./ukrainian/contacts.ts').then(({ ukrainianContacts }) => ukrainianContacts),
  es: () => import('./spanish/contacts.ts').then(({ spanishContacts }) => spanishContacts),
  zh: () => import('./chinese/contacts.ts').then(({ chineseContacts }) => chineseContacts),
};

/** Never rejects: words that cannot be fetched stay as they are. */
export async function speakContacts(language: Language): Promise<void> {
  const words = await translations[language]().catch(() => null);
  if (words !== null) contactsTranslation.value = words;
}

const section = readSections(contactsTranslation, englishContacts as ContactsTranslation);

export const contactsWords = section('contactsWords');
export const contactDialogWords = section('contactDialogWords');
export const contactsAnnouncements = section('contactsAnnouncements');
