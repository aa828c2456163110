/** Which language the pages speak: what the person has chosen in this browser, else the first of the browser's that they have. */
import { batch } from '@preact/signals';
import { english, type Translation } from '../../words/english/index.ts';
import { isLanguage, type Language, language, preferredLanguage } from '../../words/format/language.ts';
import { translation } from '../../words/words.ts';
import { browserStorage } from '../browser/browser-storage.ts';

const STORAGE_KEY = 'tidings.language';

/** English comes with the pages; the others are fetched by those who read them. */
const translations: Record<Language, () => Promise<Translation>> = {
  en: () => Promise.resolve(english),
  de: () => import('../../words/german/index.ts').then(({ german }) => german),
  uk: () => import('../../words/ukrainian/index.ts').then(({ ukrainian }) => ukrainian),
  es: () => import('../../words/spanish/index.ts').then(({ spanish }) => spanish),
  zh: () => import('../../words/chinese/index.ts').then(({ chinese }) => chinese),
};

/** Never rejects: where the words cannot be fetched, the pages speak English. */
export async function speakPreferredLanguage(): Promise<void> {
  const chosen = browserStorage('localStorage').getItem(STORAGE_KEY);
  await speak(isLanguage(chosen) ? chosen : preferredLanguage(navigator.languages)).catch(() => undefined);
  nameLanguage();
}

/** Speaks the language from now on, and at the next visit. @throws Error where its words cannot be fetched; nothing changes then */
export async function chooseLanguage(next: Language): Promise<void> {
  await speak(next);
  nameLanguage();
  browserStorage('localStorage').setItem(STORAGE_KEY, next);
}

function nameLanguage(): void {
  document.documentElement.lang = language.value;
}

/** Speaks the language from now on. @throws Error where its words cannot be fetched; nothing changes then */
export async function speak(next: Language): Promise<void> {
  const words = await translations[next]();
  batch(() => {
    translation.value = words;
    language.value = next;
  });
}
