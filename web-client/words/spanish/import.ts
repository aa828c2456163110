/** The words of the import page. `*…*` is drawn bold, `{…}` is a place that the page fills. */
import type { Delimiter } from '@tidings/contracts/csv.ts';
import type { Translation } from '../english/index.ts';
import {
  formatBytes,
  formatClock,
  formatColumns,
  formatCount,
  formatDays,
  formatDuration,
  formatRows,
} from '../format/format.ts';

export const startWords: Translation['startWords'] = {
  title: 'Importar contactos',
  lead: 'Suelte un archivo y vea cómo cada fila encuentra su lugar: creada, actualizada, sin cambios o devuelta a usted con el motivo.',
  drop: 'Suelte aquí un archivo CSV',
  letGo: 'Suelte para revisar el archivo',
  chooseFile: 'Elegir un archivo',
  chooseAnotherFile: 'Elegir otro archivo',
  chooseAgain: (fileName) => `Elegir ${fileName} de nuevo`,
  requirements: {
    label: 'Qué debe tener el archivo',
    header: '*CSV* con una fila de encabezado',
    email: 'una columna de *correo electrónico*',
    delimiters: '*, ;* tabulador o *|* entre las celdas',
    encoding: (mostBytes) =>
      mostBytes === null
        ? 'cualquier *codificación* habitual'
        : `cualquier *codificación* habitual, hasta *${formatBytes(mostBytes)}*`,
  },
};

const delimiterWords: Record<Delimiter, string> = {
  ',': 'separado por comas',
  ';': 'separado por puntos y comas',
  '\t': 'separado por tabuladores',
  '|': 'separado por |',
};

export const previewWords: Translation['previewWords'] = {
  file: (bytes, delimiter, columns) =>
    `${formatBytes(bytes)}, ${delimiterWords[delimiter]}, ${formatColumns(columns)}`,
  start: 'Iniciar la importación',
  rows: 'Primeras filas del archivo',
  caption: 'El encabezado y las primeras filas del archivo',
  captionWithoutRows: 'El archivo tiene un encabezado y aún ninguna fila',
};

export const recentWords: Translation['recentWords'] = {
  title: 'Sus importaciones recientes',
  cancel: 'Cancelar',
  cancelOf: (fileName) => `Cancelar la importación de ${fileName}`,
  started: (moment, rows) => (rows === null ? moment : `${moment}, ${formatRows(rows)}`),
};

export const noTokenWords: Translation['noTokenWords'] = {
  title: 'Esta importación no se puede mostrar aquí',
  detail: (tokenMilliseconds) =>
    `La clave de la importación {importId} la guarda durante ${formatDays(tokenMilliseconds)} el navegador en el que se soltó el archivo. Abra esta dirección allí.`,
  importFile: 'Importar un archivo',
};

export const runWords: Translation['runWords'] = {
  progress: 'Progreso',
  rowsByOutcome: 'Filas por resultado',
  importAnother: 'Importar otro archivo',
  importFile: 'Importar un archivo',
  seeContacts: 'Ver los contactos',
  sendAgain: 'Enviar de nuevo',
  numbersLag: (stateAt) =>
    `Los números de abajo son de las ${formatClock(stateAt)}. El resto llegará en cuanto se pueda contactar con el servidor.`,
};

export const staleWords: Translation['staleWords'] = {
  offline: 'Este dispositivo no tiene conexión.',
  noConnection: (since) => `Sin conexión desde las ${formatClock(since)}.`,
  unreachable: 'No se puede contactar con el servidor.',
  unsent:
    'El archivo sigue en este dispositivo. Se enviará en cuanto el servidor responda: mantenga esta página abierta hasta entonces, o cancele.',
  late: 'Los avisos en directo pueden llegar tarde.',
  notAvailable: 'Los avisos en directo no están disponibles en este momento.',
  unsentWhileLate:
    'El archivo sigue en este dispositivo y se enviará en cuanto vuelvan: mantenga esta página abierta hasta entonces, o cancele.',
  asOf: (stateAt) => `Los números son de las ${formatClock(stateAt)}.`,
  keepOpen: 'Mantenga esta página abierta: el archivo aún se está enviando.',
  independent: 'La importación no depende de esta página.',
  reconnects: 'Esta página se vuelve a conectar sola.',
  goesOn: 'La importación continúa y no se pierde nada.',
  catchesUp: 'Esta página se pone al día sola.',
};

