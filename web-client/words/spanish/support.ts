/** The words of the support page. `*…*` is drawn bold. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatClock, formatCount } from '../format/format.ts';
import { takeBackResults, waitingWords } from './take-back.ts';

export const supportWords: Translation['supportWords'] = {
  title: 'Todas las importaciones',
  noToken:
    'Esta página necesita la clave de soporte. Abra la dirección que el servidor muestra al arrancar; termina en {ending}',
  show: 'Mostrar',
  loadOlder: 'Cargar importaciones anteriores',
  loading: 'Cargando…',
  none: 'Aún no hay importaciones',
  noneOfThisKind: 'Ninguna de este tipo',
  appearsHere: 'Una importación aparece aquí en cuanto empieza a llegar su archivo.',
  totals: { running: 'en curso', rowsPerSecond: 'filas/s', troubled: 'terminadas con errores' },
  columns: {
    file: 'Archivo',
    status: 'Estado',
    rows: 'Filas',
    rowsPerSecond: 'Filas/s',
    started: 'Inicio',
    ended: 'Fin',
  },
  labels: { rowsPerSecond: 'filas/s', started: 'inicio', ended: 'fin' },
  noValue: '–',
  asOf: (at) => `Se muestra lo que había a las ${formatClock(at)}.`,
  rows: (reported, total) =>
    total === null
      ? `${formatCount(reported)} hasta ahora`
      : `${formatCount(reported)} de ${formatCount(total)}`,
  undo: (undo) =>
    undo.endedAt === null
      ? `hasta ahora ${takeBackResults(undo, formatCount)}`
      : takeBackResults(undo, formatCount),
  running: ({ upload, bytes, waitingFor, chunks: { completed, total } }) => {
    const phase = upload === 'receiving' ? 'enviando' : 'importando';
    const chunks =
      total === null ? formatCount(completed) : `${formatCount(completed)}/${formatCount(total)}`;
    const progress = `${phase}, ${formatBytes(bytes)}, partes ${chunks}`;
    return waitingFor === null ? progress : `${waitingWords(waitingFor)}; ${progress}`;
  },
};

export const supportFilterWords: Translation['supportFilterWords'] = {
  all: 'Todas',
  running: 'En curso',
  completed: 'Completadas',
  completed_with_errors: 'Completadas con errores',
  failed: 'Interrumpidas',
  cancelled: 'Canceladas',
  undone: 'Revertidas',
  sums_differ: 'Las sumas difieren',
};

export const differingWords: Translation['differingWords'] = {
  title: (count) =>
    count === 1
      ? 'Las sumas de una importación difieren de las guardadas junto a los contactos.'
      : `Las sumas de ${formatCount(count)} importaciones difieren de las guardadas junto a los contactos.`,
  meaning:
    'Puede que se hayan perdido filas o que se hayan contado dos veces. El registro del servicio de trabajos indica qué difiere.',
  show: 'Mostrar solo estas',
};

export const supportStaleWords: Translation['supportStaleWords'] = {
  late: (since) =>
    `*Los avisos en directo pueden llegar tarde.* Lo mostrado puede haber cambiado desde las ${formatClock(since)}. Las importaciones continúan y no se pierde nada. Esta página se pone al día sola.`,
  offline: '*Este dispositivo no tiene conexión.*',
  noConnection: (since) => `*Sin conexión desde las ${formatClock(since)}.*`,
  reconnects: 'Lo mostrado puede haber cambiado desde entonces. Esta página se vuelve a conectar sola.',
};
