/** What support's pages say, in the language that is chosen. These words come with those pages, and not with the import page. */
import { signal } from '@preact/signals';
import { englishSupport, type SupportTranslation } from './english/support.ts';
import type { Language } from './format/language.ts';
import { readSections } from './section.ts';

export const supportTranslation = signal<SupportTranslation>(englishSupport);

const translations: Record<Language, () => Promise<SupportTranslation>> = {
  en: () => Promise.resolve(englishSupport),
  de: () => import('./german/support.ts').then(({ germanSupport }) => germanSupport),
  uk: () => import('./ukrainian/support.ts').then(({ ukrainianSupport }) => ukrainianSupport),
  es: () => import('./spanish/support.ts').then(({ spanishSupport }) => spanishSupport),
  zh: () => import('./chinese/support.ts').then(({ chineseSupport }) => chineseSupport),
};

/** Never rejects: words that cannot be fetched stay as they are. */
export async function speakSupport(language: Language): Promise<void> {
  const words = await translations[language]().catch(() => null);
  if (words !== null) supportTranslation.value = words;
}

const section = readSections(supportTranslation, englishSupport as SupportTranslation);

export const sectionWords = section('sections');
export const listWords = section('list');
export const filterWords = section('filters');
export const differingWords = section('differing');
export const lateWords = section('late');
export const storyWords = section('story');
export const eventWords = section('events');
export const chunkWords = section('chunks');
export const orderWords = section('orders');
export const letterWords = section('letters');
export const blockedWords = section('blocked');
export const webhookWords = section('webhooks');
export const healthWords = section('health');
export const auditWords = section('audit');
export const ownWebhookWords = section('ownWebhooks');
