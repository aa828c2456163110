/** What is wrong with a row, in German. */
import type { RowFaultWords, RowReasonWords } from './row-words.ts';

export const germanRowFaults: RowFaultWords = {
  email_missing: 'E-Mail-Adresse fehlt',
  email_invalid: 'Keine gültige E-Mail-Adresse',
  phone_invalid: 'Keine gültige Telefonnummer',
  phone_country_unknown: 'Telefonnummer ohne Land',
  country_unknown: 'Unbekanntes Land',
  control_character: 'Enthält ein Steuerzeichen',
  contact_too_large: 'Kontakt zu groß',
  too_few_cells: 'Weniger Zellen als Spalten',
  too_many_cells: 'Mehr Zellen als Spalten',
  invalid_encoding: 'Unlesbare Buchstaben',
  replacement_character: 'Ein Buchstabe ging vorher verloren (�)',
  nul_byte: 'Enthält ein NUL-Byte',
  quote_unclosed: 'Anführungszeichen nicht geschlossen',
  record_too_long: 'Zeile zu lang',
};

export const germanRowReasons: RowReasonWords = {
  sentences: {
    email_missing: 'Die E-Mail-Adresse fehlt.',
    email_invalid: 'Die E-Mail-Adresse ist nicht gültig.',
    phone_invalid: 'Die Telefonnummer ist nicht gültig.',
    phone_country_unknown:
      'Der Telefonnummer fehlt das Land: Schreiben Sie + und die Landesvorwahl davor, oder geben Sie ein Land an.',
    country_unknown:
      'Das Land ist nicht bekannt: Schreiben Sie seinen Namen oder seinen Code aus zwei Buchstaben.',
    control_character:
      'Eine Zelle enthält ein Steuerzeichen: Löschen Sie es, oder schreiben Sie, wofür es steht.',
    contact_too_large:
      'Der Kontakt wäre größer als {contactBytes} oder hätte mehr als {attributes} Attribute.',
    too_few_cells: 'Die Zeile hat weniger Zellen als die Kopfzeile.',
    too_many_cells: 'Die Zeile hat mehr Zellen als die Kopfzeile.',
    invalid_encoding:
      'Die Zeile steht in einer anderen Kodierung als die Datei: Einige Buchstaben sind nur vermutet, prüfen Sie sie.',
    replacement_character:
      'Ein früheres Programm hat einen Buchstaben der Zeile verloren: Nehmen Sie die Zeile noch einmal aus ihrer Quelle.',
    nul_byte: 'Die Zeile enthält ein NUL-Byte.',
    quote_unclosed: 'Hier öffnet sich ein Anführungszeichen, das nicht richtig geschlossen wird.',
    record_too_long: 'Die Zeile ist länger als {recordBytes}.',
  },
  holds: (character) => `Darin steht das unsichtbare Zeichen ${character}.`,
  counted: (cells, columns) => `Sie hat ${cells}, die Kopfzeile ${columns}.`,
  hints: {
    surplus: 'Setzen Sie, was in _extra steht, dorthin, wo es hingehört, oder leeren Sie _extra.',
    notKept: 'Die Zellen der Zeile wurden nicht aufbewahrt: Füllen Sie sie aus.',
    standIn: (shown) => `Schreiben Sie, was dort hingehört, wo ${shown} steht.`,
    rightAsItIs: 'Ist die Zeile so richtig, wie sie jetzt ist, leeren Sie die Zelle _code.',
  },
  joined: (sentences) => sentences.join(' '),
};
