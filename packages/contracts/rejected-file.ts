/** How rejected rows are had as a file. */
export type RejectedFileKind = 'csv' | 'xlsx';

/** `contacts.csv` → `contacts-rejected.csv`. */
export function rejectedFileName(fileName: string, kind: RejectedFileKind = 'csv'): string {
  return `${fileName.replace(/\.[^.]*$/, '')}-rejected.${kind}`;
}
