/**
 * Which cell goes where: the header's names are matched with the contact's fields by their usual aliases; every other
 * column becomes an attribute of its name.
 */
import { ATTRIBUTE_PREFIX, type ContactField } from '../contracts/contact.ts';
import { isExportColumn } from '../csv/rejected-export.ts';
import { Problem } from '../service-kit/problem.ts';

type MappedField = Exclude<ContactField, 'timeZone'>;

/** Names as people write them, without case, blanks, underscores and hyphens. The time zone follows from the country. */
const aliases: Readonly<Record<MappedField, readonly string[]>> = {
  email: [
    'email',
    'emailaddress',
    'mail',
    'mailaddress',
    'email1',
    'primaryemail',
    'emailadresse',
    'adresseemail',
    'correoelectronico',
    'courriel',
  ],
  firstName: ['firstname', 'first', 'givenname', 'forename', 'vorname', 'prenom', 'nombre'],
  lastName: ['lastname', 'last', 'surname', 'familyname', 'nachname', 'nom', 'apellido', 'apellidos'],
  phone: [
    'phone',
    'phonenumber',
    'telephone',
    'tel',
    'mobile',
    'mobilephone',
    'cell',
    'cellphone',
    'telefon',
    'telefonnummer',
    'handy',
    'telefono',
  ],
  company: [
    'company',
    'companyname',
    'organisation',
    'organization',
    'org',
    'firma',
    'unternehmen',
    'societe',
    'empresa',
    'account',
  ],
  country: ['country', 'countrycode', 'countryname', 'land', 'pays', 'pais'],
};

const fieldByAlias: ReadonlyMap<string, MappedField> = new Map(
  Object.entries(aliases).flatMap(([field, names]) =>
    names.map((name) => [name, field as MappedField] as const),
  ),
);

/**
 * One target for each cell of the header: a field, `attributes.<name>`, or '' for a column that is left out.
 * @param header the header's cells
 * @param mapping from the uploader: a header cell's text to a field, `attributes.<name>`, or '' to leave it out
 * @throws Problem no_email_column, invalid_request (a mapping to what does not exist)
 */
export function planColumns(
  header: readonly string[],
  mapping: Readonly<Record<string, string>> = {},
): string[] {
  const explicit = new Map(
    Object.entries(mapping).map(([name, target]) => [normalise(name), checkTarget(name, target)]),
  );
  const columns = header.map((cell) => explicit.get(normalise(cell)) ?? defaultTarget(cell));
  if (columns.includes('email')) return columns;
  const shown = header.slice(0, 20).map((cell) => `“${cell.slice(0, 40)}”`);
  const seen = header.length > 20 ? `${shown.join(', ')} and ${header.length - 20} more` : shown.join(', ');
  throw new Problem(
    'no_email_column',
    `No column holds e-mail addresses. The header reads ${seen}. Name one column “email”, or map one to it.`,
    { line: 1, field: 'file' },
  );
}

function defaultTarget(cell: string): string {
  const field = fieldByAlias.get(normalise(cell));
  if (field !== undefined) return field;
  const name = cell.trim().toLowerCase();
  const leftOut = name === '' || isExportColumn(name);
  return leftOut ? '' : `${ATTRIBUTE_PREFIX}${name}`;
}

function checkTarget(name: string, target: string): string {
  if (target === '' || target in aliases) return target;
  const attribute = target.startsWith(ATTRIBUTE_PREFIX)
    ? target.slice(ATTRIBUTE_PREFIX.length).trim().toLowerCase()
    : '';
  if (attribute !== '') return `${ATTRIBUTE_PREFIX}${attribute}`;
  const targets = [...Object.keys(aliases), `${ATTRIBUTE_PREFIX}<name>`].join(', ');
  throw new Problem('invalid_request', `The mapping of “${name}” leads nowhere: choose one of ${targets}.`, {
    field: 'mapping',
  });
}

function normalise(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[\s_\-.]/g, '');
}
