/** The words for what becomes of imports and of rows: every page says the same. */
import type { Translation } from '../english/index.ts';

export const statusWords: Translation['statusWords'] = {
  accepted: 'Angenommen',
  importing: 'Läuft',
  cancelling: 'Wird abgebrochen',
  completed: 'Fertig',
  completed_with_errors: 'Zeilen zu korrigieren',
  failed: 'Unterbrochen',
  cancelled: 'Abgebrochen',
  undoing: 'Wird zurückgenommen',
  undone: 'Zurückgenommen',
};

export const badgeWords: Translation['badgeWords'] = {
  nothingImported: 'Nichts importiert',
  mended: 'Zeilen korrigiert',
  restIgnored: 'Zeilen ignoriert',
  notSaved: 'Zeilen nicht gespeichert',
  sumsDiffer: 'Summen weichen ab',
  notAvailable: 'Nicht verfügbar',
  brokenOff: 'Unterbrochen',
  notImported: 'Nicht importiert',
  waiting: 'Wartet',
  uploading: 'Wird gesendet',
  sentAgain: 'Wird erneut gesendet',
  loading: 'Lädt',
};

export const bucketWords: Translation['bucketWords'] = {
  created: { name: 'Angelegt', meaning: 'neue Kontakte' },
  updated: { name: 'Geändert', meaning: 'schon da, geändert' },
  unchanged: { name: 'Unverändert', meaning: 'schon da, gleich' },
  duplicate: { name: 'Doppelt', meaning: 'eine spätere Zeile hat dieselbe E‑Mail' },
  rejected: { name: 'Abgelehnt', meaning: 'von Ihnen zu korrigieren' },
  failed: { name: 'Nicht gespeichert', meaning: 'bitte erneut versuchen' },
  cancelled: { name: 'Abgebrochen', meaning: 'nicht bearbeitet, vorher angehalten' },
};

export const connectionWords: Translation['connectionWords'] = {
  connecting: 'Verbindet',
  live: 'Live',
  degraded: 'Verzögert',
  reconnecting: 'Verbindet neu',
  offline: 'Offline',
  refused: 'Nicht verbunden',
};

const uploadErrorWords: Readonly<Record<string, string>> = {
  connection_broken: 'Die Verbindung riss ab, bevor die ganze Datei angekommen war.',
  file_too_large: 'Die Datei ist größer, als dieser Server annimmt.',
  too_many_rows: 'Die Datei hat mehr Zeilen, als ein Import haben darf.',
  invalid_file: 'Die Datei ist doch keine CSV-Datei, die gelesen werden kann.',
  receiver_restarted: 'Der Server wurde neu gestartet, während er die Datei empfing.',
  log_unavailable: 'Der Server konnte die Datei nicht sicher speichern und hat den Empfang beendet.',
  expired: 'Vom Server, der die Datei empfing, kam keine Nachricht mehr.',
  cancelled: 'Der Import wurde abgebrochen, während die Datei unterwegs war.',
};

export const explainUploadError: Translation['explainUploadError'] = (uploadError) =>
  uploadErrorWords[uploadError ?? ''] ?? 'Das Senden endete, bevor die ganze Datei angekommen war.';
