/** Las palabras de la revisión de un archivo antes de importarlo. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatColumns, formatCount, formatRows } from '../format/format.ts';

export const checkWords: Translation['checkWords'] = {
  file: (bytes, columns) => `${formatBytes(bytes)}, ${formatColumns(columns)}`,
  reading: 'Revisando el archivo…',
  readingAgain: 'Leyéndolo de nuevo…',
  unchecked: 'Importar sin revisar',
  unreachable: {
    title: 'El servidor no responde.',
    detail:
      'El archivo sigue en este dispositivo y no se ha importado nada. Esta página lo vuelve a intentar sola.',
    tryNow: 'Probar ahora',
  },
  isExport: 'Es un archivo de filas rechazadas. Solo se modifican los contactos de estas filas.',
  mends: 'Corrige',
  mendsNone: 'ninguna importación anterior',
  mendsMet: (rows: number) => `Sus filas entre las revisadas: ${formatCount(rows)}`,
  mendable: (fileName, moment, left) => `${fileName}, ${moment}: ${formatCount(left)} por corregir`,
};

export const readingWords: Translation['readingWords'] = {
  title: 'Interpretado como',
  encoding: 'Codificación',
  sheet: 'Hoja',
  delimiter: 'Separador',
  header: 'Nombres de columnas',
  country: 'Teléfonos sin país',
  delimiters: {
    ',': 'Coma ,',
    ';': 'Punto y coma ;',
    '\t': 'Tabulador',
    '|': 'Barra |',
    ':': 'Dos puntos :',
    '^': 'Circunflejo ^',
  },
  noHeader: 'Sin nombres de columnas',
  line: (line, cells) =>
    cells === '' ? `Línea ${formatCount(line)}` : `Línea ${formatCount(line)}: ${cells}`,
  noCountry: 'Elija un país',
  countryNeeded: (rows) =>
    rows === 1
      ? 'Un número de teléfono no tiene país. ¿De qué país es?'
      : `${formatCount(rows)} números de teléfono no tienen país. ¿De qué país son?`,
  headerGuessed:
    'La primera línea parece un contacto y no nombres de columnas. Elija la línea de los nombres si la hay.',
  encodingAsked:
    'No se pudo determinar la codificación con seguridad. Elija la versión cuyas letras son correctas:',
  lettersLost:
    'Los nombres de columnas contienen el carácter �: otro programa perdió esas letras. Tome el archivo de nuevo de su origen.',
  rowsLost: (rows, line) =>
    `${formatRows(rows)} con el carácter �, la primera en la línea ${formatCount(line)}: otro programa perdió esas letras. Esas filas vuelven a usted.`,
  encodedTwice: (rows, line, written, meant) =>
    `${formatRows(rows)} ${rows === 1 ? 'parece guardada' : 'parecen guardadas'} con una codificación equivocada, la primera en la línea ${formatCount(line)}: «${written}» parece ser «${meant}». Nada se cambia por sí solo: exporte el archivo de nuevo desde su origen, como UTF-8.`,
  rowsUnreadable: (rows, line) =>
    `${formatRows(rows)} con letras que esta codificación no tiene, la primera en la línea ${formatCount(line)}. ¿Es otra codificación?`,
};

export const columnWords: Translation['columnWords'] = {
  title: 'Columnas',
  how: 'En qué se convierte cada columna del archivo.',
  unnamed: (number) => `Columna ${formatCount(number)}, sin nombre`,
  noValues: 'sin valores al principio',
  targets: {
    fullName: 'Nombre completo',
    'fullName.familyFirst': 'Nombre completo, apellidos primero',
    'phone.international': 'Teléfono, con prefijo de país',
  },
  extra: 'Conservar como extra',
  extraAs: (name) => `Conservar como extra «${name}»`,
  leaveOut: 'Omitir',
  states: {
    recognised: 'Reconocida',
    guessed: 'Supuesta: revísela',
    remembered: 'Como la última vez',
    chosen: 'Su elección',
    extra: 'Se conserva como extra',
    leftOut: 'Se omite',
  },
  passedOver: (field) => `El campo «${field}» ya lo tiene otra columna.`,
  standsIn: 'Si la dirección de correo de una fila está vacía, vale esta.',
  emailMissing: {
    title: '¿Qué columna contiene las direcciones de correo?',
    detail: 'No se reconoció esa columna, y cada contacto necesita una dirección.',
    choose: 'Elija una columna',
    use: 'Usar esta columna',
  },
};

export const firstRowsWords: Translation['firstRowsWords'] = {
  title: (rows) => (rows === 1 ? 'La primera fila' : `Las primeras ${formatCount(rows)} filas`),
  caption: 'Las primeras filas tal como se importarán',
  line: 'Línea',
  comesBack: 'Vuelve a usted',
};

export const verdictWords: Translation['verdictWords'] = {
  noRows: 'El archivo tiene nombres de columnas y ninguna fila.',
  rows: (rows, isExact) => (isExact ? `${formatRows(rows)}.` : `Unas ${formatRows(rows)}.`),
  allFine: (rows, isWhole) =>
    isWhole
      ? rows === 1
        ? 'Es correcta.'
        : 'Todas son correctas.'
      : rows === 1
        ? 'La primera fila es correcta.'
        : `Las primeras ${formatRows(rows)} son correctas.`,
  noneFine: (rows) => (rows === 1 ? 'Volvería a usted:' : 'Todas volverían a usted:'),
  someFine: (rows, fine, isWhole) => {
    const counted = `${formatCount(fine)} ${fine === 1 ? 'es correcta' : 'son correctas'} y ${formatCount(rows - fine)} ${rows - fine === 1 ? 'volvería' : 'volverían'} a usted:`;
    return isWhole ? `De ellas, ${counted}` : `De las primeras ${formatCount(rows)}, ${counted}`;
  },
  warnings: 'Se importan sin estos valores:',
  leaveOut: 'Importar también las filas cuyo teléfono o país no se puede leer, sin ese valor',
  blankRows: (rows) =>
    rows === 1 ? 'Se omite una línea vacía.' : `Se omiten ${formatCount(rows)} líneas vacías.`,
  start: (rows, isExact) => {
    if (rows === null) return 'Importar';
    return isExact ? `Importar ${formatRows(rows)}` : `Importar unas ${formatRows(rows)}`;
  },
  answerFirst: 'Responda primero a la pregunta de arriba.',
};
