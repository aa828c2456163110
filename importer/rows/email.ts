/** Reads e-mail addresses of the common form: a dot-atom, `@`, and a domain name with at least one dot. */

/** Of RFC 5321: the longest path without its angle brackets, and the longest local part. */
const MAX_LENGTH = 254;
const MAX_LOCAL_LENGTH = 64;

/** Each part ends at a character that it cannot hold, so the pattern never goes back. */
const ASCII_ADDRESS =
  /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;
/** The same with the letters of all scripts (RFC 6531). */
const ANY_ADDRESS =
  /^[\w!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{N}-]+(?:\.[\w!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{N}-]+)*@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{M}]{2,63}$/u;

/**
 * @param cell trimmed, not blank
 * @returns the address in lower case, the contact's key; null where it is no address
 */
export function readEmail(cell: string): string | null {
  if (cell.length > MAX_LENGTH || cell.indexOf('@') > MAX_LOCAL_LENGTH) return null;
  const address = cell.toLowerCase();
  return ASCII_ADDRESS.test(address) || ANY_ADDRESS.test(address) ? address : null;
}
