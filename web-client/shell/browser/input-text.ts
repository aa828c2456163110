/** The text as a field of one line is to show it: a browser drops newlines there, which makes one word of two. */
export function inputText(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
