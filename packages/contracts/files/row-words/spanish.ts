/** What is wrong with a row, in Spanish. */
import type { RowFaultWords, RowReasonWords } from './row-words.ts';

export const spanishRowFaults: RowFaultWords = {
  email_missing: 'Falta la dirección de correo',
  email_invalid: 'La dirección de correo no es válida',
  phone_invalid: 'El número de teléfono no es válido',
  phone_country_unknown: 'Número de teléfono sin país',
  country_unknown: 'País desconocido',
  control_character: 'Contiene un carácter de control',
  contact_too_large: 'Contacto demasiado grande',
  too_few_cells: 'Menos celdas que columnas',
  too_many_cells: 'Más celdas que columnas',
  invalid_encoding: 'Letras que no se pudieron leer',
  replacement_character: 'Antes se perdió una letra (�)',
  nul_byte: 'Contiene un byte NUL',
  quote_unclosed: 'Comillas sin cerrar',
  record_too_long: 'Fila demasiado larga',
};

export const spanishRowReasons: RowReasonWords = {
  sentences: {
    email_missing: 'Falta la dirección de correo electrónico.',
    email_invalid: 'La dirección de correo electrónico no es válida.',
    phone_invalid: 'El número de teléfono no es válido.',
    phone_country_unknown:
      'El número de teléfono no tiene país: añada + y el prefijo del país, o indique un país.',
    country_unknown: 'No se conoce el país: escriba su nombre o su código de dos letras.',
    control_character: 'Una celda contiene un carácter de control: bórrelo o escriba lo que representa.',
    contact_too_large: 'El contacto ocuparía más de {contactBytes} o tendría más de {attributes} atributos.',
    too_few_cells: 'La fila tiene menos celdas que el encabezado.',
    too_many_cells: 'La fila tiene más celdas que el encabezado.',
    invalid_encoding:
      'La fila no está en la codificación del archivo: algunas letras son una suposición, compruébelas.',
    replacement_character:
      'Un programa anterior perdió una letra de la fila: tome la fila de su origen otra vez.',
    nul_byte: 'La fila contiene un byte NUL.',
    quote_unclosed: 'Aquí se abren unas comillas que no se cierran bien.',
    record_too_long: 'La fila ocupa más de {recordBytes}.',
  },
  holds: (character) => `Contiene el carácter invisible ${character}.`,
  counted: (cells, columns) => `Tiene ${cells}; el encabezado, ${columns}.`,
  hints: {
    surplus: 'Ponga lo que hay en _extra donde corresponda, o vacíelo.',
    notKept: 'Las celdas de la fila no se conservaron: rellénelas.',
    standIn: (shown) => `Escriba lo que corresponde donde está ${shown}.`,
    rightAsItIs: 'Si la fila está bien tal como está ahora, vacíe su _code.',
  },
  joined: (sentences) => sentences.join(' '),
};
