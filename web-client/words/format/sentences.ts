/** Sentences one after another: most languages part them by a space, Chinese does not, and has a full stop of its own. */
import { language } from './language.ts';

/** What stands between two sentences. */
export function sentenceGap(): string {
  return language.value === 'zh' ? '' : ' ';
}

/** @param sentences those that are to be said; null and false stand for those that are not */
export function joinSentences(sentences: readonly (string | null | false)[]): string {
  return sentences.filter((sentence) => sentence !== null && sentence !== false).join(sentenceGap());
}

/** A title as a sentence. */
export function asSentence(title: string): string {
  return `${title}${language.value === 'zh' ? '。' : '.'}`;
}
