/**
 * Reads e-mail addresses, by the rule of docs/columns.md. Before the `@` stand letters and digits of all scripts and the signs of RFC 5322. Dots may
 * stand among them and at their end, as in old addresses of Japanese phones. Behind the `@` stands a domain name (IDNA) of at least two parts.
 */
import {
  emailKeyOf,
  INVISIBLE,
  MAX_ADDRESS_BYTES,
  MAX_LOCAL_BYTES,
} from '@tidings/contact-store/email-key.ts';
import { codePointName } from './cell-text.ts';

/** Characters of a cell that holds several addresses, or an address and a name, at most. */
const MAX_CELL_LENGTH = 2_000;
/** Addresses of a cell, at most. */
const MAX_ADDRESSES = 20;

/** The common form: all but a few addresses are read by it alone. Each part ends at a character that it cannot hold, so the pattern never goes back. */
const COMMON =
  /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
/** Characters of an address as it was written, at most: a longer one is shown as its key. */
const MAX_SPELLING = 320;

const EDGES = /^[\s\p{Cf}\p{Cc}\p{Z}]+|[\s\p{Cf}\p{Cc}\p{Z}]+$/gu;
const WRAPPED = /^(?:"(.*)"|'(.*)'|“(.*)[”“]|„(.*)[“”]|‘(.*)[’‘]|«(.*)»|<(.*)>|\((.*)\)|\[(.*)\])$/su;
const SCHEME = /^(?:mailto|e-?mail)\s*:\s*/i;
const QUERY = /\?(?:subject|body|cc|bcc)=.*$/is;
/** What stands behind an address in a sentence or a list. */
const PUNCTUATION = /^[,;:]+|[,;:]+$|(?<=[\p{L}\p{N}])\.+$/gu;
const NAMED = /(?:"[^"]*"\s*|[^<>@,;|\n"]*)<([^<>]*)>/g;
const SEPARATORS = /\s*:::\s*|\s+\/\s+|[;,|\s]+/;

export type EmailResult =
  | {
      readonly ok: true;
      readonly address: string;
      readonly spelling: string;
      readonly others: readonly string[];
    }
  /** `character`: the invisible character within the address that makes it wrong, as `U+200B`. */
  | { readonly ok: false; readonly character?: string };

/** The address of a cell of the common form, in small letters; null for any other cell. @param cell trimmed */
export function readCommonEmail(cell: string): string | null {
  if (cell.length > MAX_ADDRESS_BYTES || cell.indexOf('@') > MAX_LOCAL_BYTES) return null;
  const lower = cell.toLowerCase();
  return COMMON.test(lower) && !lower.includes('xn--') ? lower : null;
}

/**
 * @param cell trimmed, not blank
 * @returns the address in the form that is the contact's key, and as it is written; the further addresses of the cell as keys
 */
export function readEmail(cell: string): EmailResult {
  const common = readCommonEmail(cell);
  return common === null ? readAnyEmail(cell) : { ok: true, address: common, spelling: cell, others: [] };
}

function readAnyEmail(cell: string): EmailResult {
  if (cell.length > MAX_CELL_LENGTH) return { ok: false };
  const text = clean(cell.normalize('NFKC'));
  const address = emailKeyOf(text);
  if (address !== null) return { ok: true, address, spelling: spellingIn(cell, text, address), others: [] };
  const parts = splitAddresses(text);
  const found = parts.length > MAX_ADDRESSES ? [] : parts.map((part) => emailKeyOf(clean(part)));
  const addresses = [...new Set(found.filter((part) => part !== null))];
  const [first, ...others] = addresses;
  if (first !== undefined && !found.includes(null))
    return { ok: true, address: first, spelling: spellingIn(cell, text, first), others };
  // Of the cell as it stands: NFKC makes blanks of other blanks.
  const hidden = INVISIBLE.exec(cell.replace(EDGES, '').replace(/\s*[\r\n]\s*/g, ' '))?.[0];
  return hidden === undefined ? { ok: false } : { ok: false, character: codePointName(hidden) };
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

/** The address as the cell has it; where signs around it are recognised in NFKC alone, in NFKC. */
function spellingIn(cell: string, text: string, address: string): string {
  for (const whole of [clean(cell), text]) {
    const written = [whole, ...splitAddresses(whole).map(clean)].find((part) => emailKeyOf(part) === address);
    if (written !== undefined && written.length <= MAX_SPELLING) return written;
  }
  return address;
}