export const phaseWords: Translation['phaseWords'] = {
  upload: 'Envío',
  import: 'Importación',
  brokeOff: { atOnce: 'Interrumpido', after: (rows) => `Interrumpido tras ${formatRows(rows)}` },
  cutOff: { atOnce: 'Cancelado', after: (rows) => `Cancelado tras ${formatRows(rows)}` },
  stopped: 'Detenido',
  complete: (bytes) => `Completo, ${formatBytes(bytes)}`,
  waiting: (bytes) => `Esperando al servidor, ${formatBytes(bytes)} por enviar`,
  sent: (sentBytes, bytes) => `${formatBytes(sentBytes)} de ${formatBytes(bytes)} enviados`,
  unknown: 'Aún no se sabe',
  receivedElsewhere: (bytes) => `${formatBytes(bytes)} recibidos hasta ahora, enviados por otra página`,
  notStarted: 'Sin empezar',
  startsLater: 'Empieza con las primeras filas recibidas',
  soFar: (rows, why) => `${formatRows(rows)} hasta ahora${why}`,
  rowsOf: (rows, total) => `${formatCount(rows)} de ${formatRows(total)}`,
  cancelledAfter: (rows, total) => `Cancelado tras ${formatCount(rows)} de ${formatRows(total)}`,
  allThatArrived: (rows) => `${formatRows(rows)}, todo lo que había llegado`,
  totalUnknown: {
    broken: ', de lo que había llegado',
    sent: '; el total llega en un momento',
    sending: '; el total se sabrá cuando termine el envío',
  },
  bytesPerSecond: (speed) => `${formatBytes(speed)}/s`,
  rowsPerSecond: (rate) => `${formatCount(rate)} filas/s`,
};

export const summaryWords: Translation['summaryWords'] = {
  brokenOff: 'El envío se interrumpió',
  cancelled: (notImported) =>
    notImported === 0
      ? 'Cancelada'
      : `Cancelada: ${formatRows(notImported)} del archivo no se ${notImported === 1 ? 'importó' : 'importaron'}`,
  cutOff: 'Cancelada mientras se enviaba el archivo',
  noRows: 'El archivo tiene un encabezado y ninguna fila',
  nothingImported: (total) =>
    total === 1
      ? 'La única fila no se pudo importar.'
      : `No se pudo importar ninguna de las ${formatRows(total)}.`,
  accountedFor: (total) =>
    total === 1 ? 'La única fila está contabilizada' : `Las ${formatRows(total)} están contabilizadas`,
  whole: (total, { upload, status }) => {
    const rows = total === 1 ? 'fila' : 'filas';
    if (upload !== 'aborted') return `${rows} del archivo`;
    return status === 'cancelled'
      ? `${rows} recibidas antes de la cancelación`
      : `${rows} recibidas antes de la interrupción`;
  },
  sumsAgree: 'Comprobado: las sumas coinciden con las guardadas junto a los contactos.',
  sumsDifferTitle: 'Los contactos no coinciden con estos números',
  sumsDiffer:
    'Las sumas difieren de las guardadas junto a los contactos. Informe a soporte sobre esta importación.',
  tookAMoment: 'Tardó menos de 0,1 s.',
  took: (milliseconds, rowsPerSecond) =>
    rowsPerSecond === null
      ? `Tardó ${formatDuration(milliseconds)}.`
      : `Tardó ${formatDuration(milliseconds)} a ${formatCount(rowsPerSecond)} filas/s.`,
  sendAgain: 'Envíe el archivo de nuevo para importarlo entero.',
  sendAgainLater:
    'Envíe el archivo de nuevo para importarlo entero. Empezará en cuanto se haya revertido lo añadido.',
  importedStays: 'Lo ya importado se queda y contará como sin cambios.',
};

export const rejectedWords: Translation['rejectedWords'] = {
  title: (count) => (count === 1 ? 'Una fila fue rechazada.' : `${formatRows(count)} fueron rechazadas.`),
  comeBack: (count) =>
    count === 1
      ? 'Vuelve como archivo CSV con la línea, el código y el motivo.'
      : 'Vuelven como archivo CSV con la línea, el código y el motivo.',
  fix: 'Corrija las celdas en una hoja de cálculo o un editor y suelte ese archivo aquí: solo se tocan esas filas.',
  download: (count) => (count === 1 ? 'Descargar la fila rechazada' : 'Descargar las filas rechazadas'),
  preparing: 'Preparando el archivo…',
  notFetched: 'No se pudo obtener el archivo. Inténtelo de nuevo.',
  fileName: (fileName) => `${fileName.replace(/\.[^.]*$/, '')}-rejected.csv`,
};

export const failedWords: Translation['failedWords'] = {
  title: (count) =>
    count === 1 ? 'Una fila no se pudo guardar.' : `${formatRows(count)} no se pudieron guardar.`,
  notWritten: (count) =>
    count === 1
      ? 'No se escribió. El servidor la conserva: inténtelo de nuevo cuando la causa haya desaparecido.'
      : 'No se escribió ninguna. El servidor las conserva: inténtelo de nuevo cuando la causa haya desaparecido.',
};
