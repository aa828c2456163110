/** The words for a code of the API; a code of a later release is shown as `other`, by itself as the code. */
export function wordsOfCode(words: Readonly<Record<string, string>>, code: string, other = code): string {
  return Object.hasOwn(words, code) ? (words[code] ?? other) : other;
}
