/** What is wrong with a file of which no column is recognised as the one of the e-mail addresses, and what to do. */
import type { Translation } from '../english/index.ts';
import { listNames } from '../format/names.ts';

const names = (all: readonly string[]) =>
  listNames(all, { quotes: ['«', '»'], more: (count) => ` y ${count} más`, none: 'nada' });

export const missingEmailWords: Translation['missingEmailWords'] = {
  thenAgain: (detail) => `${detail} Después elija el archivo de nuevo.`,
  noHeader: {
    title: 'El archivo no tiene fila de encabezado',
    detail:
      'Su primera línea ya es un contacto. Ponga encima una línea con los nombres de las columnas, y «email» sobre las direcciones.',
  },
  otherDelimiter: {
    title: 'No se pueden distinguir las columnas',
    detail: (delimiter) =>
      delimiter === '\t'
        ? 'Parecen separadas por tabuladores, pero un nombre del encabezado contiene otro separador. Ponga ese nombre entre comillas o quite el separador.'
        : `Parecen separadas por «${delimiter}», pero un nombre del encabezado contiene otro separador. Ponga ese nombre entre comillas o quite el separador.`,
  },
  headerFurtherDown: {
    title: 'La primera línea no es el encabezado',
    detail: (found) =>
      `Los nombres de las columnas están más abajo, en la línea ${names(found)}. Borre todo lo que hay encima.`,
  },
  noColumn: {
    title: 'El archivo no tiene columna de correo electrónico',
    detail: (found) =>
      `En el encabezado pone ${names(found)}. Llame «email» a la columna de las direcciones.`,
  },
  notRecognised: {
    title: 'No se reconoció la columna de correo electrónico',
    detail: (likely) =>
      likely.length === 1
        ? `Parece ser ${names(likely)}. Llámela «email» en el encabezado.`
        : `Puede ser una de estas: ${names(likely)}. Llame «email» a la correcta en el encabezado.`,
  },
};
