/** Names of columns in a sentence, each in quotation marks, bounded in number and in length. */

/** Names of columns that a sentence lists, and characters of each, at most. */
const MAX_NAMES = 12;
const MAX_NAME_LENGTH = 60;

interface ListStyle {
  readonly quotes: readonly [opening: string, closing: string];
  /** After the names, where there are more of them. */
  readonly more: (count: number) => string;
  readonly none: string;
}

/** `“name”, “phone” and 3 more`; empty names are left out. */
export function listNames(names: readonly string[], { quotes, more, none }: ListStyle): string {
  const named = names.map((name) => name.trim()).filter((name) => name !== '');
  if (named.length === 0) return none;
  const shown = named
    .slice(0, MAX_NAMES)
    .map((name) => `${quotes[0]}${[...name].slice(0, MAX_NAME_LENGTH).join('')}${quotes[1]}`);
  return `${shown.join(', ')}${named.length > MAX_NAMES ? more(named.length - MAX_NAMES) : ''}`;
}
