/** What went wrong, in words. Details that the server gives are in English. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatDays } from '../format/format.ts';

export const problemWords: Translation['problemWords'] = {
  unknownTitle: 'Eso no funcionó',
  internalDetail: 'Recargue la página e inténtelo de nuevo.',
  signedOut: { title: 'Nadie ha iniciado sesión', detail: 'Inicie sesión e inténtelo de nuevo.' },
  importToken: {
    title: 'Esta importación no se puede seguir desde aquí',
    detail: (tokenMilliseconds) =>
      `La clave de este navegador ya no la abre. Las claves valen ${formatDays(tokenMilliseconds)}.`,
  },
  network: {
    title: 'No se puede contactar con el servidor',
    detail: 'Compruebe la conexión e inténtelo de nuevo.',
  },
  brokenUpload: {
    title: 'El envío se interrumpió',
    detail:
      'Se perdió la conexión con el servidor mientras se enviaba el archivo. Si el servidor no lo ha recibido entero, revierte lo que ya había importado. Envíe el archivo de nuevo para importarlo entero.',
  },
  severalFiles: {
    title: 'Un archivo cada vez, por favor',
    detail:
      'Cada archivo es una importación propia. Suelte el primero; el siguiente puede ir mientras tanto.',
  },
  emptyDetail: 'Elija un archivo con nombres de columnas y contactos.',
  unreadable: {
    title: 'No se pudo leer el archivo',
    detail: 'Quizá sea una carpeta, o se movió o cambió después de elegirlo. Elíjalo de nuevo.',
  },
  tooLarge: (mostBytes) =>
    `Se pueden importar hasta ${formatBytes(mostBytes)} de una vez. Divida el archivo; cada parte necesita el encabezado.`,
  asksAgain: 'Esta página lo vuelve a intentar sola.',
  line: (line) => `Línea ${line}.`,
};
