/** `contacts.csv` → `contacts-rejected.csv`. */
export function rejectedFileName(fileName: string): string {
  return `${fileName.replace(/\.[^.]*$/, '')}-rejected.csv`;
}
