/** `contacts.csv` → `contacts-rejected.csv`. */
export function rejectedFileName(fileName: string, extension = 'csv'): string {
  return `${fileName.replace(/\.[^.]*$/, '')}-rejected.${extension}`;
}
