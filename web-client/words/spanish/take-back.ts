/** The words for ending an import early, for taking it back, and for trying again what failed. */
import type { UndoReason } from '@tidings/contracts/imports/undo-outcomes.ts';
import type { Translation } from '../english/index.ts';
import { formatClock, formatContacts, formatCount, formatRows } from '../format/format.ts';
import { wordsOfCode } from '../format/known.ts';

/** null where neither. */
function written(added: number, changed: number): string | null {
  if (added === 0 && changed === 0) return null;
  if (changed === 0) return `Hasta ahora se ${added === 1 ? 'añadió' : 'añadieron'} ${formatContacts(added)}`;
  if (added === 0)
    return `Hasta ahora se ${changed === 1 ? 'modificó' : 'modificaron'} ${formatContacts(changed)}`;
  return `Hasta ahora se ${added === 1 ? 'añadió' : 'añadieron'} ${formatContacts(added)} y se ${changed === 1 ? 'modificó' : 'modificaron'} ${formatCount(changed)}`;
}

function hadBeenAdded(added: number, changed: number): string {
  if (changed === 0) return `se ${added === 1 ? 'había' : 'habían'} añadido ${formatRows(added)}`;
  if (added === 0) return `${formatRows(changed)} ${changed === 1 ? 'había' : 'habían'} modificado contactos`;
  return `${formatRows(added + changed)} habían añadido o modificado contactos`;
}

export const cancelWords: Translation['cancelWords'] = {
  label: 'Cancelar esta importación',
  yes: 'Sí, cancelarla',
  no: 'Dejar que continúe',
  question: '¿Cancelar esta importación?',
  meaning: (added, changed, left) => {
    const rest =
      left === null
        ? 'Lo que aún no se haya hecho no se importará.'
        : `${formatRows(left)} no se ${left === 1 ? 'importará' : 'importarán'}.`;
    const done = written(added, changed);
    return done === null
      ? `${rest} Hasta ahora no se ha modificado ningún contacto.`
      : `${rest} ${done}. Así se queda hasta que usted lo revierta.`;
  },
  restNotSent: 'El resto del archivo no se envía.',
  notSent: 'No se envía nada más del archivo.',
  asked: {
    title: 'Se está preguntando al servidor qué tiene del archivo.',
    meaning: 'Lo que tenga se cancela. Mantenga esta página abierta.',
  },
  unanswered: {
    title: 'El servidor no responde, así que esta importación quizá siga en marcha.',
    meaning: 'Esta página insiste hasta que la importación se cancele. Manténgala abierta.',
  },
  cancelling:
    'Cancelando: lo que no se ha ejecutado ya no se ejecutará. Los números serán definitivos en un momento.',
};

export const givenUpWords: Translation['givenUpWords'] = {
  not_sent: (fileName) => `${fileName} no se importará. No se envió nada.`,
  nothing_received: (fileName) => `${fileName} no se importará. El servidor no tiene nada del archivo.`,
  cut_off: (fileName) =>
    `El envío de ${fileName} se canceló y el archivo no se importará. Si el servidor ya había recibido filas, se revierten, y la importación aparece entre las anteriores.`,
};

export const takeBackWords: Translation['takeBackWords'] = {
  label: 'Revertir esta importación…',
  yes: 'Sí, revertirla',
  no: 'Conservarla',
  question: '¿Revertir esta importación?',
  meaning: (added, changed) =>
    [
      added === 0 ? null : `Se ${added === 1 ? 'elimina' : 'eliminan'} ${formatContacts(added)} que añadió.`,
      changed === 0
        ? null
        : `${formatContacts(changed)} que modificó ${changed === 1 ? 'recupera' : 'recuperan'} lo que contenía${changed === 1 ? '' : 'n'} antes.`,
      'Los contactos que alguien haya editado desde entonces se quedan como están.',
    ]
      .filter((sentence) => sentence !== null)
      .join(' '),
  again: {
    label: 'Intentar revertir el resto',
    yes: 'Sí, intentarlo de nuevo',
    no: 'Dejarlo así',
    question: '¿Intentar revertir el resto?',
    meaning: (failed, kept) => {
      const tried = `Se vuelve a intentar con ${formatContacts(failed)} que no se ${failed === 1 ? 'pudo' : 'pudieron'} revertir.`;
      return kept === 0 ? tried : `${tried} Lo conservado se queda como está.`;
    },
  },
  phase: 'Revirtiendo',
  progress: (done, whole) => `${formatCount(done)} de ${formatContacts(whole)}`,
  asBefore: 'Cada uno de estos contactos está como antes de la importación.',
  rowsHad: 'Lo que la importación había hecho',
};

