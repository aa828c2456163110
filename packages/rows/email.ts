/**
 * Reads e-mail addresses. docs/columns.md states the rule: before the `@` letters and digits of all scripts and the signs of RFC 5322, with dots
 * within and behind, as old addresses of Japanese phones have them; after it a domain name of at least two parts, by IDNA.
 */
import { domainToASCII, domainToUnicode } from 'node:url';

/** Bytes, of RFC 5321: the longest path without its angle brackets, and the longest local part. */
const MAX_BYTES = 254;
const MAX_LOCAL_BYTES = 64;
/** Characters of a cell that holds several addresses, or an address and a name, at most. */
const MAX_CELL_LENGTH = 2_000;
/** Addresses of a cell, at most. */
const MAX_ADDRESSES = 20;

/** The common form: all but a few addresses are read by it alone. Each part ends at a character that it cannot hold, so the pattern never goes back. */
const COMMON =
  /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const LOCAL = /^[\w!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{N}-][\w!#$%&'*+/=?^`{|}~.\p{L}\p{M}\p{N}-]*$/u;
/** After IDNA. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;

const INVISIBLE = /[\p{Cf}\p{Cc}\u00a0\u2000-\u200a\u202f\u3000\u115f\u1160\u17b4\u17b5\u3164]|\u034f/u;
const EDGES = /^[\s\p{Cf}\p{Cc}\p{Z}]+|[\s\p{Cf}\p{Cc}\p{Z}]+$/gu;
const WRAPPED = /^(?:"(.*)"|'(.*)'|“(.*)[”“]|„(.*)[“”]|‘(.*)[’‘]|«(.*)»|<(.*)>|\((.*)\)|\[(.*)\])$/su;
const SCHEME = /^(?:mailto|e-?mail)\s*:\s*/i;
const QUERY = /\?(?:subject|body|cc|bcc)=.*$/is;
/** What stands behind an address in a sentence or a list. */
const PUNCTUATION = /^[,;:]+|[,;:]+$|(?<=[\p{L}\p{N}])\.+$/gu;
const NAMED = /(?:"[^"]*"\s*|[^<>@,;|\n"]*)<([^<>]*)>/g;
const SEPARATORS = /\s*:::\s*|\s+\/\s+|[;,|\s]+/;

export type EmailResult =
  | { readonly ok: true; readonly address: string; readonly others: readonly string[] }
  /** `character`: the invisible character within the address that makes it wrong, as `U+200B`. */
  | { readonly ok: false; readonly character?: string };

/** The address of a cell of the common form, in small letters; null for any other cell. @param cell trimmed */
export function readCommonEmail(cell: string): string | null {
  if (cell.length > MAX_BYTES || cell.indexOf('@') > MAX_LOCAL_BYTES) return null;
  const lower = cell.toLowerCase();
  return COMMON.test(lower) && !lower.includes('xn--') ? lower : null;
}

/**
 * @param cell trimmed, not blank
 * @returns the address in the form that is the contact's key, and the further addresses of the cell in the same form
 */
export function readEmail(cell: string): EmailResult {
  const common = readCommonEmail(cell);
  return common === null ? readAnyEmail(cell) : { ok: true, address: common, others: [] };
}

function readAnyEmail(cell: string): EmailResult {
  if (cell.length > MAX_CELL_LENGTH) return { ok: false };
  const text = clean(cell.normalize('NFKC'));
  const address = toKey(text);
  if (address !== null) return { ok: true, address, others: [] };
  const parts = splitAddresses(text);
  const found = parts.length > MAX_ADDRESSES ? [] : parts.map((part) => toKey(clean(part)));
  const addresses = [...new Set(found.filter((part) => part !== null))];
  const [first, ...others] = addresses;
  if (first !== undefined && !found.includes(null)) return { ok: true, address: first, others };
  // Of the cell as it stands: NFKC makes blanks of other blanks.
  const hidden = INVISIBLE.exec(cell.replace(EDGES, '').replace(/\s*[\r\n]\s*/g, ' '))?.[0];
  return hidden === undefined ? { ok: false } : { ok: false, character: nameOf(hidden) };
}

/** The address itself, out of what people and programs write around it. */
function clean(written: string): string {
  let text = written;
  for (let layer = 0; layer < 6; layer++) {
    const before = text;
    text = text
      .replace(EDGES, '')
      .replace(/^="(.*)"$/s, '$1')
      .replace(SCHEME, '')
      .replace(PUNCTUATION, '');
    const wrapped = WRAPPED.exec(text);
    if (wrapped !== null && !/[<>]/.test(text.slice(1, -1)))
      text = wrapped.slice(1).find((part) => part !== undefined) ?? '';
    if (text === before) break;
  }
  return text.replace(QUERY, '');
}

/** `Ada <ada@…>`, lists of such, and lists of plain addresses; a name before an address holds no `@`, or stands before brackets. */
function splitAddresses(text: string): string[] {
  const remark =
    /^[^@()]*\(([^()\s]+@[^()\s]+)\)$/.exec(text)?.[1] ?? /^(\S+@\S+)\s+\([^()@]*\)$/.exec(text)?.[1];
  if (remark !== undefined) return [remark];
  const plain = text.includes('<') ? text.replace(NAMED, ' $1 ') : text;
  return plain.split(SEPARATORS).filter((part) => part !== '');
}

/** The form in which two spellings of one address are the same: NFKC, small letters, the domain in its own script. null where it is no address. */
function toKey(text: string): string | null {
  // The small form of `İ` has a dot above that no keyboard writes.
  const folded = text.normalize('NFKC').toLowerCase().replaceAll('i\u0307', 'i').normalize('NFKC');
  const at = folded.lastIndexOf('@');
  const [local, domain] = [folded.slice(0, at), folded.slice(at + 1)];
  if (at < 1 || domain === '' || INVISIBLE.test(domain) || !LOCAL.test(local)) return null;
  const ascii = /^[a-z0-9.-]+$/.test(domain) && !domain.includes('xn--') ? domain : domainToASCII(domain);
  if (!DOMAIN.test(ascii)) return null;
  const shown = ascii.includes('xn--') ? domainToUnicode(ascii) : ascii;
  // RFC 5891, 5.4: a label in Punycode that another one would be written as is none.
  if (shown !== ascii && domainToASCII(shown) !== ascii) return null;
  const isLong =
    Buffer.byteLength(local) > MAX_LOCAL_BYTES || Buffer.byteLength(local) + 1 + ascii.length > MAX_BYTES;
  return isLong ? null : `${local}@${shown}`;
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
