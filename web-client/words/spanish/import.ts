/** The words of the import page. `*…*` is drawn bold, `{…}` is a place that the page fills. */
import type { Translation } from '../english/index.ts';
import { pluralForm } from '../format/counted.ts';
import { formatBytes, formatClock, formatCount, formatRows } from '../format/format.ts';

export const startWords: Translation['startWords'] = {
  title: 'Importar contactos',
  lead: 'Suelte un archivo y vea cómo cada fila encuentra su lugar: creada, actualizada, sin cambios o devuelta a usted con el motivo.',
  drop: 'Suelte un archivo de contactos o elija uno',
  letGo: 'Suelte para revisar el archivo',
  chooseFile: 'Elegir un archivo',
  chooseAnotherFile: 'Elegir otro archivo',
  chooseAgain: (fileName) => `Elegir ${fileName} de nuevo`,
  accepted: (mostBytes) =>
    mostBytes === null
      ? 'Archivos CSV y de Excel de Google, Outlook o cualquier CRM. Nada se escribe hasta que pulse Importar.'
      : `Archivos CSV y de Excel de Google, Outlook o cualquier CRM, hasta ${formatBytes(mostBytes)}. Nada se escribe hasta que pulse Importar.`,
  sample: 'Archivo de ejemplo',
};

export const earlierWords: Translation['earlierWords'] = {
  title: 'Importaciones anteriores',
  none: 'Aún no hay ninguna. Cada importación aparece aquí en cuanto alguien pulsa Importar.',
  cancel: 'Cancelar',
  cancelOf: (fileName) => `Cancelar la importación de ${fileName}`,
  added: (count) => `${formatCount(count)} ${pluralForm(count, { one: 'añadido', other: 'añadidos' })}`,
  changed: (count) =>
    `${formatCount(count)} ${pluralForm(count, { one: 'actualizado', other: 'actualizados' })}`,
  toFix: (count) => `${formatCount(count)} por corregir`,
  ignored: (count) => `${formatCount(count)} ${pluralForm(count, { one: 'ignorada', other: 'ignoradas' })}`,
  notSaved: (count) => `${formatCount(count)} sin guardar`,
  onlyChecked: 'solo revisada',
  mendsAnother: 'Corrige una importación anterior',
  remembered: 'Abajo está lo que este navegador recuerda.',
  askAgain: 'Reintentar',
};

export const openWords: Translation['openWords'] = {
  looking: 'Buscando la importación…',
  title: 'Esta importación no se puede mostrar aquí',
  detail:
    'No hay ninguna importación {importId} que este navegador pueda ver. Es de otra persona o se borró.',
  importFile: 'Importar un archivo',
};

export const runWords: Translation['runWords'] = {
  keepOpen: 'Mantenga esta página abierta hasta que se envíe el archivo.',
  mayClose: 'Puede cerrar esta página. La importación continúa.',
  tellWhenDone: 'Avisarme cuando termine',
  willTell: 'Este navegador le avisará cuando termine, mientras esta página esté abierta en alguna pestaña.',
  willNotTell: 'Este navegador no puede avisarle: permita en sus ajustes las notificaciones de esta página.',
  toFixTitle: (count, fileName) => `! ${formatCount(count)} por corregir, ${fileName}`,
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
  rowsOfAbout: (rows, about) => `${formatCount(rows)} de unas ${formatRows(about)}`,
  totalUnknown: {
    broken: ', de lo que había llegado',
    sent: '; el total llega en un momento',
    sending: '; el total se sabrá cuando termine el envío',
  },
  bytesPerSecond: (speed) => `${formatBytes(speed)}/s`,
  rowsPerSecond: (rate) => `${formatCount(rate)} filas/s`,
};
