/** The one polite live region of the page: what is said here is read out when the reader has time. */
import { signal } from '@preact/signals';

export const announcement = signal('');

/** Says it; the same sentence twice is said twice. */
export function announce(sentence: string): void {
  announcement.value = announcement.value === sentence ? `${sentence}\u00A0` : sentence;
}
