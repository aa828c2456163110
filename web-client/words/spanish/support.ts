/** The words of support's pages, in Spanish. `*…*` is drawn bold. */
import type { SupportTranslation } from '../english/support.ts';
import { formatClock, formatCount } from '../format/format.ts';
import { takeBackResults } from './take-back.ts';

export const spanishSupport: SupportTranslation = {
  sections: {
    label: 'Partes del soporte',
    imports: 'Importaciones',
    leave: 'Cerrar sesión',
    noKey:
      'Esta página necesita la clave de soporte. Abra la dirección que el servidor muestra al arrancar; termina en {ending}',
    keyRefused: {
      title: 'Esta clave de soporte no es válida',
      detail: 'Copie de nuevo la dirección que muestra el servidor.',
    },
    sessionEnded: {
      title: 'Esta sesión de soporte ha terminado',
      detail: 'Abra de nuevo la dirección que el servidor muestra al arrancar. Una sesión dura doce horas.',
    },
    copyId: (id) => `Copiar el identificador ${id}`,
    copied: 'Se ha copiado el identificador.',
  },
  list: {
    title: 'Todas las importaciones',
    search: 'Archivo o identificador',
    owner: 'Propietario',
    status: 'Mostrar',
    ofOwner: (owner) => `Solo importaciones de ${owner}`,
    loadOlder: 'Cargar importaciones anteriores',
    loading: 'Cargando…',
    none: 'Aún no hay importaciones',
    noneFound: 'Ninguna importación coincide',
    appearsHere: 'Una importación aparece aquí en cuanto empieza a llegar su archivo.',
    running: 'en curso',
    waiting: 'en espera',
    oldest: 'la más larga',
    look: 'por revisar',
    rowsPerSecond: 'filas/s',
    fresh: (count) => `${count} nuevas: mostrar`,
    columns: {
      status: 'Estado',
      file: 'Archivo, propietario',
      rows: 'Filas',
      now: 'Ahora',
      rate: 'Ritmo',
      started: 'Inicio',
      took: 'Duración',
    },
    noValue: '–',
    asOf: (at) => `Se muestra lo que había a las ${formatClock(at)}.`,
    rows: (reported, total) =>
      total === null
        ? `${formatCount(reported)} hasta ahora`
        : `${formatCount(reported)} de ${formatCount(total)}`,
    rate: (count) => `${count} filas/s`,
    uploading: (bytes) => `Recibiendo, ${bytes} hasta ahora`,
    stuck: 'Sin avance',
    undo: (undo) =>
      undo.endedAt === null
        ? `hasta ahora ${takeBackResults(undo, formatCount)}`
        : takeBackResults(undo, formatCount),
  },
  filters: {
    all: 'Todas',
    running: 'En curso',
    waiting: 'En espera',
    look: 'Por revisar',
    completed: 'Completadas',
    completed_with_errors: 'Completadas con errores',
    failed: 'Interrumpidas',
    cancelled: 'Canceladas',
    undone: 'Revertidas',
    sums_differ: 'Las sumas difieren',
  },
  differing: {
    one: 'Las sumas de una importación difieren de las guardadas junto a los contactos.',
    several: (count) =>
      `Las sumas de ${count} importaciones difieren de las guardadas junto a los contactos.`,
    meaning:
      'Puede que se hayan perdido filas o que se hayan contado dos veces. El registro del servicio de trabajos indica qué difiere.',
    show: 'Mostrar solo estas',
  },
  late: {
    late: (since) =>
      `*Los avisos en directo pueden llegar tarde.* Lo mostrado puede haber cambiado desde las ${formatClock(since)}. Las importaciones continúan y no se pierde nada. Esta página se pone al día sola.`,
    offline: '*Este dispositivo no tiene conexión.*',
    noConnection: (since) => `*Sin conexión desde las ${formatClock(since)}.*`,
    reconnects: 'Lo mostrado puede haber cambiado desde entonces. Esta página se vuelve a conectar sola.',
  },
};
