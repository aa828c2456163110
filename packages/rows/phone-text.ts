/** Takes from the text of a phone number what programs and people write around it. */

const HIDDEN = /[\p{Cf}\u00a0]/gu;
/** Some programs write an apostrophe in front, so that a spreadsheet keeps the text. */
const QUOTES = /^["'`´‘’“”]+|["'`´‘’“”]+$/g;
/** `p:`, `Tel.:`, `Mobil -`: a word or two, and a sign behind them. */
const LABEL = /^\p{L}[\p{L}. ]{0,20}[:.\-–]\s*(?=[+(\p{Nd}])/u;
const KNOWN_LABEL =
  /^(?:tel|telefon|telephone|phone|fon|mobil|mobile|mob|handy|cell|gsm|whatsapp|тел|телефон|моб|m|t|p|h|w)\s*(?=[+(\p{Nd}])/iu;
/** `(privat)`, `[work]`, ` privat` behind the number. */
const REMARK = /\s*(?:[([]\p{L}[\p{L}. /-]{0,30}[)\]]|(?<=\p{Nd})\s+\p{L}[\p{L}. ]{1,20})$/u;
/** A number whose last part is spelt by the letters on the keys of a phone. */
const SPELT = /^(\+?1?[\s.-]*\(?\d{3}\)?[\s.-]*)((?=(?:[\d-]*[A-Z]){3})[A-Z\d-]{4,12})$/;
const KEYS = ['ABC', 'DEF', 'GHI', 'JKL', 'MNO', 'PQRS', 'TUV', 'WXYZ'];
/** Ukrainian numbers began with 8 within the country, and Mexican mobile numbers with 1 behind the country's code: people still write it. */
const OLD_UKRAINIAN = /^8[\s-]*\(?0?(?=\d)/;
const OLD_MEXICAN = /^((?:\+|00)\s*52)[\s-]*1(?=[\s-]*\d(?:[\s-]*\d){9}$)/;

const LIST = /\s*:::\s*|\s*[;\r\n|]\s*|\s+\/\s+/;
/** Numbers of a cell, at most. */
const MAX_NUMBERS = 20;

/** The same number without labels, remarks, quotes and invisible characters, in ASCII digits. @param country ISO 3166-1 alpha-2, or null */
export function cleanPhone(written: string, country: string | null): string {
  let text = written.normalize('NFKC').replace(HIDDEN, ' ').trim();
  for (let layer = 0; layer < 3; layer++) {
    text = text
      .replace(/^="?(.*?)"?$/s, '$1')
      .replace(QUOTES, '')
      .trim();
    text = text.replace(LABEL, '').replace(KNOWN_LABEL, '').replace(REMARK, '').trim();
  }
  const spelt = SPELT.exec(text);
  if (spelt !== null) return `${spelt[1]}${[...(spelt[2] ?? '')].map(keyOf).join('')}`;
  return country === 'UA' ? text.replace(OLD_UKRAINIAN, '0') : text.replace(OLD_MEXICAN, '$1');
}

/** The parts of a cell that lists several numbers; one where it does not. */
export function splitPhones(written: string): string[] {
  const parts = written.split(LIST, MAX_NUMBERS + 1).filter((part) => part.trim() !== '');
  return parts.length > MAX_NUMBERS ? [written] : parts;
}

function keyOf(character: string): string {
  const key = KEYS.findIndex((letters) => letters.includes(character));
  return key < 0 ? character : String(key + 2);
}
