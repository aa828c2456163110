/**
 * The fields of a contact. The columns of the database, the rows of the importer, the names of columns in files, the checks of
 * `PATCH /contacts/{id}` and the pages are derived from this table. A new field is one line here, its names in `column-names.ts`, its label in
 * each language of the pages, and a migration.
 */

/**
 * How a field is stored: `email` the key and how it was written, `text` as it was written, `phone` E.164, `country` ISO 3166-1 alpha-2,
 * `timeZone` an IANA name. All but `email` may be ''. The search for contacts looks at `email`, `text` and `phone`.
 */
export type ContactFieldFormat = 'email' | 'text' | 'phone' | 'country' | 'timeZone';

interface ContactFieldPlan {
  /** In JSON. */
  readonly name: string;
  /** In the database's table `contacts`. */
  readonly column: string;
  /** On the pages. */
  readonly label: string;
  readonly format: ContactFieldFormat;
}

/** A new field goes to the end: the database keeps which fields an import has set by their places in this table. */
export const contactFields = [
  { name: 'email', column: 'email', label: 'E-mail', format: 'email' },
  { name: 'firstName', column: 'first_name', label: 'First name', format: 'text' },
  { name: 'lastName', column: 'last_name', label: 'Last name', format: 'text' },
  { name: 'phone', column: 'phone', label: 'Phone', format: 'phone' },
  { name: 'company', column: 'company', label: 'Company', format: 'text' },
  { name: 'country', column: 'country', label: 'Country', format: 'country' },
  { name: 'timeZone', column: 'time_zone', label: 'Time zone', format: 'timeZone' },
] as const satisfies readonly ContactFieldPlan[];

type Plan = (typeof contactFields)[number];
export type ContactField = Plan['name'];

/** The fields that may change: all but the e-mail address, which is the contact's key. */
export const editableFields = contactFields.filter((field) => field.name !== 'email');
export type EditableField = (typeof editableFields)[number]['name'];

/** The fields that a column of a file may be for, by the names of `column-names.ts`: the time zone follows from the country. */
export const columnFields = contactFields.filter((field) => field.name !== 'timeZone');
export type ColumnField = (typeof columnFields)[number]['name'];

/** The fields that the search for contacts looks at. */
const searchedFormats: ReadonlySet<ContactFieldFormat> = new Set(['email', 'text', 'phone']);
export const searchedFields = contactFields.filter(({ format }) => searchedFormats.has(format));

/** No value in any field that may change. */
export const blankFields = Object.fromEntries(editableFields.map(({ name }) => [name, ''])) as Readonly<
  Record<EditableField, string>
>;
