/** The columns of `contacts.csv`, by which the file is known when somebody drops it. */
import { columnFields, contactFields } from '@tidings/contracts/contacts/contact-fields.ts';
import { foldColumnName } from '@tidings/contracts/contacts/fold-column-name.ts';

/** All further columns of a contact, as JSON. */
const FURTHER_COLUMNS = 'Further columns';

export const CONTACTS_EXPORT_COLUMNS: readonly string[] = [
  ...contactFields.map(({ label }) => label),
  FURTHER_COLUMNS,
];

const readByImports: ReadonlySet<string> = new Set(columnFields.map(({ label }) => label));
/** Columns that are there to be read: dropped again they change nothing of a contact. */
const forReading = CONTACTS_EXPORT_COLUMNS.filter((label) => !readByImports.has(label)).map(foldColumnName);

/** Whether the header is that of `contacts.csv`; other columns may have gone, or come. */
export function isContactsExport(header: readonly string[]): boolean {
  const names = new Set(header.map(foldColumnName));
  const [email] = CONTACTS_EXPORT_COLUMNS;
  return names.has(foldColumnName(email ?? '')) && forReading.every((name) => names.has(name));
}

/** Of the columns of `contacts.csv`. */
export function isForReading(name: string): boolean {
  return forReading.includes(foldColumnName(name));
}
