import type { Language } from '../language.ts';

/** How rejected rows are had as a file. */
export type RejectedFileKind = 'csv' | 'xlsx';

/** Of every address that tells why rows were rejected. */
export interface ReasonsQuery {
  /** In which the reasons are told; default: what the client's own languages prefer, else English. */
  readonly language?: Language;
}

/** `contacts.csv` → `contacts-rejected.csv`. */
export function rejectedFileName(fileName: string, kind: RejectedFileKind = 'csv'): string {
  return `${fileName.replace(/\.[^.]*$/, '')}-rejected.${kind}`;
}
