/** Texts as cells of a workbook hold them. */

/** Characters of a cell, at most: those of Excel. */
export const MAX_CELL_CHARACTERS = 32_767;

/** Characters that XML cannot hold, or that a reader of XML changes: halves of pairs among them. */
const UNWRITABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are meant
  /[\0-\x08\v\f\r\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** A text that stands for such a character. */
const WRITTEN = /_x(?=[\da-f]{4}_)/gi;

/** For an element or an attribute of XML. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** For a cell: `decodeCellText` gives the same text back. */
export function encodeCellText(text: string): string {
  const escaped = /[&<>"]/.test(text) ? escapeXml(text) : text;
  return escaped
    .replace(WRITTEN, '_x005F$&')
    .replace(UNWRITABLE, (unit) => `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`);
}

/** `0` → `A`, `27` → `AB`. */
export function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}