export const takeBackTitle: Translation['takeBackTitle'] = ({ status, rows, undo }) => {
  const running = undo === null || undo.endedAt === null;
  if (status !== 'failed') {
    if (running) return 'La importación se está revirtiendo';
    return undo.kept + undo.failed === 0
      ? `Revertido: ${formatContacts(undo.reversed)}`
      : takeBackResults(undo, formatContacts);
  }
  if (rows.created + rows.updated === 0) return 'Interrumpida antes de añadir ninguna fila';
  const had = `Interrumpida: ${hadBeenAdded(rows.created, rows.updated)}`;
  if (running) return `${had}; se están revirtiendo`;
  if (undo.kept + undo.failed > 0) return `${had}; ${takeBackResults(undo, formatCount)}`;
  return `${had}; se ${undo.reversed === 1 ? 'revirtió' : 'revirtieron'}`;
};

export const takeBackResults: Translation['takeBackResults'] = ({ reversed, kept, failed }, format) =>
  [
    `${format(reversed)} ${reversed === 1 ? 'revertido' : 'revertidos'}`,
    kept === 0 ? null : `${formatCount(kept)} ${kept === 1 ? 'conservado' : 'conservados'}`,
    failed === 0 ? null : `${formatCount(failed)} sin poder revertirse`,
  ]
    .filter((part) => part !== null)
    .join(', ');

const outcomes = { reversed: 'Revertido', kept: 'Conservado', failed: 'No revertido' } as const;

/** By the codes of the API. */
const reasons: Record<UndoReason, string> = {
  edited_since: 'editado a mano desde entonces',
  imported_since: 'una importación posterior lo ha modificado',
  confirmed_since: 'otra importación ha traído los mismos valores',
  page_failed: 'la base de datos ha rechazado el cambio',
};

export const keptWords: Translation['keptWords'] = {
  kept: (kept) => `Se ${kept === 1 ? 'conservó' : 'conservaron'} ${formatContacts(kept)}.`,
  failed: (failed) => `${formatContacts(failed)} no se ${failed === 1 ? 'pudo' : 'pudieron'} revertir.`,
  tryAgain: 'Puede intentarlo de nuevo.',
  why: 'No se toca lo que se ha editado después a mano, ni lo que otra importación ha modificado o traído de nuevo.',
  show: 'Mostrar cuáles y por qué',
  more: 'Mostrar más',
  loading: 'Cargando…',
  caption: 'Contactos que no se revirtieron',
  outcome: (outcome, reason) =>
    reason === null ? outcomes[outcome] : `${outcomes[outcome]}: ${wordsOfCode(reasons, reason)}`,
};

export const retryWords: Translation['retryWords'] = {
  label: 'Reintentar las filas fallidas',
  busy: 'Preguntando…',
};

export const resendWords: Translation['resendWords'] = {
  title: 'El envío se interrumpió.',
  takenBackFirst: 'Lo que se había añadido se revierte.',
  at: (retryAt) =>
    `El archivo se volverá a enviar automáticamente desde el principio a las ${formatClock(retryAt)}. Mantenga esta página abierta.`,
  now: 'El archivo se está enviando de nuevo desde el principio. Mantenga esta página abierta.',
  goesOnAt: (retryAt) =>
    `El envío continuará automáticamente a las ${formatClock(retryAt)}. Mantenga esta página abierta.`,
  phase: (retryAt) => `Interrumpido, continúa a las ${formatClock(retryAt)}`,
  phaseAnew: (retryAt) => `Interrumpido, se enviará de nuevo a las ${formatClock(retryAt)}`,
  trying: 'Se está intentando de nuevo ahora. Mantenga esta página abierta.',
  phaseNow: 'Interrumpido, se intenta de nuevo ahora',
  again: 'Vuelve a empezar con las primeras filas recibidas',
};

export const waitingWords: Translation['waitingWords'] = ({
  reason,
  text,
  chunksBefore,
  attempt,
  attempts,
  at,
}) => {
  switch (reason) {
    case 'importer':
      return 'Espera: ningún importador está en marcha';
    case 'aggregator':
      return 'Espera: ningún agregador está en marcha';
    case 'database':
      return 'Espera a la base de datos, que no responde';
    case 'log':
      return 'Espera al registro de eventos, que no responde';
    case 'retry':
      return attempt === undefined || attempts === undefined || at === undefined
        ? 'Espera un nuevo intento'
        : `Espera el intento ${attempt} de ${attempts} a las ${formatClock(Date.parse(at))}`;
    case 'turn':
      return chunksBefore === undefined
        ? 'Espera su turno'
        : `Espera su turno (${chunksBefore === 1 ? '1 parte ajena' : `${formatCount(chunksBefore)} partes ajenas`} delante)`;
    case 'upload':
      return 'Espera el resto del archivo';
    default:
      return `Espera: ${text}`;
  }
};
