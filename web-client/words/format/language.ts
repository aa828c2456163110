/** The language that the pages speak. Numbers, dates and plurals follow it at once; its words are loaded before it is set. */
import { signal } from '@preact/signals';
import type { Language } from '@tidings/contracts/language.ts';

/** Each language by its own name, which is how a person finds it. */
export const languageNames = {
  en: 'English',
  de: 'Deutsch',
  uk: 'Українська',
  es: 'Español',
  zh: '中文',
} as const satisfies Record<Language, string>;

export type { Language };

export const language = signal<Language>('en');

export function isLanguage(text: string | null): text is Language {
  return text !== null && Object.hasOwn(languageNames, text);
}

/** The first of a person's languages that the pages have, whatever its region or script; else English. */
export function preferredLanguage(tags: readonly string[]): Language {
  const known = tags.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find(isLanguage);
  return known ?? 'en';
}
