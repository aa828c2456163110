/** The words for what becomes of imports and of rows: every page says the same. */
import type { Translation } from '../english/index.ts';

export const statusWords: Translation['statusWords'] = {
  accepted: 'Aceptada',
  importing: 'En curso',
  cancelling: 'Cancelando',
  completed: 'Completada',
  completed_with_errors: 'Filas por corregir',
  failed: 'Interrumpida',
  cancelled: 'Cancelada',
  undoing: 'Revirtiendo',
  undone: 'Revertida',
};

export const badgeWords: Translation['badgeWords'] = {
  nothingImported: 'Nada importado',
  mended: 'Filas corregidas',
  restIgnored: 'Filas ignoradas',
  notSaved: 'Filas sin guardar',
  sumsDiffer: 'Los totales difieren',
  notAvailable: 'No disponible',
  brokenOff: 'Interrumpida',
  notImported: 'Sin importar',
  waiting: 'En espera',
  uploading: 'Enviando',
  sentAgain: 'Enviando de nuevo',
  loading: 'Cargando',
};

export const bucketWords: Translation['bucketWords'] = {
  created: { name: 'Creadas', meaning: 'contactos nuevos' },
  updated: { name: 'Actualizadas', meaning: 'ya existían, con cambios' },
  unchanged: { name: 'Sin cambios', meaning: 'ya existían, idénticas' },
  duplicate: { name: 'Duplicadas', meaning: 'una fila posterior tiene el mismo correo' },
  rejected: { name: 'Rechazadas', meaning: 'necesitan su corrección' },
  failed: { name: 'Fallidas', meaning: 'no se guardaron, inténtelo de nuevo' },
  cancelled: { name: 'Canceladas', meaning: 'sin procesar, se detuvo antes' },
};

export const connectionWords: Translation['connectionWords'] = {
  connecting: 'Conectando',
  live: 'En directo',
  degraded: 'Con retraso',
  reconnecting: 'Reconectando',
  offline: 'Sin conexión',
  refused: 'No conectado',
};

const uploadErrorWords: Readonly<Record<string, string>> = {
  connection_broken: 'La conexión se cortó antes de que llegara el archivo entero.',
  file_too_large: 'El archivo es mayor de lo que acepta este servidor.',
  too_many_rows: 'El archivo tiene más filas de las que puede tener una importación.',
  invalid_file: 'El archivo resultó no ser un CSV que se pueda leer.',
  receiver_restarted: 'El servidor se reinició mientras recibía el archivo.',
  log_unavailable: 'El servidor no pudo guardar el archivo con seguridad y dejó de recibirlo.',
  expired: 'El servidor que recibía el archivo dejó de dar señales.',
  cancelled: 'La importación se canceló mientras se enviaba el archivo.',
};

export const explainUploadError: Translation['explainUploadError'] = (uploadError) =>
  uploadErrorWords[uploadError ?? ''] ?? 'El envío terminó antes de que llegara el archivo entero.';
