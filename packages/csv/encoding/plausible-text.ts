/** Tells text that somebody has written from what comes of bytes that are read in the wrong encoding. */

/** A letter beyond ASCII, or a mark of European texts, that stands beside a letter: `CANTÙ«` would become `CANT` and a mark of Arabic numbers. */
const IN_WORD =
  /(?<=\p{L})(?!\p{ASCII})[\p{L}\u00a1-\u00bf\u2010-\u203a]|(?!\p{ASCII})[\p{L}\u00a1-\u00bf\u2010-\u203a](?=\p{L})/u;

/** Controls, and letters that only phoneticians and lists of characters have: two capitals of `MĘŻYK` would become one of them. */
const NO_TEXT =
  /[\p{Cn}\p{Co}]|(?![\t\r\n])\p{Cc}|[\u0180-\u018e\u0190\u0191\u0193-\u019f\u01a2-\u01ae\u01b1-\u0217\u021c-\u0258\u025a-\u02ba\u02bd-\u02c5\u02c8-\u02d7\u02de-\u02ff]/u;
const LETTERS = /[\p{L}\p{M}]+/gu;
/** Of the letters beside each other; the last one is of all other scripts. */
const SCRIPTS = [
  ...[/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u],
  /(?![\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Common}\p{Script=Inherited}])\p{L}/u,
];
/** Names of East Asia, which stand beside Latin letters (`株式会社ABC`). */
const EAST_ASIAN_NAMES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}ー]{2,}/gu;
/** `CARĂŞ` would become `CARê`, and `ÂŞIK` `ªIK`. */
const SMALL_IN_CAPITALS =
  /\p{Lu}(?![\p{ASCII}ƒ])\p{Ll}\p{Lu}|\p{Lu}{2}(?![\p{ASCII}ƒ])\p{Ll}|\p{L}{2}ª|ª\p{L}/u;
/** Whether UTF-8 that was taken for another encoding may have come of the text: it has a letter or sign beyond ASCII beside a letter, and no word mixes scripts. */
export function isPlausible(text: string): boolean {
  if (NO_TEXT.test(text) || !IN_WORD.test(text) || SMALL_IN_CAPITALS.test(text)) return false;
  return !(text.match(LETTERS) ?? []).some(mixesScripts);
}

/** `RÓŻA` would become a Cyrillic letter between Latin ones, `Píšťala` a Korean one, `ХІРІ` an Armenian one beside a Cyrillic one. */
function mixesScripts(letters: string): boolean {
  const alone = letters.replace(EAST_ASIAN_NAMES, '');
  return SCRIPTS.filter((script) => script.test(alone)).length > 1;
}
