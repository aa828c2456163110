/** Cleans cells of what programs write around their text, and tells cells that stand for nothing. */

/** What programs and people write where they have no value. `NA` is not among them: it is Namibia, and a name. */
const PLACEHOLDERS = new Set([
  ...[
    '-',
    '--',
    '---',
    '–',
    '—',
    '.',
    '?',
    '/',
    '_',
    '*',
    'n/a',
    '#n/a',
    '#nv',
    '#ref!',
    '#value!',
    '#wert!',
    '#name?',
  ],
  ...[
    'n.a.',
    'n/d',
    'k.a.',
    'k. a.',
    'null',
    '(null)',
    '<null>',
    '[null]',
    'nil',
    'none',
    '(none)',
    'nan',
    'undefined',
  ],
  ...[
    'unknown',
    '(unknown)',
    'unbekannt',
    'inconnu',
    'desconocido',
    'невідомо',
    'неизвестно',
    '(blank)',
    '(leer)',
  ],
]);
const MAX_PLACEHOLDER = Math.max(...[...PLACEHOLDERS].map((text) => text.length));
/** By the first character's code: 1 where a placeholder begins with it. Few cells pass, and only these are looked up. */
const begins = new Uint8Array(0x10000);
for (const text of PLACEHOLDERS)
  for (const form of [text, text.toUpperCase()]) begins[form.charCodeAt(0)] = 1;

const EQUALS = '='.charCodeAt(0);
const HIDDEN_EDGES = /^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu;
const LAST_ASCII = 0x7f;

/** Whether the cell says that there is no value. @param text trimmed */
export function isPlaceholder(text: string): boolean {
  return (
    begins[text.charCodeAt(0)] === 1 && text.length <= MAX_PLACEHOLDER && PLACEHOLDERS.has(text.toLowerCase())
  );
}

/** Trimmed, and out of `="…"`, by which programs keep spreadsheets from converting a text. */
export function textOf(cell: string): string {
  const text = cell.trim();
  return text.charCodeAt(0) === EQUALS ? withoutFormula(text) : text;
}

function withoutFormula(text: string): string {
  if (text.length < 3 || !text.startsWith('="') || !text.endsWith('"')) return text;
  const inside = text.slice(2, -1);
  // A formula of more than a text stays as it stands.
  return inside.replaceAll('""', '').includes('"') ? text : inside.replaceAll('""', '"').trim();
}

/** Without invisible characters at its ends. @param text not '' */
export function withoutHiddenEdges(text: string): string {
  const isPlain = text.charCodeAt(0) <= LAST_ASCII && text.charCodeAt(text.length - 1) <= LAST_ASCII;
  return isPlain ? text : text.replace(HIDDEN_EDGES, '');
}

/** As Unicode writes it: `U+200B`. */
export function codePointName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
