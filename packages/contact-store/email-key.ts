/**
 * The key of an address: the form in which two spellings of one address are the same. NFKC, small letters without regard to a language, the
 * domain by IDNA in its own script. docs/columns.md states which addresses have one.
 */
import { toASCII, toUnicode } from 'tr46';

/** Bytes, of RFC 5321: the longest path without its angle brackets, and the longest local part. */
export const MAX_ADDRESS_BYTES = 254;
export const MAX_LOCAL_BYTES = 64;

const LOCAL = /^[\w!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{N}-][\w!#$%&'*+/=?^`{|}~.\p{L}\p{M}\p{N}-]*$/u;
/** After IDNA. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;

/** IDNA in one version of Unicode: versions of Node.js differ in theirs, and in whether they look at directions of writing. */
const IDNA = { checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true };

/** Characters of a part of a domain, at most. */
const MAX_LABEL = 63;
/** IDNA leaves them out. */
const VARIATION_SELECTORS = /[\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

/** No address holds one of them. */
export const INVISIBLE =
  /[\p{Cf}\p{Cc}\u00a0\u2000-\u200a\u202f\u3000\u115f\u1160\u17b4\u17b5\u3164]|\u034f/u;

/** null where the text is no address. The key of a key is the key itself. */
export function emailKeyOf(text: string): string | null {
  const folded = foldAddress(text);
  const at = folded.lastIndexOf('@');
  const [local, domain] = [folded.slice(0, at), folded.slice(at + 1)];
  if (at < 1 || domain === '' || INVISIBLE.test(domain) || !LOCAL.test(local)) return null;
  const ascii = asciiOf(domain);
  if (ascii === null || !DOMAIN.test(ascii)) return null;
  const shown = ascii.includes('xn--') ? toUnicode(ascii, IDNA).domain : ascii;
  // RFC 5891, 5.4: a label in Punycode that another one would be written as is none.
  if (shown !== ascii && toASCII(shown, IDNA) !== ascii) return null;
  const isLong =
    Buffer.byteLength(local) > MAX_LOCAL_BYTES ||
    Buffer.byteLength(local) + 1 + ascii.length > MAX_ADDRESS_BYTES;
  return isLong ? null : `${local}@${shown}`;
}

/** Most domains are plain, and are read as they stand. */
function asciiOf(domain: string): string | null {
  if (/^[a-z0-9.-]+$/.test(domain) && !domain.includes('xn--')) return domain;
  return isTooLong(domain) ? null : toASCII(domain, IDNA);
}

/** Whether the domain is too long whatever Punycode makes of it, which takes long of a long text: no character becomes shorter. */
function isTooLong(domain: string): boolean {
  const labels = domain.replace(VARIATION_SELECTORS, '').split('.');
  const lengths = labels.map((label) => [...label].length + (/^[!-~]*$/.test(label) ? 0 : 'xn--'.length));
  return (
    lengths.some((length) => length > MAX_LABEL) ||
    lengths.reduce((sum, length) => sum + length + 1, 0) > MAX_ADDRESS_BYTES
  );
}

/** A text in the form in which addresses are compared, but for their domains. */
export function foldAddress(text: string): string {
  // The small form of `İ` has a dot above that no keyboard writes; keyboards of East Asia write `。` for a dot, as IDNA has it.
  const small = text.normalize('NFKC').toLowerCase().replaceAll('i\u0307', 'i').replaceAll('\u3002', '.');
  return small.normalize('NFKC');
}

/** The forms in which texts of an owner may hold the address once they are folded by `foldAddress`. */
export function formsOfAddress(email: string, spelling: string | null): string[] {
  const key = foldAddress(email);
  const at = key.lastIndexOf('@') + 1;
  const domain = toASCII(key.slice(at), IDNA);
  const forms = [key, foldAddress(spelling ?? email)];
  return [...new Set(domain === null ? forms : [...forms, key.slice(0, at) + domain])];
}
