/** The words of the end of an import: what came of it, what is to fix, and the proof. */
import type { Translation } from '../english/index.ts';
import { formatContacts, formatCount, formatDuration, formatRows } from '../format/format.ts';

/** By the codes of the API. Files of rejected rows have their words from there, too. */
export { spanishRowFaults as rowFaultWords } from '@tidings/contracts/files/row-words/spanish.ts';

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
  added: (count) => (count === 1 ? 'Se creó 1 contacto.' : `Se crearon ${formatContacts(count)}.`),
  changed: (count) =>
    count === 1 ? 'Se actualizó 1 contacto.' : `Se actualizaron ${formatContacts(count)}.`,
  addedAndChanged: (added, changed) =>
    `Contactos nuevos: ${formatCount(added)}; actualizados: ${formatCount(changed)}.`,
  allKnown: (total) => (total === 1 ? 'La única fila ya existía.' : `Las ${formatRows(total)} ya existían.`),
  nothingNew: (known) => `Nada nuevo: ${formatRows(known)} ya ${known === 1 ? 'existía' : 'existían'}.`,
  needYou: (count) => `${formatRows(count)} ${count === 1 ? 'necesita' : 'necesitan'} su atención.`,
  notSaved: (count) => `${formatRows(count)} no se ${count === 1 ? 'pudo' : 'pudieron'} guardar.`,
  onlyChecked: 'El archivo solo se revisó. No se escribió nada.',
  whole: (total, { upload, status }) => {
    const rows = total === 1 ? 'fila' : 'filas';
    if (upload !== 'aborted') return `${rows} del archivo`;
    return status === 'cancelled'
      ? `${rows} recibidas antes de la cancelación`
      : `${rows} recibidas antes de la interrupción`;
  },
  sumsAgree: 'Comprobado con los contactos guardados: los totales coinciden.',
  sumsDifferTitle: 'Los contactos no coinciden con estos números',
  sumsDiffer:
    'Los totales no coinciden con los contactos guardados. Informe a soporte sobre esta importación.',
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
  titles: { toFix: 'Por corregir', ignored: 'Filas ignoradas', mended: 'Filas corregidas' },
  left: (left, all) =>
    left === 0
      ? `Corregidas ${formatCount(all)} de ${formatRows(all)}`
      : `Quedan por corregir ${formatCount(left)} de ${formatRows(all)}`,
  reasons: 'Motivos',
  example: (line, cell) =>
    cell === ''
      ? `por ejemplo, la línea ${formatCount(line)}`
      : `por ejemplo, la línea ${formatCount(line)}: «${cell}»`,
  mendedHere: 'Corregidas, aún sin importar',
  counted: (rows) => `Contadas en las primeras ${formatRows(rows)}.`,
  fixHere: 'Corregir aquí',
  closeTable: 'Cerrar la tabla',
  elsewhere:
    'O corríjalas en una hoja de cálculo y suelte ese archivo en la página de importación: solo se modifican esas filas.',
  download: { xlsx: 'Descargar para Excel', csv: 'Descargar como CSV' },
  ignore: 'Ignorar estas filas',
  showAgain: 'Mostrar de nuevo',
  ignored: (rows) => `Ignoradas: ${formatRows(rows)}`,
  ignoredMeaning:
    'Estas filas no se importan, y nadie tiene que corregirlas. Se conservan y se pueden mostrar de nuevo.',
  shownAgain: 'Las filas se muestran de nuevo.',
  preparing: 'Preparando el archivo…',
};

export const mendWords: Translation['mendWords'] = {
  caption: 'Filas por corregir',
  how: 'Cambie las celdas incorrectas. Cada cambio se guarda en cuanto deja la celda.',
  line: 'Línea',
  extra: 'más allá del encabezado',
  cell: (column, line) => `${column}, línea ${formatCount(line)}`,
  allReasons: 'Todos los motivos',
  reason: 'Motivo',
  saving: 'Guardando…',
  mended: 'Corregida',
  notRight: 'Guardada, pero aún no es correcta',
  overtaken: (column, text) =>
    `Entretanto otra persona ha escrito «${text}» en ${column}. Su texto no está guardado.`,
  keepMine: 'Conservar el mío',
  takeTheirs: 'Tomar el otro',
  notSaved: 'Sin guardar',
  taken: 'Entretanto esta fila se ha entregado tal como estaba. Su texto no está guardado.',
  unsaved: (lines) => `Aún sin guardar: línea ${lines}. Antes no se importa nada.`,
  more: 'Mostrar más filas',
  none: 'Aquí no queda ninguna fila por corregir.',
  hand: (count) =>
    count === 1 ? 'Importar 1 fila corregida' : `Importar ${formatCount(count)} filas corregidas`,
  handing: 'Entregando…',
  handed: (count) => `${formatRows(count)} en importación.`,
  imports: 'Importaciones de filas corregidas',
  progress: (mended, all) => `${formatCount(mended)} de ${formatCount(all)} corregidas`,
};

export const failedWords: Translation['failedWords'] = {
  title: (count) =>
    count === 1 ? 'Una fila no se pudo guardar.' : `${formatRows(count)} no se pudieron guardar.`,
  notWritten: (count) =>
    count === 1
      ? 'No se escribió. El servidor la conserva: inténtelo de nuevo cuando la causa haya desaparecido.'
      : 'No se escribió ninguna. El servidor las conserva: inténtelo de nuevo cuando la causa haya desaparecido.',
};
