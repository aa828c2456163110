/** The page's one polite live region: a screen reader reads each sentence out when it is idle. */
import { signal } from '@preact/signals';

export const announcement = signal('');

/** Announces a sentence; the same sentence twice is read out twice. */
export function announce(sentence: string): void {
  announcement.value = announcement.value === sentence ? `${sentence}\u00A0` : sentence;
}
