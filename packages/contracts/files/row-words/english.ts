/** What is wrong with a row, in English: for pages in a few words, and for files of rejected rows as sentences. */
import type { RowFaultWords, RowReasonWords } from './row-words.ts';

export const englishRowFaults: RowFaultWords = {
  email_missing: 'E-mail address missing',
  email_invalid: 'Not a valid e-mail address',
  phone_invalid: 'Not a valid phone number',
  phone_country_unknown: 'Phone number without a country',
  country_unknown: 'Unknown country',
  control_character: 'Holds a control character',
  contact_too_large: 'Contact too large',
  too_few_cells: 'Fewer cells than columns',
  too_many_cells: 'More cells than columns',
  invalid_encoding: 'Letters that could not be read',
  replacement_character: 'A letter was lost before (�)',
  nul_byte: 'Holds a NUL byte',
  quote_unclosed: 'Quotation mark not closed',
  record_too_long: 'Row too long',
};

export const englishRowReasons: RowReasonWords = {
  sentences: {
    email_missing: 'The e-mail address is missing.',
    email_invalid: 'The e-mail address is not valid.',
    phone_invalid: 'The phone number is not valid.',
    phone_country_unknown: 'The phone number has no country: add +, or a country.',
    country_unknown: 'The country is not known: use its name or its two-letter code.',
    control_character: 'A cell holds a control character: delete it, or write what it stands for.',
    contact_too_large:
      'The contact would be larger than {contactBytes}, or have more than {attributes} attributes.',
    too_few_cells: 'The row has fewer cells than the header.',
    too_many_cells: 'The row has more cells than the header.',
    invalid_encoding:
      'The row is not in the encoding of the file: some letters are shown by guess, check them.',
    replacement_character: 'An earlier program lost a letter of the row: take the row from its source again.',
    nul_byte: 'The row holds a NUL byte.',
    quote_unclosed: 'A quote opens here and is not closed properly.',
    record_too_long: 'The row is longer than {recordBytes}.',
  },
  holds: (character) => `It holds the invisible character ${character}.`,
  counted: (cells, columns) => `It has ${cells}, the header ${columns}.`,
  hints: {
    surplus: 'Put what is in _extra where it belongs, or empty it.',
    notKept: 'Its cells were not kept: fill them in.',
    standIn: (shown) => `Write what belongs where ${shown} stands.`,
    rightAsItIs: 'If the row is right as it is now, empty its _code.',
  },
  joined: (sentences) => sentences.join(' '),
};
