import { PREVIEW_TEXT_LENGTH } from '@tidings/contracts/files/preview.ts';

/** What of a cell or a line is shown, without half of a surrogate pair at its end. */
export function shorten(text: string): string {
  return text.slice(0, PREVIEW_TEXT_LENGTH).replace(/[\ud800-\udbff]$/, '');
}
